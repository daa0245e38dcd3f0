# SPDX-License-Identifier: GPL-2.0-only
"""A program of scripts/ as a module, so that a test can call its functions."""
import importlib.util
import os
import sys
from importlib.machinery import SourceFileLoader
from unittest import mock

from lib.base import SCRIPTS


def as_module(name):
    """The program ROOM/NAME; nothing is written beside it, and sys.path stays as it is."""
    path = os.path.join(SCRIPTS, name)
    loader = SourceFileLoader(name.replace("/", "_"), path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    with mock.patch.object(sys, "dont_write_bytecode", True), \
            mock.patch.object(sys, "path", [os.path.dirname(path), *sys.path]):
        loader.exec_module(module)
    return module
