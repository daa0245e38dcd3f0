# SPDX-License-Identifier: GPL-2.0-only
"""A step of series.conf or fixes.conf: files of this project, semantic patches over files of the
tree, a line in a makefile.

A step writes nothing. It collects {name: text}, with None for a file that goes; write() makes the
changes when every step has succeeded.
"""
import os
import re
import subprocess
import tempfile

from migrate.c_text import read
from migrate.conversion import convert
from migrate.grouping import drivers
from migrate.patches import spatch, tidy
from migrate.spatch.comments import restored
from lib.common import BUILD, TOP, CannotRun, replace_all, run, series


def steps_of(conf="series.conf"):
    """The steps for a kernel tree, in order; other sections of a file are no steps."""
    steps = series(conf)
    for step in steps.values():
        if "like" in step:
            for key in VARIANT_OF.intersection(steps[step["like"]]) - set(step):
                step[key] = steps[step["like"]][key]
    return [steps[name] for name in steps.sections() if "subject" in steps[name]
            and name != "out-of-tree"]


# what a variant of a step ("like") takes from it
VARIANT_OF = {"subject", "bug", "test", "cocci", "group", "message"}


def in_words_of(step, text):
    """A text with the names that the trees of a step have."""
    for pair in step.get("names", "").split():
        text = text.replace(*pair.split("=", 1))
    return text


def semantic_patches(step):
    """{name: text} of the semantic patches of a step, in the words of its trees."""
    return {name: in_words_of(step, read(os.path.join(TOP, name)))
            for name in step["cocci"].split()}


class Changes:
    """The changes to a tree by the steps so far.

    @pristine: the unmodified tree, which the steps read; @dest: the tree to be written.
    """

    def __init__(self, dest, pristine):
        self.dest, self.pristine, self.new = dest, pristine, {}

    def text(self, name):
        """A file of the tree after the steps so far."""
        if name in self.new:
            return self.new[name]
        return read(os.path.join(self.pristine, name))

    def differing(self):
        """Names of the files that are not yet so in dest."""
        return [n for n, t in self.new.items() if current(os.path.join(self.dest, n)) != t]


COPIED_FROM = ".copied-from"


def is_copy(path, pristine):
    """Whether link_tree() made a folder from this source; its files may have changed since."""
    origin = os.path.join(path, COPIED_FROM)
    return os.path.exists(origin) and read(origin) == pristine


def link_tree(pristine, path):
    """Fill a folder with hard links to a source; with copies where a file system can't."""
    if run(["cp", "-al", pristine + "/.", path], check=False,
           stderr=subprocess.DEVNULL).returncode:
        run(["cp", "-a", pristine + "/.", path])
    with open(os.path.join(path, COPIED_FROM), "w") as f:
        f.write(pristine)


def current(path):
    """The text of a file, None without one."""
    return read(path) if os.path.isfile(path) else None


def write(changes):
    """Write all changes, or none of them; leave a file alone whose content stays.

    A file is replaced, never written into: it may be a hard link to the unmodified tree.
    """
    replace_all({os.path.join(changes.dest, n): changes.new[n] for n in changes.differing()})


def is_source(name):
    """A source file, not something that a build or an editor left beside it."""
    return (name in ("Makefile", "Kbuild", "Kconfig", "Kbuild.include")
            or name.endswith((".c", ".h", ".S")) and not name.endswith(".mod.c"))


def sources(folder):
    return {f for f in os.listdir(folder) if is_source(f)} if os.path.isdir(folder) else set()


def apply_files(changes, names):
    """Files of this project; a folder replaces the sources in the tree's folder."""
    for name in names.split():
        source = os.path.join(TOP, name)
        if not os.path.exists(source):
            raise CannotRun(f"series.conf names {name}, which this checkout lacks")
        if not name.endswith("/"):
            changes.new[name] = read(source)
            continue
        for f in sources(os.path.join(changes.dest, name)):
            changes.new[name + f] = None
        for f in sources(source):
            changes.new[name + f] = read(os.path.join(source, f))


def apply_append(changes, name, line):
    """Add a line to a makefile of the tree, unless it is there."""
    lines = changes.text(name).splitlines()
    if line not in lines:
        changes.new[name] = "\n".join((*lines, line, ""))


def apply_cocci(changes, step):
    """Run the semantic patches of a step over those of its files that the tree has."""
    patches = step["cocci"]
    files = [f for f in step["group"].split()
             if os.path.exists(os.path.join(changes.pristine, f))]
    if not files:
        return
    with tempfile.TemporaryDirectory(dir=BUILD if os.path.isdir(BUILD) else None) as tmp:
        for f in files:
            os.makedirs(os.path.dirname(os.path.join(tmp, f)), exist_ok=True)
            with open(os.path.join(tmp, f), "w", errors="surrogateescape") as out:
                out.write(changes.text(f))
        if patches == "migrate":
            changes.new.update(converted(files, tmp))
            return
        for patch, text in semantic_patches(step).items():
            place = os.path.join(TOP, patch)
            if "names" in step:
                place = os.path.join(tmp, os.path.basename(patch))
                with open(place, "w") as f:
                    f.write(text)
            p = spatch(place, files, tmp, "patch", "--in-place")
            if p.returncode:
                raise CannotRun(f"spatch {patch} failed (exit {p.returncode}):\n{p.stderr[-2000:]}")
        tabs = patches.startswith("cocci/fixes/")
        for f in files:
            old = changes.text(f)
            changes.new[f] = tidy(old, restored(old, read(os.path.join(tmp, f))), tabs)


def converted(files, folder):
    """{name: text} of drivers after the patches that fit them: a driver is converted or refused."""
    found = {}
    for d in drivers(files, folder, closed=True):
        if convert(d).refused:
            raise CannotRun(f"{d.path}:{d.line} of this tree: {d.verdict}: {d.reason}")
        found.update({f: d.new[f] for f in d.old})
    return found


def found(file_and_words, pristine):
    path, *words = file_and_words.split()
    with open(os.path.join(pristine, path), errors="replace") as f:
        text = f.read()
    return all(re.search(rf"\b{word}\b", text) for word in words)


def lacking(step, key, pristine):
    """Whether the tree lacks the word of a condition; true as well for a step without one."""
    return key not in step or not found(step[key], pristine)


def apply_step(step, changes):
    """Collect the changes of one step, which follow those of the steps before it."""
    pristine = changes.pristine
    if not lacking(step, "lacks", pristine) or "has" in step and not found(step["has"], pristine):
        return
    if "files" in step:
        apply_files(changes, step["files"])
    if "install" in step and lacking(step, "install.lacks", pristine):
        for pair in step["install"].split():
            source, name = pair.split("=")
            changes.new[name] = read(os.path.join(TOP, source))
    if "append" in step:
        apply_append(changes, *step["append"].split(" ", 1))
    if "cocci" in step:
        apply_cocci(changes, step)
