# SPDX-License-Identifier: GPL-2.0-only
"""What a step of series.conf does to a tree: files of ours, semantic patches over files of the tree, a line in a makefile."""
import filecmp
import os
import re
import shutil
import tempfile

from migrate.c_text import read
from migrate.conversion import convert
from migrate.grouping import drivers
from migrate.patches import spatch
from lib.common import BUILD, TOP, CannotRun


def replace(source, dest):
    """Give dest the content of source; never write into an old dest, which may be a hard link."""
    if os.path.exists(dest) and filecmp.cmp(source, dest, shallow=False):
        return
    os.makedirs(os.path.dirname(dest), exist_ok=True)
    shutil.copyfile(source, dest + ".new")
    os.rename(dest + ".new", dest)


def put(text, dest):
    """Give dest this text, as replace() does with a file."""
    if not os.path.exists(dest) or read(dest) != text:
        with open(dest + ".new", "w", errors="surrogateescape") as f:
            f.write(text)
        os.rename(dest + ".new", dest)


def is_source(name):
    """A file of ours, not something that a build or an editor left beside it."""
    return name in ("Makefile", "Kbuild", "Kconfig", "Kbuild.include") or name.endswith((".c", ".h", ".S"))


def apply_files(dest, names):
    for name in names.split():
        source = os.path.join(TOP, name)
        if not os.path.exists(source):
            raise CannotRun(f"series.conf names {name}, which is not in this checkout")
        if not name.endswith("/"):
            replace(source, os.path.join(dest, name))
            continue
        ours = {f for f in os.listdir(source) if is_source(f)}
        there = os.path.join(dest, name)
        for f in os.listdir(there) if os.path.isdir(there) else ():
            if is_source(f) and f not in ours and not f.endswith(".mod.c"):
                os.unlink(os.path.join(there, f))
        for f in sorted(ours):
            replace(os.path.join(source, f), os.path.join(there, f))


def apply_append(pristine, changed, name, line):
    """Add a line to a makefile of the tree, unless it is there."""
    lines = text_of(pristine, changed, name).splitlines()
    if line not in lines:
        changed[name] = "\n".join((*lines, line, ""))


def text_of(pristine, changed, name):
    """A file of the tree as the steps so far left it."""
    return changed[name] if name in changed else read(os.path.join(pristine, name))


def apply_cocci(pristine, changed, patches, group):
    """Run semantic patches over a group of files of the tree.

    Drivers are left to migrate/conversion.py, which chooses the rules and converts all of a driver or nothing.
    """
    files = [f for f in group.split() if os.path.exists(os.path.join(pristine, f))]
    if not files:
        return
    with tempfile.TemporaryDirectory(dir=BUILD if os.path.isdir(BUILD) else None) as tmp:
        for f in files:
            os.makedirs(os.path.dirname(os.path.join(tmp, f)), exist_ok=True)
            put(text_of(pristine, changed, f), os.path.join(tmp, f))
        if patches == "migrate":
            for d in drivers(files, tmp, closed=True):
                if convert(d).refused:
                    raise CannotRun(f"{d.path}:{d.line} of this tree: {d.verdict}: {d.reason}")
                changed.update({f: d.new[f] for f in d.old})
            return
        for patch in patches.split():
            p = spatch(patch.removeprefix("cocci/"), files, tmp, "patch", "--in-place")
            if p.returncode:
                raise CannotRun(f"spatch {patch} failed (exit {p.returncode}):\n{p.stderr[-2000:]}")
        changed.update({f: read(os.path.join(tmp, f)) for f in files})


def found(file_and_word, pristine):
    path, word = file_and_word.split()
    with open(os.path.join(pristine, path), errors="replace") as f:
        return bool(re.search(rf"\b{word}\b", f.read()))


def lacking(step, key, pristine):
    """Whether the tree lacks what the step is for; so does one of which nothing is said."""
    return key not in step or not found(step[key], pristine)


def apply_step(dest, step, pristine, changed):
    """Do what a step says. What becomes of files of the tree is only noted in changed, {name: text}: several steps may change one."""
    if not lacking(step, "lacks", pristine) or "has" in step and not found(step["has"], pristine):
        return
    if "files" in step:
        apply_files(dest, step["files"])
    if "install" in step and lacking(step, "install.lacks", pristine):
        for pair in step["install"].split():
            ours, name = pair.split("=")
            replace(os.path.join(TOP, ours), os.path.join(dest, name))
    if "append" in step:
        apply_append(pristine, changed, *step["append"].split(" ", 1))
    if "cocci" in step:
        apply_cocci(pristine, changed, step["cocci"], step["group"])
