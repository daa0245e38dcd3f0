# SPDX-License-Identifier: GPL-2.0-only
"""Trees of declarations and statements of a C file, and the comparison of two of them."""
import bisect
import difflib
import re

BODY_FIRST, BODY_LAST = ("DO_STMT",), ("FOR_STMT", "WHILE_STMT", "SWITCH_STMT")
LABELS = ("LABEL_STMT", "CASE_STMT", "DEFAULT_STMT")
SIMPLE = {"RETURN_STMT": "return", "GOTO_STMT": "jump", "BREAK_STMT": "jump",
          "CONTINUE_STMT": "jump"}


def squeeze(text):
    return " ".join(text.split())


class Node:
    """A declaration or statement; parts are the lists of nodes inside it.

    gone: the other tree lacks it. fresh: it is new. instead: the new nodes at the place of a gone
    one. rewritten: it is in both, with another head.
    """
    def __init__(self, kind, text, cursor, line, key="", parts=()):
        self.kind, self.text, self.cursor, self.line = kind, text, cursor, line
        self.key, self.parts = key or text, parts
        self.gone = self.fresh = self.rewritten = False
        self.head, self.instead, self.last_line = text, [], line

    def walk(self):
        yield self
        for part in self.parts:
            for n in part:
                yield from n.walk()


class Tree:
    """The nodes of one file in a translation unit."""
    def __init__(self, unit, path):
        self.path = path
        with open(path, "rb") as f:
            self.source = f.read()
        comment = rb"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\""
        blank = lambda m: m.group(0) if m.group(0)[:1] == b'"' \
            else re.sub(rb"[^\n]", b" ", m.group(0))
        self.code = re.sub(comment, blank, self.source, flags=re.S)
        self.ends = [m.start() for m in re.finditer(rb"\n", self.code)]
        inside = [c for c in unit.cursor.get_children()
                  if c.location.file and c.location.file.name == path]
        self.nodes = self.sequence(inside, 0, len(self.code), self.declaration)

    def slice(self, start, end):
        return squeeze(self.code[start:end].decode(errors="surrogateescape"))

    def line(self, offset):
        return bisect.bisect_left(self.ends, offset) + 1

    def sequence(self, cursors, start, end, make):
        """The nodes of neighbours, and one for each line between them that is not parsed."""
        nodes, at = [], start
        for c in cursors:
            a, b = c.extent.start.offset, self.end(c)
            if b <= at and at > start:
                # another declarator of the same declaration
                nodes += make(c)
                continue
            nodes += self.gap(at, a)
            made = make(c)
            nodes += made
            at = max(at, b)
        return nodes + self.gap(at, end)

    def gap(self, start, end):
        found = []
        for m in re.finditer(rb"[^\n]+", self.code[start:max(start, end)]):
            text = squeeze(m.group(0).decode(errors="surrogateescape").strip("; \t,"))
            if text:
                found.append(Node("unparsed", text, None, self.line(start + m.start())))
        return found

    def end(self, c):
        """The end of a cursor; clang leaves an initializer out if a name in it is unknown."""
        end = c.extent.end.offset
        if c.kind.name == "VAR_DECL" and self.code[end:end + 80].lstrip()[:1] == b"=":
            stop = self.code.find(b";", end)
            depth = 0
            for i in range(end, stop if stop >= 0 else end):
                byte = self.code[i:i + 1]
                depth += (byte in (b"(", b"[", b"{")) - (byte in (b")", b"]", b"}"))
                if byte == b"," and not depth:
                    return i
            return max(stop, end)
        return end

    def node(self, kind, cursor, text=None, key="", parts=()):
        a, b = cursor.extent.start.offset, self.end(cursor)
        n = Node(kind, self.slice(a, b) if text is None else text, cursor, self.line(a), key, parts)
        n.last_line = self.line(b)
        return n

    # ---- declarations

    def declaration(self, c):
        kind = c.kind.name
        if kind == "FUNCTION_DECL" and c.is_definition():
            return [self.function(c)]
        if kind == "FUNCTION_DECL":
            return [self.node("prototype", c, key=c.spelling)]
        if kind == "VAR_DECL":
            return [self.variable(c)]
        if kind in ("STRUCT_DECL", "UNION_DECL") and c.is_definition():
            # an attribute behind the bracket comes first
            fields = [x for x in c.get_children() if not x.kind.name.endswith("_ATTR")]
            end = self.code.rfind(b"}", 0, c.extent.end.offset)
            start = c.extent.start.offset + self.code[c.extent.start.offset:].find(b"{") + 1
            parts = (self.sequence(fields, start, end, self.member),)
            n = self.node("struct", c, key=c.spelling, parts=parts)
            n.head = f"struct {c.spelling}"
            return [n]
        if kind in ("STRUCT_DECL", "UNION_DECL", "ENUM_DECL") and not c.is_definition():
            # a mention, such as the type of an argument
            return []
        return [self.node("other", c)]

    def member(self, c):
        if c.kind.name == "FIELD_DECL":
            return [self.node("field", c, self.declarator(c), c.spelling)]
        return self.declaration(c)

    def declarator(self, c):
        """One declarator: int a, *b = NULL gives "int a" and "int * b = NULL"."""
        return f"{self.type(c)} " + self.slice(c.location.offset, self.end(c))

    @staticmethod
    def type(c):
        """The type of a declaration, without the sizes of arrays."""
        return re.sub(r" ?\[\d*\]| \(unnamed [^)]*\)", "", c.type.spelling)

    def function(self, c):
        body = next(x for x in c.get_children() if x.kind.name == "COMPOUND_STMT")
        n = self.node("function", c, key=c.spelling, parts=(self.block(body),))
        n.head = self.slice(c.extent.start.offset, body.extent.start.offset)
        return n

    def variable(self, c):
        """A variable at file scope; its parts are the entries of its initializer."""
        a, b = c.extent.start.offset, self.end(c)
        at, entries = self.code.find(b"{", a, b), []
        if at >= 0:
            for start, end in self.commas(at + 1, b - 1):
                text = self.slice(start, end)
                if text:
                    line = self.line(start + len(self.code[start:end])
                                     - len(self.code[start:end].lstrip()))
                    entries.append(Node("entry", text, c, line))
        head = f"{c.storage_class.name.lower()} {self.type(c)} "
        n = self.node("var", c, head + self.slice(c.location.offset, b), c.spelling, (entries,))
        n.head = head + self.slice(c.location.offset, at if at >= 0 else b)
        return n

    def commas(self, start, end):
        """The ranges between the commas outside brackets."""
        depth, at, text = 0, start, re.sub(rb'"(?:\\.|[^"\\\n])*"',
                                           lambda m: b"_" * len(m.group(0)), self.code)
        for i in range(start, end):
            c = text[i:i + 1]
            depth += (c in b"([{") - (c in b")]}")
            if c == b"," and not depth:
                yield at, i
                at = i + 1
        yield at, end

    # ---- statements

    def block(self, c):
        """The nodes of a statement; braces make no difference."""
        if c.kind.name == "COMPOUND_STMT":
            return self.sequence(list(c.get_children()), c.extent.start.offset + 1,
                                 c.extent.end.offset - 1, self.statement)
        return self.statement(c)

    def statement(self, c):
        kind, children = c.kind.name, list(c.get_children())
        if kind == "NULL_STMT":
            return []
        if kind in LABELS and children:
            sub = children[-1]
            text = self.slice(c.extent.start.offset, sub.extent.start.offset)
            label = self.node("label", c, text)
            label.last_line = label.line
            return [label] + self.statement(sub)
        if kind == "COMPOUND_STMT":
            return [self.node("block", c, key="{", parts=(self.block(c),))]
        if kind == "IF_STMT" and len(children) > 1:
            then, other = children[1], children[2:]
            parts = (self.block(then), self.block(other[0]) if other else [])
            return [self.compound("if", c, c.extent.start.offset, then, children[0], parts)]
        if kind in BODY_LAST and children:
            return [self.compound("loop", c, c.extent.start.offset, children[-1], c,
                                  (self.block(children[-1]),))]
        if kind in BODY_FIRST and len(children) > 1:
            n = self.node("loop", c, parts=(self.block(children[0]),))
            n.head = n.key = "do " + self.slice(children[0].extent.end.offset, c.extent.end.offset)
            n.condition = children[1]
            return [n]
        if kind == "DECL_STMT":
            return [n for x in children for n in (
                [self.node("local", x, self.declarator(x), x.spelling)]
                if x.kind.name == "VAR_DECL" else self.declaration(x))]
        return [self.node(SIMPLE.get(kind, "expr"), c)]

    def compound(self, kind, c, start, body, condition, parts):
        n = self.node(kind, c, parts=parts)
        n.head = n.key = self.slice(start, body.extent.start.offset)
        n.condition = condition
        return n


def compare(old, new):
    """Mark the nodes that only one of two lists has."""
    texts = [x.text for x in old], [x.text for x in new]
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, *texts, autojunk=False).get_opcodes():
        if tag != "equal":
            pair(old[i1:i2], new[j1:j2])


def pair(old, new):
    """Match nodes that have the same head or name, and compare their parts."""
    rest = list(new)
    for x in old:
        mate = next((y for y in rest if x.kind == y.kind and x.key == y.key
                     and (x.parts or x.kind in ("local", "field"))), None)
        if mate is None:
            x.gone, x.instead = True, new
            continue
        rest.remove(mate)
        x.rewritten = x.head != mate.head
        x.mate = mate
        for a, b in zip(x.parts, mate.parts):
            compare(a, b)
    for y in rest:
        y.fresh = True
