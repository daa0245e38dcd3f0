# SPDX-License-Identifier: GPL-2.0-only
"""Comments and empty lines where spatch 1.1.1 leaves them; 1.3.0 takes them away, or apart.

1.1.1 puts a new function above the comment of the function that follows, 1.3.0 between the two.
1.1.1 keeps the comment and the empty line above a statement that goes, 1.3.0 removes them.
"""
import difflib
import re


def blocks(lines):
    """(start, end) of the comments in column 0 that end above a line of code."""
    start = None
    for n, line in enumerate(lines[:-1]):
        if line.startswith("/*"):
            start = n
        if start is not None and line.endswith("*/"):
            if re.match(r"\w", lines[n + 1]):
                yield start, n + 1
            start = None


def place(lines, part):
    """Where a list has @part, if it is in one place only."""
    found = [n for n in range(len(lines)) if lines[n:n + len(part)] == part]
    return found[0] if len(found) == 1 else None


def above_comments(a, b):
    """Move what stands in @b between a comment of @a and its function above the comment."""
    for start, end in blocks(a):
        there, head = place(b, a[start:end]), place(b, [a[end]])
        if there is None or head is None or head <= there + end - start:
            continue
        after = there + end - start
        # the empty line below the new function stays below it
        b = [*b[:there], *b[after:head], *b[there:after], *b[head:]]
    return b


def leading(lines):
    """The number of empty lines and comments at the start of a list."""
    count = inside = 0
    for n, line in enumerate(lines, 1):
        text = line.strip()
        inside = inside or text.startswith("/*")
        if text and not inside:
            break
        if not inside or text.endswith("*/"):
            inside, count = 0, n
    return count


def kept(a, b):
    """Put back the comments and empty lines that went with the statement below them."""
    out = []
    for tag, i, end, j, stop in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        below = (b[j:] or [""])[0].strip()
        if tag in ("delete", "replace") and below and not below.startswith("}"):
            above = a[i:i + leading(a[i:end])]
            if tag == "replace" or len(above) < end - i:
                out += above
        out += b[j:stop]
    return out


def restored(old, new):
    """The text @new that spatch made of @old, with its comments and empty lines."""
    a = old.split("\n")
    return "\n".join(kept(a, above_comments(a, new.split("\n"))))
