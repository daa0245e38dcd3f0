# SPDX-License-Identifier: GPL-2.0-only
"""Descriptions for syzkaller, beside the headers of a kernel.

Debian has no syzkaller. This reads the part of its language that tools/testing/syzkaller uses:
names are defined and used, constants are in the headers, and a structure after a comment that names
one in C has its size.
"""
import os
import re
import shutil
import subprocess
import tempfile

HEADERS = ("vfio.h", "vfio_ccw.h", "iommufd.h", "eventfd.h")
SIZES = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "intptr": 8, "vma": 8, "vma64": 8, "fd": 4}
TYPES = {*SIZES, "const", "flags", "array", "ptr", "string", "glob", "len", "bytesize", "fileoff"}
# words in brackets that are no types
WORDS = {"in", "out", "inout", "parent"}
LINES = {
    "include": r"include <(\S+)>",
    "resource": r"resource (\w+)\[(\w+)\]",
    "list": r"(\w+) = (.+)",
    "struct": r"(\w+) \{\n((?:\t.+\n)+)\}(?: \[packed\])?",
    "call": r"(\w+\$\w+)\((.*)\)(?: (\w+))?",
}
TOKEN = re.compile(r'"[^"]*"|[\w:]+|[\[\],]')


def parsed(text):
    """A type as (name, [options]); an option is a type."""
    tokens, rest = TOKEN.findall(text), TOKEN.sub("", text).strip()
    if rest:
        raise ValueError(f"'{text}' is no type: {rest}")

    def one():
        name, options = tokens.pop(0), []
        if tokens[:1] == ["["]:
            while tokens.pop(0) != "]":
                options.append(one())
        return name, options
    try:
        found = one()
    except IndexError:
        raise ValueError(f"'{text}' has no end") from None
    if tokens:
        raise ValueError(f"'{text}' has too much: {' '.join(tokens)}")
    return found


def fields(text):
    """[(name, type, attribute)] of arguments, or of the lines of a structure."""
    lines = [x.split("\t") for x in text.splitlines()] if "\t" in text else \
        [x.split(" ", 1) for x in re.split(r", (?=\w+ \w)", text) if x]
    lines = [[x for x in line if x] for line in lines]
    for line in lines:
        if len(line) < 2:
            raise ValueError(f"'{' '.join(line)}' has no name, or no type")
    return [(line[0], parsed(line[1]), "".join(line[2:])) for line in lines]


class Descriptions:
    """The definitions of a file; @wrong: what is wrong with them."""

    def __init__(self, text):
        self.resources, self.lists, self.structs, self.calls = {}, {}, {}, {}
        self.named, self.wrong, self.used = {}, [], set()
        # the structure in C that a comment has named for the next definition
        self.last = None
        for block in re.split(r"\n(?=[^\t}])", text):
            comment = re.match(r"# struct (\w+)$", block)
            if comment:
                self.last = comment[1]
            elif block.strip() and not block.startswith("#"):
                self.take(block.rstrip("\n"))
        self.look()

    def take(self, block):
        """Note one definition."""
        kind, m = next(((k, m) for k, p in LINES.items() if (m := re.fullmatch(p, block))),
                       ("", None))
        try:
            if kind == "resource":
                self.resources[m[1]] = m[2]
            elif kind == "list":
                self.lists[m[1]] = m[2].split(", ")
            elif kind == "struct":
                self.structs[m[1]] = fields(m[2])
                if self.last:
                    self.named[m[1]] = self.last
            elif kind == "call":
                self.calls[m[1]] = fields(m[2]), m[3]
            elif not kind:
                self.wrong.append(f"not understood: {block.splitlines()[0]}")
        except ValueError as e:
            self.wrong.append(str(e))
        self.last = None

    def types(self):
        """All types of arguments and members."""
        for args, _ in self.calls.values():
            yield from (t for _, t, _ in args)
        for members in self.structs.values():
            yield from (t for _, t, _ in members)

    def look(self):
        """Note names of types that nothing defines, and definitions that nothing uses."""
        def walk(found, sibling=False):
            name, options = found
            self.used.add(name)
            known = name in TYPES or name.removesuffix("be") in SIZES or name in WORDS or \
                name in {**self.structs, **self.resources, **self.lists} or sibling
            if not known and not re.fullmatch(r'-?[\dx][\w:]*|[A-Z]\w*|".*"', name):
                self.wrong.append(f"nothing is named {name}")
            for option in options:
                # len and bytesize name another member
                walk(option, name in ("len", "bytesize"))
        for found in self.types():
            walk(found)
        made = {result for _, result in self.calls.values()} | {
            t[0] for members in self.structs.values() for _, t, how in members if how == "(out)"}
        for name in {**self.structs, **self.lists, **self.resources}:
            if name not in self.used:
                self.wrong.append(f"nothing uses {name}")
        self.wrong += [f"no call makes {name}" for name in self.resources if name not in made]

    def constants(self):
        """The names of constants."""
        def names(found):
            yield found[0]
            for option in found[1]:
                yield from names(option)
        words = {w for values in self.lists.values() for w in values}
        words |= {w for found in self.types() for w in names(found)}
        return sorted(w for w in words if re.fullmatch(r"[A-Z][A-Z_]\w+", w))

    def size(self, found):
        """The size in bytes of a type as a member; an array of any length has none."""
        name, options = found
        if name in self.structs:
            return sum(self.size(t) for _, t, _ in self.structs[name])
        if name in self.resources:
            return self.size((self.resources[name], []))
        if name == "array":
            number = options[1][0] if len(options) > 1 else "0"
            return int(number.split(":")[0], 0) * self.size(options[0])
        if name in ("const", "flags", "len", "bytesize"):
            return self.size(options[1]) if len(options) > 1 else SIZES["intptr"]
        return SIZES[name.removesuffix("be")]


def compared(found, src):
    """Errors of the compiler about constants and sizes, with the headers of a kernel source."""
    with tempfile.TemporaryDirectory() as tmp:
        os.mkdir(f"{tmp}/linux")
        for name in HEADERS:
            shutil.copy(os.path.join(src, "include/uapi/linux", name), f"{tmp}/linux")
        lines = [f"#include <linux/{name}>" for name in HEADERS]
        lines += [f"static long long c{n} = {name};" for n, name in enumerate(found.constants())]
        lines += [f'_Static_assert(sizeof(struct {c}) == {found.size((ours, []))}, "{ours}");'
                  for ours, c in found.named.items()]
        p = subprocess.run(["gcc", "-xc", "-", "-fsyntax-only", "-w", f"-I{tmp}", "-D__user=",
                            "-D__counted_by(member)=", "-D__packed=__attribute__((packed))"],
                           input="\n".join(lines) + "\n", text=True, capture_output=True)
    return re.findall(r"error: (.*)", p.stderr)


def check(text, src):
    """The faults of a file of descriptions: a list of texts."""
    found = Descriptions(text)
    return found.wrong or compared(found, src)
