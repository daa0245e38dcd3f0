# SPDX-License-Identifier: GPL-2.0-only
"""Looks up each file, function and identifier that a page names; wrong() is the check.

Pages: README.md and Documentation/**/*.rst; of MAINTAINERS the patterns of F:. Looked up are
- paths below a folder of this project, anywhere, and what kernel-doc, literalinclude and links of
  Markdown take;
- in inline literals, file names without a folder that end like a source file;
- functions: :c:func:`name`, and name() anywhere; what the option identifiers of kernel-doc takes,
  which Sphinx itself passes over if it is not there;
- in inline literals, identifiers with an underscore: "max_instances", "mdev_parent.unreg_sem", and
  selftests by fixture and name: "held.stop_start".
A name is right if this project has it, or else the kernel tree. A file of a folder that the series
replaces must be in this project. A part in capitals is a placeholder (cocci/tests/NAME.c). Literal
blocks are examples: only paths below scripts/ and Documentation/ are looked up there.
"""
import glob
import os
import re
import subprocess

from docs import fsm
from docs.sources import kernel_source
from lib.common import TOP, series_files

ROOMS = "Documentation|abi|cocci|compat|configs|drivers|include|rust|samples|scripts|tools"
PATH = re.compile(rf"(?<![\w/.=<>-])(?:{ROOMS})/[\w.*/-]*")
FILE = re.compile(r"[\w-]+\.(?:c|h|py|rs|rst|cocci|sh)")
FUNCTION = re.compile(r"(?<![\w./-])((?:\w+\.)?[a-zA-Z_]\w+)\(\)")
IDENTIFIER = re.compile(r"(?:[A-Za-z_]\w*|\*)(?:(?:\.|->|\*\.|\.\*\.)\w+)*")
PLACEHOLDER = re.compile(r"(?:^|[/_.-])[A-Z]{2,}\d*(?:$|[/_.-])")
# where the kernel tree is searched for words
KERNEL = ("include", "arch/s390/include", "drivers/vfio", "drivers/s390/cio", "drivers/s390/crypto",
          "drivers/base", "lib", "kernel", "fs", "samples/vfio-mdev", "drivers/gpu/drm/i915/gvt")
SKIPPED = {"Documentation", "baseline", "layout", "__pycache__"}
# their words prove nothing: they name what the pages name
TEXTS = {"README.md", "COPYING", "MAINTAINERS", "bugs.conf"}


def pages(top):
    found = glob.glob(os.path.join(top, "Documentation/**/*.rst"), recursive=True)
    return sorted(found) + [os.path.join(top, "README.md")]


def rst_lines(text):
    """Each line, and whether it is in a literal block. A drawing is none: it names things too."""
    inside, indent, starts = False, 0, False
    for line in text.splitlines():
        here = len(line) - len(line.lstrip())
        if starts and line.strip():
            inside, starts = here > indent, False
        elif inside and line.strip() and here <= indent:
            inside = False
        yield line, inside
        directive = re.match(r"\s*\.\. ([\w-]+)::", line)
        begins = directive[1] == "code-block" if directive else line.rstrip().endswith("::")
        if begins and not inside:
            starts, indent = True, here


def markdown_lines(text):
    return ((line, line.startswith(("    ", "\t"))) for line in text.splitlines())


def paths(line):
    return [m[0].rstrip(".") for m in PATH.finditer(line)]


def in_example(line):
    return [("file", p) for p in paths(line) if p.startswith(("scripts/", "Documentation/"))]


def in_literal(text):
    """What an inline literal of one word names."""
    if FILE.fullmatch(text):
        return [("file", text)]
    if IDENTIFIER.fullmatch(text):
        found = [("identifier", w) for w in re.findall(r"\w+", text) if "_" in w.strip("_")]
        return found + [("test", text)] if "." in text else found
    return []


def in_prose(line, markdown):
    targets = r"\]\(([^)#:]+)\)" if markdown else r"\.\. (?:kernel-doc|literalinclude):: (\S+)"
    literal = r"`([^`\s]+)`" if markdown else r"``([^`\s]+)``"
    found = [("function", name) for name in re.findall(r":c:func:`(\w+)", line)]
    found += [("function", m[1]) for m in FUNCTION.finditer(line)]
    for option in re.findall(r"^\s+:(?:identifiers|functions): (.*)", line):
        found += [("identifier", name) for name in option.split()]
    found += [("file", name) for name in (*re.findall(targets, line), *paths(line))]
    return found + [x for text in re.findall(literal, line) for x in in_literal(text)]


def names_of(page):
    """(line number, kind, name) for all that a page names."""
    markdown = page.endswith(".md")
    with open(page) as f:
        lines = (markdown_lines if markdown else rst_lines)(f.read())
    for number, (line, example) in enumerate(lines, 1):
        for kind, name in in_example(line) if example else in_prose(line, markdown):
            if not PLACEHOLDER.search(name):
                yield number, kind, name


class Sources:
    """What this project and a kernel tree have: files by path and name, functions, words."""

    def __init__(self, top, kernel, replaced):
        self.top, self.kernel, self.replaced = top, kernel, replaced
        self.words, self.functions, self.fixtures = set(), set(), {}
        self.names = {os.path.basename(page) for page in pages(top)}
        for folder, folders, files in os.walk(top):
            rooms = set(ROOMS.split("|")) if folder == top else set(folders)
            folders[:] = sorted(rooms & set(folders) - SKIPPED)
            self.names |= set(files)
            for name in set(files) - TEXTS:
                self.read(os.path.join(folder, name))
        self.knows = {"file": self.has_file, "function": self.functions.__contains__,
                      "identifier": self.words.__contains__, "test": self.may_be_test}

    def read(self, path):
        with open(path, errors="replace") as f:
            text = f.read()
        self.words |= set(re.findall(r"\w+", text))
        if path.endswith((".c", ".h")):
            self.functions |= set(re.findall(r"\b(\w+)\s*\(", fsm.without_comments(text)))
            for fixture, test in re.findall(r"^TEST_F\w*\((\w+), (\w+)", text, re.M):
                self.fixtures.setdefault(test, set()).add(fixture)
        elif path.endswith(".rs"):
            self.functions |= set(re.findall(r"\bfn (\w+)", text))
        elif path.endswith(".py") or text.startswith("#!"):
            module = os.path.splitext(os.path.basename(path))[0]
            for names in re.findall(r"^\s*def (\w+)\(|^(\w+)\(\)", text, re.M):
                name = "".join(names)
                self.functions |= {name, f"{module}.{name}"}

    def has_file(self, name):
        if "/" not in name:
            return name in self.names or any(
                os.path.exists(os.path.join(self.kernel, folder, name))
                for folder in ("drivers/s390/cio", "drivers/vfio", "include/linux"))
        if glob.glob(os.path.join(self.top, name)):
            return True
        if any(name == r or r.endswith("/") and name.startswith(r) for r in self.replaced):
            return False
        return bool(glob.glob(os.path.join(self.kernel, name)))

    def may_be_test(self, name):
        """FIXTURE[.VARIANT].TEST, with or without PROGRAM before it; "*" is any fixture."""
        *before, test = name.split(".")
        fixtures = self.fixtures.get(test)
        return not fixtures or "*" in before[:1] or bool(fixtures & set(before[:2]))

    def in_kernel(self, kind, names):
        """Those of names that occur in the kernel tree: as words, or functions before a "("."""
        folders = [d for d in KERNEL if os.path.isdir(os.path.join(self.kernel, d))]
        names = sorted(n for n in names if "." not in n)
        if not names or not folders:
            return set()
        pattern = rf"\b({'|'.join(names)})" + (r"\(" if kind == "function" else r"\b")
        p = subprocess.run(["grep", "-rhoE", "--include=*.[ch]", "-e", pattern, *folders],
                           cwd=self.kernel, capture_output=True, text=True, errors="replace")
        return {word.rstrip("(") for word in p.stdout.split()}


def maintained(top):
    """The lines F: of MAINTAINERS, in the form of names_of()."""
    path = os.path.join(top, "MAINTAINERS")
    with open(path) as f:
        for number, line in enumerate(f, 1):
            if line.startswith("F:"):
                yield number, line[2:].strip()


def wrong(kernel=None, top=TOP, replaced=None):
    """None, or a line for each name that neither this project nor the kernel tree has."""
    sources = Sources(top, kernel or kernel_source(),
                      series_files() if replaced is None else replaced)
    missing = [(page, number, kind, name) for page in pages(top)
               for number, kind, name in names_of(page) if not sources.knows[kind](name)]
    words = {kind: sources.in_kernel(kind, {m[3] for m in missing if m[2] == kind})
             for kind in ("function", "identifier")}
    found = [f"{os.path.relpath(page, top)}:{number}: there is no {kind} {name}\n"
             for page, number, kind, name in missing if name not in words.get(kind, ())]
    found += [f"MAINTAINERS:{number}: no file matches {pattern}\n"
              for number, pattern in maintained(top) if not glob.glob(os.path.join(top, pattern))]
    return "".join(dict.fromkeys(found)) or None
