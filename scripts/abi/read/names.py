# SPDX-License-Identifier: GPL-2.0-only
"""The names that a header defines at its outermost level, read from its text.

Both sides of an #if count: the probe leaves out what does not compile. The words of a header are
not preprocessed, so an attribute may be a macro with arguments before a name or behind it.
"""
import re

# definitions of records; what stands before the brace are attributes and the name
RECORD = re.compile(r"^(?:typedef\s+)?(struct|union|enum)\b([^;{}()=]*)\{", re.M)
TYPEDEF = re.compile(r"^typedef\b", re.M)
INLINE = re.compile(r"\b(?:__always_inline|__inline__|__inline|inline)\b")
# operators with the syntax of a call; typeof is a type, the others say nothing about it
CALL = re.compile(r"\b(?:__attribute__|__attribute|(?:__)?typeof(?:__)?|__typeof_unqual__|asm|"
                  r"__asm__|_Alignas|alignas)\s*\(")
BRACKETS = re.compile(r"\[\[.*?\]\]", re.S)
DIRECTIVE = re.compile(r"^[ \t]*#.*$", re.M)
# words that are no type: a name with nothing else before it is an attribute
STORAGE = re.compile(r"\b(?:static|extern|inline|__always_inline|__inline__|__inline|noinline|"
                     r"__maybe_unused|__must_check|__init|__exit|__flatten|notrace|\w+\.)\b|[*\s]")
DEFINE = re.compile(r"^#[ \t]*define[ \t]+(\w+)(\([^)]*\))?[ \t]+(\S[^\n]*)$", re.M)
NO_INTEGER = re.compile(r"do\b|if\b|__attribute__|struct\b|static\b")
EXPRESSION = re.compile(r"[\w\s()+\-*/|&~<>,]+")
NUMBER_OR_NAME = re.compile(r"\d|^\(?[A-Z_][A-Z0-9_]*\b")


def names(header):
    """{kind: [names]}; kinds are struct, union, enum, typedef, inline, constant, macro, and
    enumerator for those of enums without a name."""
    with open(header, errors="replace") as f:
        text = uncommented(f.read())
    found = {kind: [] for kind in ("struct", "union", "enum", "typedef", "inline", "enumerator")}
    defines = DEFINE.findall(text)
    found["macro"] = [n for n, _, _ in defines]
    found["constant"] = [n for n, arguments, value in defines
                         if not arguments and _integer_like(value.strip())]
    text = without_calls(DIRECTIVE.sub("", text))
    for m in RECORD.finditer(text):
        words = m[2].split()
        if words:
            # __packed and the like may stand before the name
            found[m[1]].append(words[-1])
        elif m[1] == "enum" and not m[0].startswith("typedef"):
            body = text[m.end():_end(text, m.end() - 1)]
            # enumerators of enums without a name are constants like any other
            found["enumerator"] += re.findall(r"(?:^|,)\s*(\w+)", body)
    for m in TYPEDEF.finditer(text):
        found["typedef"] += _typedefs(text, m.end())
    for m in INLINE.finditer(text):
        start = max(text.rfind(c, 0, m.start()) for c in ";{}") + 1
        name = function_name(text[start:_head(text, m.end())])
        if name and name not in found["inline"]:
            found["inline"].append(name)
    return found


def uncommented(text):
    text = re.sub(r"/\*.*?\*/", " ", text, flags=re.S)
    return re.sub(r"//[^\n]*", "", text).replace("\\\n", " ")


def _integer_like(value):
    """A constant expression: numbers, other constants, calls of macros such as _IO and BIT."""
    return bool(EXPRESSION.fullmatch(value) and not NO_INTEGER.match(value)
                and NUMBER_OR_NAME.search(value))


def without_calls(text):
    """C text without attributes and typeof, whose parentheses are not those of a function."""
    out, end = [], 0
    for m in CALL.finditer(text):
        if m.start() < end:
            continue
        out.append(text[end:m.start()])
        end = _end(text, m.end() - 1) + 1
        out.append(" int " if "typeof" in m[0] else " ")
    text = "".join(out) + text[end:] if out else text
    return BRACKETS.sub(" ", text) if "[[" in text else text


def _end(text, start):
    """The place of the bracket that closes the one at start, or the end of the text."""
    opening, depth = text[start], 0
    closing = {"(": ")", "{": "}"}[opening]
    for m in re.compile(f"[{opening}{closing}]").finditer(text, start):
        depth += 1 if m[0] == opening else -1
        if not depth:
            return m.start()
    return len(text)


def _head(text, start):
    """The end of a declaration: its semicolon or the brace of its body."""
    m = re.compile(r"[;{]").search(text, start)
    return m.start() if m else len(text)


def _groups(text):
    """[(word before a parenthesis or "", the words before that, what is inside)] of a declaration,
    in its outermost level."""
    found, at = [], 0
    while (start := text.find("(", at)) >= 0:
        end = _end(text, start)
        m = re.search(r"(\w+)\s*$", text[at:start])
        before = text[:at + m.start()] if m else text[:start]
        found.append((m[1] if m else "", before, text[start + 1:end]))
        at = end + 1
    return found


def function_name(declaration):
    """The name of the function that a declaration without attributes declares, or None."""
    groups = _groups(declaration)
    for _, _, inside in groups:
        if inside.lstrip().startswith("*"):
            # a function that returns a pointer to a function
            return function_name("int " + inside.lstrip()[1:])
    named = [(w, before) for w, before, _ in groups if w]
    typed = [w for w, before in named if STORAGE.sub("", re.sub(r"\(.*?\)", "", before))]
    lower = [w for w in typed if not w.isupper()]
    plain = [w for w in lower if not w.startswith("__")]
    return next(iter(plain or lower or [w for w, _ in named]), None)


def _typedefs(text, start):
    """The names that a typedef defines; start is behind the word."""
    end = start
    while (m := re.compile(r"[;{]").search(text, end)) and m[0] == "{":
        end = _end(text, m.start()) + 1
    stop = m.start() if m else len(text)
    declarators = re.sub(r"\{.*\}", " ", text[start:stop], flags=re.S)
    found, depth, parts = [], 0, [""]
    for c in declarators:
        depth += (c in "([") - (c in ")]")
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    for part in parts:
        part = re.sub(r"\b__\w+\s*\((?:[^()]|\([^()]*\))*\)\s*$", "", part)
        m = (re.search(r"\(\s*(?:__\w+\s+)*\*[\s*]*(?:const\s+)?(\w+)", part)
             or re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$", part)
             or re.search(r"\(\s*(\w+)\s*\)\s*\(", part) or re.search(r"(\w+)\s*\(", part))
        if m:
            found.append(m[1])
    return found
