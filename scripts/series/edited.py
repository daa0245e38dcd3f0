# SPDX-License-Identifier: GPL-2.0-only
"""Files of a user's kernel tree that were edited there: they are not overwritten unasked.

Files that this project wrote are on record in build/applied/ and may be written again.
"""
import hashlib
import json
import os

from lib.common import BUILD
from lib.git import git, status


def record_of(tree):
    key = hashlib.sha256(os.path.realpath(tree).encode()).hexdigest()[:16]
    return os.path.join(BUILD, "applied", key + ".json")


def hash_of(path):
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


def remember(tree, names):
    """Note the content of the files that this project has just written."""
    path, known = record_of(tree), recorded(tree)
    for name in names:
        there = os.path.join(tree, name)
        if os.path.isfile(there):
            known[name] = hash_of(there)
        else:
            known.pop(name, None)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        json.dump(known, f)


def recorded(tree):
    try:
        with open(record_of(tree)) as f:
            return json.load(f)
    except (FileNotFoundError, ValueError):
        return {}


def git_changes(tree, names):
    """Names that git calls modified, staged or untracked; None where git does not keep the tree."""
    if not git(tree, "ls-files", "--error-unmatch", "Makefile").stdout:
        return None
    letters = status(tree, names)
    return None if letters is None else set(letters)


def younger(tree, names):
    """Names that are younger than the Makefile: an unpacked source has one time for all files."""
    unpacked = os.path.getmtime(os.path.join(tree, "Makefile"))
    return {n for n in names if os.path.getmtime(os.path.join(tree, n)) > unpacked + 1}


def edited(tree, names):
    """Those of the files that hold work of the user's."""
    there = [n for n in names if os.path.isfile(os.path.join(tree, n))]
    suspects = git_changes(tree, there)
    if suspects is None:
        suspects = younger(tree, there)
    known = recorded(tree)
    return sorted(n for n in suspects & set(there)
                  if known.get(n) != hash_of(os.path.join(tree, n)))
