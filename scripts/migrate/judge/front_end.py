# SPDX-License-Identifier: GPL-2.0-only
"""Parses the files of a driver with libclang, over api_stubs.h in place of the kernel's headers.

Types and loop macros that the stubs lack are declared as the parser complains about them. A name
that is still unknown, such as a member of a kernel structure, stays an error; callers compare the
errors before and after a conversion.
"""
import concurrent.futures
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
VALUE = "mdev_judged_value"
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
        self.declared = set()
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
        write_files(self.top, {"auto.h": "".join(sorted(self.declared, reverse=True))
                               + self.loops})

    def parse_once(self, side, path, text=None):
        """The translation unit of a file, or of another text in its place."""
        args = ["-xc", "-std=gnu89", "-ferror-limit=0", "-fno-spell-checking", "-Wno-everything",
                *("-W" + w for w in WARNINGS), "-fgnu89-inline", "-I", self.stubs,
                "-include", STUBS, "-include", os.path.join(self.top, "auto.h")]
        # an index is not made for two threads
        path = self.path(side, path)
        return self.cindex.Index.create().parse(path, args, text and [(path, text)])

    def parse(self, side, files):
        """{path: translation unit}. The old ones declare unknown types and constants."""
        units, left = {}, list(files)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for _ in range(8):
                units.update(zip(left, pool.map(lambda p: self.parse_once(side, p), left)))
                unknown = {p: self.unknown(units[p]) if side == "old" else set() for p in left}
                left = [p for p in left if not unknown[p] <= self.declared]
                if not left:
                    break
                self.declared.update(*unknown.values())
                self.write_auto()
        return units

    @staticmethod
    def unknown(unit):
        """The declarations that a translation unit lacks, of types and of constants."""
        said = "\n".join(x.spelling for x in unit.diagnostics)
        types = re.findall(r"unknown type name '(\w+)'", said)
        constants = re.findall(r"use of undeclared identifier '([A-Z][A-Z0-9_]+)'", said)
        return {*(f"typedef long {x};\n" for x in types),
                *(f"enum {{ {x} = 1 }};\n" for x in constants)}

    def parse_value(self, path, text, number):
        """The translation unit of another text of a new file; value() knows that of @number."""
        return self.parse_once("new", path, f"{text}\nenum {{ {VALUE} = ({number}) }};\n")

    @staticmethod
    def value(unit):
        """The value of a constant expression in a unit of parse_value(), or None if it has none."""
        return next((x.enum_value for c in unit.cursor.get_children()
                     if c.kind.name == "ENUM_DECL" for x in c.get_children()
                     if x.spelling == VALUE), None)

    def of_driver(self, name):
        """The driver's path of a file name that libclang reports, or None."""
        if name not in self.known:
            self.known[name] = self.known.get(os.path.normpath(name))
        return self.known[name]

    def place(self, message):
        """(path, line) of a message in the driver's files, or None."""
        # each look-up of a location asks libclang again
        at = message.location
        path = self.of_driver(at.file.name) if at.file else None
        return (path, at.line) if path else None
