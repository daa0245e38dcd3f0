# SPDX-License-Identifier: GPL-2.0-only
"""The calls in a driver, read from its text: from where a function may run, and how often."""
import re

from migrate.c_text import closing, functions, plain

# a change of a variable or member, by its name
CHANGED = r"(?<!\w){0}\s*(?:[-+*/|&^%]?=(?!=)|<<=|>>=|\+\+|--)|(?:\+\+|--)\s*[\w>.-]*\b{0}\b"
LOOP = re.compile(r"\b(?:for|while|do|\w*for_each\w*)\b\s*(?=[({])")
REGISTER = re.compile(r"\bmdev_register_(?:device|parent)\w*\s*\(")
# callbacks of struct mdev_parent_ops and struct mdev_driver, and of struct vfio_device_ops
STRUCTS = ((r"struct mdev_(?:parent_ops|driver)\s+\w+\s*=\s*\{", ("create", "probe"), ("remove",)),
           (r"struct vfio_device_ops\s+\w+\s*=\s*\{", ("init",), ("release",)))


def in_loop(body, at):
    """Whether an offset in a function's body is in a loop that may run more than once."""
    for m in LOOP.finditer(body, 0, at):
        start = m.end()
        if body[start] == "(":
            start = closing(body, start)
        end = start + len(body[start:]) - len(body[start:].lstrip())
        end = closing(body, end) if body[end:end + 1] == "{" else body.find(";", end)
        if start <= at < end:
            return True
    return False


class Callers:
    """The functions of a driver, and the places that name each."""
    def __init__(self, d):
        self.code = {p: plain(t) for p, t in d.old.items()}
        self.functions = [(p, name, body) for p, t in d.old.items() for name, _, body in
                          functions(t)]
        self.known, self.of_vfio = {}, set()

    def calls(self, name):
        """The calls of a function: (caller, whether in a loop)."""
        word = re.compile(r"\b%s\s*\(" % name)
        return [(caller, in_loop(body, m.start())) for _, caller, body in self.functions
                for m in word.finditer(body)]

    def named(self, name):
        """How a function is named other than in a call: "init", "callback", or None."""
        found = None
        for text in self.code.values():
            for m in re.finditer(r"\b%s\b(?!\s*\()" % name, text):
                before = re.search(r"(\w*)\W*$", text[max(0, m.start() - 80):m.start()]).group(1)
                if before == "module_init" or before.endswith("_initcall"):
                    found = found or "init"
                elif not re.fullmatch(r"EXPORT_SYMBOL\w*|module_exit", before):
                    found = "callback"
        return found

    def roots(self, name, seen=()):
        """The functions through which something else enters a function, itself among them."""
        if name in seen:
            return set()
        if name not in self.known:
            callers = {c for c, _ in self.calls(name)} - {name}
            found = {name} if self.named(name) or not callers else set()
            self.known[name] = found.union(*(self.roots(c, (*seen, name)) for c in callers))
        return self.known[name]

    def changes(self, word, name, path, before):
        """(path, offset) of a statement that changes a variable or member after the function that
        registers the parent has read it, or None.

        @before: the text of that function up to there
        """
        registers = self.roots(name)
        for p, f, body in self.functions:
            here = p == path and f == name
            m = re.search(CHANGED.format(word), body[len(before):] if here else body)
            if m and (here or not self.roots(f) <= registers):
                start = self.code[p].find(plain(body))
                return p, max(start, 0) + m.start() + (len(before) if here else 0)
        return None

    def registers(self):
        """The functions that register a parent, one for each call: (function, in a loop)."""
        return [(name, in_loop(body, m.start())) for _, name, body in self.functions
                for m in REGISTER.finditer(body)]

    def many_parents(self):
        """The function that may register more than one parent, or None."""
        sites = self.registers()
        seen = set()
        while sites:
            if len(sites) > 1:
                return sites[0][0]
            name, loop = sites[0]
            if loop or self.named(name) == "callback":
                return name
            if name in seen:
                return None
            seen.add(name)
            sites = self.calls(name)
            if len(sites) > 1:
                return name
        return None

    def callbacks(self):
        """The functions that create an instance, and those that remove one.

        In each set, those of the vfio device are also in self.of_vfio.
        """
        creates, removes = set(), set()
        for text in self.code.values():
            for head, takes, gives in STRUCTS:
                for m in re.finditer(head, text):
                    body = text[m.end():closing(text, m.end() - 1)]
                    for words, found in ((takes, creates), (gives, removes)):
                        names = re.findall(r"\.(?:%s)\s*=\s*&?(\w+)" % "|".join(words), body)
                        found |= set(names)
                        self.of_vfio |= set(names if "vfio_device_ops" in head else ())
            if "mdev_parent_ops" in text:
                # members of a structure that is filled in at run time
                creates |= set(re.findall(r"(?:->|\w\.)create\s*=\s*&?(\w+)", text))
                removes |= set(re.findall(r"(?:->|\w\.)remove\s*=\s*&?(\w+)", text))
        return creates, removes
