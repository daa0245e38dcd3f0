# SPDX-License-Identifier: GPL-2.0-only
"""C source as text: line ends, blanked comments, functions, structure members, brackets."""
import difflib
import functools
import re

STRUCT_HEAD = r"^(?:(?:static|typedef|const)\s+)*struct\b[^;(){}=]*\{"
# on one line, or with the last brace in column 0
STRUCT_BODY = r"(?:([^\n{}]*)\}|(.*?)^\})"
# a number that is not below 0, as conversions spell it
BOUND = "max_t(int, "
DIRECTIVE = re.compile(r"\s*#\s*(if\w*|else|elif|endif)\b\s*!?\s*(\w*)")


def read_raw(path):
    """The text of a file with its own line ends."""
    with open(path, errors="surrogateescape", newline="") as f:
        return f.read()


def read(path):
    """The text of a file with \n as its line end."""
    return read_raw(path).replace("\r\n", "\n")


def whole_lines(text):
    """The lines of a text with their ends; str.splitlines() also splits at a form feed."""
    return re.findall(r"[^\n]*\n|[^\n]+", text)


def with_line_ends(raw, new):
    """A changed text with the line ends of the raw one; a new line gets those of most lines."""
    if "\r\n" not in raw:
        return new
    before, after = whole_lines(raw), whole_lines(new)
    end = "\r\n" if 2 * raw.count("\r\n") > raw.count("\n") else "\n"
    out, plain_before = [], whole_lines(raw.replace("\r\n", "\n"))
    match = difflib.SequenceMatcher(None, plain_before, after, autojunk=False)
    for tag, i1, i2, j1, j2 in match.get_opcodes():
        out += before[i1:i2] if tag == "equal" else [x.replace("\n", end) for x in after[j1:j2]]
    return "".join(out)


# many checks ask for the same text; this many files of the largest driver
KEPT = functools.lru_cache(maxsize=128)


@KEPT
def plain(text):
    """C with comments blanked and strings emptied; line numbers stay."""
    def blank(m):
        s = m.group(0)
        return '""' if s.startswith('"') else re.sub(r"[^\n]", " ", s)
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", blank, text, flags=re.S)


@KEPT
def line_changes(old, new):
    """The places where the lines of two texts differ: ((i1, i2, j1, j2), ...), counted from 0."""
    a, b = old.split("\n"), new.split("\n")
    # what both begin and end with needs no matching
    start, end = 0, min(len(a), len(b))
    while start < end and a[start] == b[start]:
        start += 1
    last = 0
    while last < end - start and a[-1 - last] == b[-1 - last]:
        last += 1
    match = difflib.SequenceMatcher(None, a[start:len(a) - last], b[start:len(b) - last],
                                    autojunk=False)
    return tuple(tuple(start + n for n in x[1:]) for x in match.get_opcodes() if x[0] != "equal")


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def find_line(text, pattern):
    """The line of the first match outside comments and strings, or None."""
    m = re.search(pattern, plain(text))
    return line_of(text, m.start()) if m else None


def includes(text):
    """The names that #include "..." gives."""
    return re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M)


def conditions(lines):
    """Each #if with its #endif: [(first line, last line, simple), ...], counted from 0.

    A simple one has no #else, can be true and is no include guard.
    """
    found, stack = [], []
    for n, line in enumerate(lines):
        m = DIRECTIVE.match(line)
        if m and m.group(1).startswith("if"):
            guard = m.group(1) == "ifndef" and re.match(
                r"\s*#\s*define\s+%s\b" % re.escape(m.group(2)), "".join(lines[n + 1:n + 2]))
            stack.append([n, not guard and m.group(2) != "0" and not line.endswith("\\")])
        elif m and m.group(1) == "endif":
            first, simple = stack.pop() if stack else (0, False)
            found.append((first, n, simple))
        elif m and stack:
            stack[-1][1] = False
    return found


def without_outer_if(text):
    """The text without an #if around all of its code: no branch is to be chosen there."""
    lines, code, macros = text.split("\n"), plain(text).split("\n"), macro_lines(text)
    used = [n for n, line in enumerate(code) if line.strip() and n + 1 not in macros]
    for first, last, simple in conditions(code):
        if simple and used and first < used[0] and used[-1] < last:
            lines[first] = lines[last] = ""
    return "\n".join(lines)


@KEPT
def conditional_lines(text):
    """The numbers of the lines inside #if, an include guard and an #if around all code apart."""
    inside, stack = set(), []
    lines = plain(without_outer_if(text)).split("\n")
    for n, line in enumerate(lines, 1):
        m = DIRECTIVE.match(line)
        if m and m.group(1).startswith("if"):
            define = r"\s*#\s*define\s+%s\b" % re.escape(m.group(2))
            guard = m.group(1) == "ifndef" and n < len(lines) and re.match(define, lines[n])
            stack.append(not guard)
        elif m and m.group(1) == "endif" and stack:
            if any(stack):
                inside.add(n)
            stack.pop()
        if any(stack):
            inside.add(n)
    return inside


@KEPT
def functions(text):
    """Name, offset and body of each function, with its braces in column 0 or on one line."""
    found = []
    head = r"^(?![#\s}/])[^;={}]*?\b(\w+)\s*\([^;{}]*\)\s*(?:\n\{(.*?)^\}|\{([^{}\n]*)\}$)"
    for m in re.finditer(head, plain(text), re.M | re.S):
        found.append((m.group(1), m.start(), m.group(2) if m.group(3) is None else m.group(3)))
    return found


def function_at(text, offset):
    """The name of the function that has an offset of the text in its body, or None."""
    return next((name for name, start, _ in functions(text)
                 if start < offset < closing(text, text.find("{", start))), None)


def with_bound(number):
    """A pattern for a number of this pattern, with a bound of 0 or without."""
    return rf"(?:{re.escape(BOUND)})?{number}(?:, 0\))?"


def unused_labels(text):
    """The labels to which no goto of their function jumps."""
    return [label for _, _, body in functions(text)
            for label in re.findall(r"(?m)^(\w+):\s*$", body)
            if label != "default" and not re.search(r"\bgoto %s;" % label, body)]


@KEPT
def members(text):
    """The members of all structures: [(name, line), ...]."""
    found, code = [], plain(text)
    names = r"\w+(?:\[[^\]]*\])*(?:\s*,\s*\**\w+(?:\[[^\]]*\])*)*"
    member = r"(?:^|;)\s*[a-zA-Z_][\w\s*]*?[\s*](%s)\s*(?=;)" % names
    for m in re.finditer(STRUCT_HEAD + STRUCT_BODY, code, re.M | re.S):
        body = 1 if m.group(2) is None else 2
        for x in re.finditer(member, m.group(body)):
            at = line_of(code, m.start(body) + x.start(1))
            name = r"(\w+)(?:\[[^\]]*\])*(?:,|\s|$)"
            found += [(n, at) for n in re.findall(name, x.group(1) + ",")]
    return found


def struct_members(text):
    """The members of each structure with a name: {name: {member}}."""
    found = {}
    for m in re.finditer(STRUCT_HEAD + STRUCT_BODY, plain(text), re.M | re.S):
        name = re.search(r"\bstruct\s+(\w+)", m.group(0))
        if name:
            found[name.group(1)] = {x for x, _ in members(m.group(0))}
    return found


def inside_struct(text, line):
    """Whether the first line of this text stands in a structure's definition."""
    at = ("\n" + text).find("\n" + line)
    if at < 0:
        return False
    braces = STRUCT_HEAD + r"|^\{|^[^\n\t#/ *][^;\n]*\)\s*\{|^\}"
    opener = re.findall(braces, plain(text)[:at], re.M)
    return bool(opener) and "struct" in opener[-1] and "(" not in opener[-1]


@KEPT
def macro_lines(text):
    """The numbers of the lines that belong to a preprocessor directive."""
    found, lines = set(), plain(text).split("\n")
    for n, line in enumerate(lines, 1):
        if re.match(r"\s*#", line) or n - 1 in found and lines[n - 2].endswith("\\"):
            found.add(n)
    return found


def first_branch_lines(text):
    """Number and text of each line of code; of #if and #else, the first branch."""
    branches, macros = [], macro_lines(text)
    for n, line in enumerate(plain(text).split("\n"), 1):
        m = DIRECTIVE.match(line)
        if m and m.group(1).startswith("if"):
            branches.append(True)
        elif m and m.group(1) == "endif":
            branches[-1:] = []
        elif m and branches:
            branches[-1] = False
        elif n not in macros and all(branches):
            yield n, line


def closing(text, at):
    """The offset behind the bracket that closes the one at an offset."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "({[") - (text[i] in ")}]")
        if not depth:
            return i + 1
    return len(text)


def unbalanced(text):
    """The line of the first bracket without a partner, or None."""
    stack, partner = [], {")": "(", "]": "[", "}": "{"}
    for n, line in first_branch_lines(text):
        if stack and line.startswith("}") and stack[-1][0] != "{":
            # a function ends inside parentheses
            return stack[-1][1]
        for c in re.sub(r"'(?:\\.|[^'\\])+'", "", line):
            if c in "([{":
                stack.append((c, n))
            elif c in partner:
                if not stack or stack[-1][0] != partner[c]:
                    return stack[-1][1] if stack else n
                stack.pop()
    return stack[-1][1] if stack else None
