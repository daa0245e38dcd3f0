# SPDX-License-Identifier: GPL-2.0-only
"""Parses the files of a driver with libclang, over api_stubs.h in place of the kernel's headers.

Types and loop macros that the stubs lack are declared as the parser complains about them. A name
that is still unknown, such as a member of a kernel structure, stays an error; callers compare the
errors before and after a conversion.
"""
import os
import re
import sys

from lib.common import CannotRun
from migrate.c_text import includes, without_outer_if
from migrate.patches import write_files

STUBS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "api_stubs.h")
WARNINGS = ("uninitialized", "sometimes-uninitialized", "unused-variable", "unused-function",
            "unused-label", "unused-but-set-variable", "implicit-function-declaration")
ANGLES = re.compile(r"^\s*#\s*include\s+<([\w./-]+)>", re.M)
LOOP = re.compile(r"^\s+(\w*for_each\w*)\s*\(", re.M)


def bindings():
    """The Python module of libclang, which Debian installs for its own Python."""
    if "/usr/lib/python3/dist-packages" not in sys.path:
        sys.path.append("/usr/lib/python3/dist-packages")
    try:
        from clang import cindex
        cindex.Index.create()
        for kinds in (cindex.CursorKind, cindex.LinkageKind, cindex.StorageClass):
            # older bindings fill a table of names at its first use, while other threads read it
            if getattr(kinds, "_name_map", {}) is None:
                kinds._name_map = {v: k for k, v in vars(kinds).items() if isinstance(v, kinds)}
    except (ImportError, OSError) as e:
        raise CannotRun("libclang is not installed: "
                        "scripts/lib/host-setup cocci installs it") from e
    return cindex


class FrontEnd:
    """A folder with the old and the new files of a driver, and stubs for the headers it lacks."""
    def __init__(self, folder, old, new):
        self.cindex = bindings()
        self.index = self.cindex.Index.create()
        self.top = os.path.join(folder, "1/2/3/4/5")
        self.stubs = os.path.join(self.top, "stubs")
        self.names = {p: os.path.normpath("/" + p).lstrip("/") for p in old}
        self.known = {self.path(s, p): p for s in ("old", "new") for p in old}
        for side, texts in (("old", old), ("new", new)):
            write_files(os.path.join(self.top, side), {
                self.names[p]: without_outer_if(t) for p, t in texts.items()})
            for p, text in texts.items():
                self.write_stubs(side, p, text)
        loops = sorted({x for t in old.values() for x in LOOP.findall(t)})
        with open(STUBS) as f:
            known = f.read()
        self.loops = "".join(f"#ifndef {x}\n#define {x}(...) for (;;)\n#endif\n" for x in loops
                             if f"#define {x}(" not in known)
        self.types, self.constants = set(), set()
        self.write_auto()

    def path(self, side, path):
        return os.path.join(self.top, side, self.names[path])

    def write_stubs(self, side, path, text):
        here = os.path.dirname(self.path(side, path))
        for name in ANGLES.findall(text):
            self.write_stub(os.path.join(self.stubs, name))
        for name in includes(text):
            if not os.path.exists(os.path.join(here, name)):
                self.write_stub(os.path.join(self.stubs, name))

    def write_stub(self, path):
        path = os.path.normpath(path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "a"):
            pass

    def write_auto(self):
        text = "".join([*(f"typedef long {x};\n" for x in sorted(self.types)),
                        *(f"enum {{ {x} = 1 }};\n" for x in sorted(self.constants))])
        write_files(self.top, {"auto.h": text + self.loops})

    def parse_once(self, side, path):
        args = ["-xc", "-std=gnu89", "-ferror-limit=0", "-fno-spell-checking", "-Wno-everything",
                *("-W" + w for w in WARNINGS), "-fgnu89-inline", "-I", self.stubs,
                "-include", STUBS, "-include", os.path.join(self.top, "auto.h")]
        return self.index.parse(self.path(side, path), args)

    def parse(self, side, path):
        """The translation unit of a file. The old one declares unknown types and constants."""
        for _ in range(8):
            unit = self.parse_once(side, path)
            said = "\n".join(x.spelling for x in unit.diagnostics)
            types = set(re.findall(r"unknown type name '(\w+)'", said))
            constants = set(re.findall(r"use of undeclared identifier '([A-Z][A-Z0-9_]+)'", said))
            if side == "new" or types <= self.types and constants <= self.constants:
                return unit
            self.types |= types
            self.constants |= constants
            self.write_auto()
        return unit

    def of_driver(self, name):
        """The driver's path of a file name that libclang reports, or None."""
        if name not in self.known:
            self.known[name] = self.known.get(os.path.normpath(name))
        return self.known[name]

    def messages(self, unit):
        """The errors and warnings in the driver's files: [(path, line, text), ...]."""
        found = []
        for x in unit.diagnostics:
            path = self.of_driver(x.location.file.name) if x.location.file else None
            if path:
                text = re.sub(r" at [^\s)]*:\d+:\d+", "", x.spelling)
                found.append((path, x.location.line, text))
        return found
