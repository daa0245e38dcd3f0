# SPDX-License-Identifier: GPL-2.0-only
"""Folders of the project and of the host, and the exception that ends in exit code 2."""
import os
import shutil
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = os.path.join(TOP, "scripts")
BUILD = os.path.abspath(os.environ["O"]) if os.environ.get("O") else os.path.join(TOP, "build")
OUT = os.path.join(TOP, "out")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
                     "mdev-lifecycle")

FULL = 4 << 20      # bytes of free space; with less, a command fails for want of it

# Variables of a user's environment that change nothing here: a program passes on what it means.
# kbuild would take O=, V= and the jobs of the calling make from the first line, another output
# folder, module, compiler or release from the next ones; git, in a hook, another repository.
for _name in ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL",
              "KBUILD_OUTPUT", "KBUILD_EXTMOD", "KBUILD_EXTRA_SYMBOLS", "M", "MO",
              "LLVM", "LLVM_IAS", "LOCALVERSION", "KERNELRELEASE", "KERNELVERSION",
              "KCONFIG_CONFIG", "KCONFIG_ALLCONFIG", "SRCARCH", "SUBARCH", "CDPATH", "GIT_DIR",
              "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "LANGUAGE"):
    os.environ.pop(_name, None)
# messages of make, gcc and apt are read. kbuild drops LC_ALL, and then LANG is in force
for _name in [n for n in os.environ if n.startswith("LC_")]:
    del os.environ[_name]
os.environ["LANG"] = os.environ["LC_ALL"] = "C.UTF-8"


class CannotRun(Exception):
    """A tool, a package, the network or the disk failed, so nothing was decided: exit code 2."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def below(path, folder):
    """Whether path is folder or something in it."""
    return (os.path.realpath(path) + os.sep).startswith(os.path.realpath(folder) + os.sep)


def full_disks():
    """A sentence for each disk of this project's folders that is full, for a failed command."""
    found = {}
    for path in (BUILD, OUT, CACHE, tempfile.gettempdir()):
        there = path
        while not os.path.exists(there):
            there = os.path.dirname(there)
        if shutil.disk_usage(there).free < FULL:
            found.setdefault(os.stat(there).st_dev, path)
    return "".join(f"\nThe disk of {p} is full: {how_to_free(p)}" for p in found.values())


def how_to_free(path):
    """How to get space on the disk of path, which is in build/, out/, the cache or $TMPDIR."""
    cache = (f"{CACHE} is the cache of packages and kernels; make clean does not empty it, "
             "deleting it is safe")
    if below(path, CACHE):
        return cache
    if below(path, BUILD) or below(path, OUT):
        return f"make clean deletes build/ and out/; {cache}"
    if below(path, tempfile.gettempdir()):
        return "TMPDIR= names another folder for temporary files"
    return f"free some space on the disk of {path}"
