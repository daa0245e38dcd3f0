# SPDX-License-Identifier: GPL-2.0-only
"""The kernel trees of trees.conf: their suites, their architectures and how modules are built."""
import configparser
import os

from lib.common import CannotRun

TREES_CONF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees.conf")


def trees():
    conf = configparser.ConfigParser()
    conf.read(TREES_CONF)
    return conf


def tree_conf(tree):
    conf = trees()
    if tree not in conf:
        raise CannotRun(f"no tree '{tree}' in scripts/tree/trees.conf; "
                        f"choose from: {' '.join(conf.sections())}")
    return conf[tree]


def ways(tree, arch):
    """How modules are built for a tree and an architecture: in-tree, out-of-tree, or both."""
    conf = tree_conf(tree)
    return conf.get(f"build.{arch}", conf["build"]).split()
