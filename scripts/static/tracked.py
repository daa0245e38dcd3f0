# SPDX-License-Identifier: GPL-2.0-only
"""The files of this checkout: those that git tracks, or in a tarball all that no build made."""
import fnmatch
import os
import subprocess

from lib.common import TOP, CannotRun

MADE = {"build", "out", ".git"}         # at the top


def everything(top=TOP):
    """All files, as paths from the top. A tarball may lie in a repository of somebody else."""
    if os.path.exists(os.path.join(top, ".git")):
        names = subprocess.run(["git", "-C", top, "ls-files", "-z"], stdout=subprocess.PIPE,
                               check=True).stdout.decode().split("\0")
        # a check of no file would pass
        if names == [""]:
            raise CannotRun(f"git tracks no file of {top}; git -C {top} reset lists them")
        return sorted(n for n in names if n and os.path.isfile(os.path.join(top, n)))
    found = []
    for folder, folders, names in os.walk(top):
        made = MADE if folder == top else {"__pycache__"}
        folders[:] = [d for d in folders if d not in made]
        found += [os.path.relpath(os.path.join(folder, n), top) for n in names]
    return sorted(found)


def matching(*patterns):
    """The files that match one of the patterns, in which * stands for folders too."""
    return [n for n in everything() if any(fnmatch.fnmatchcase(n, p) for p in patterns)]


def text(name):
    """The content of a file of the checkout."""
    with open(os.path.join(TOP, name), errors="replace") as f:
        return f.read()
