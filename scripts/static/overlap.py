# SPDX-License-Identifier: GPL-2.0-only
"""C of this project that stands in a kernel tree too: the same significant lines in the same order.

This project writes its own files. A run of LIMIT lines or more is a failure.
"""
import os
import re

from static.tracked import matching, text
from lib.common import CannotRun

PLACES = ("drivers/vfio", "drivers/s390/cio", "drivers/s390/crypto", "drivers/gpu/drm/i915/gvt",
          "samples/vfio-mdev", "include/linux/mdev.h", "include/linux/vfio.h",
          "tools/testing/selftests/vfio")
WINDOW = 6              # lines that have to be equal before a run counts
LIMIT = 12
COMMENT = re.compile(r"/\*.*?\*/", re.S)
DEFINITION = re.compile(r"(typedef )?(struct|union|enum)( \w+)* \{$")


def significant(code):
    """[(line number, line)] with white space folded.

    Comments, includes, lone braces and words, and the definitions of types are left out: an
    interface has to be the same.
    """
    code = COMMENT.sub(lambda m: "\n" * m[0].count("\n"), code)
    found, depth = [], 0
    for number, line in enumerate(code.split("\n"), 1):
        line = " ".join(re.sub(r"//.*", "", line).split())
        if depth:
            depth += line.count("{") - line.count("}")
        elif DEFINITION.match(line):
            depth = 1
        elif re.search(r"\w\W+\w", line) and not line.startswith(("#include", "#endif", "#else")):
            found.append((number, line))
    return found


def windows(lines):
    """(index, the WINDOW lines from there) for each place in lines."""
    for i in range(len(lines) - WINDOW + 1):
        yield i, tuple(line for _, line in lines[i:i + WINDOW])


def kernel_windows(ksrc):
    """{WINDOW lines: (file, line number)} of a kernel tree."""
    found = {}
    for place in PLACES:
        top = os.path.join(ksrc, place)
        files = [top] if os.path.isfile(top) else [
            os.path.join(folder, n) for folder, _, names in os.walk(top) for n in names]
        for path in sorted(f for f in files if f.endswith((".c", ".h"))):
            with open(path, errors="replace") as f:
                lines = significant(f.read())
            for i, window in windows(lines):
                found.setdefault(window, (os.path.relpath(path, ksrc), lines[i][0]))
    if not found:
        raise CannotRun(f"{ksrc} has no file in {', '.join(PLACES)}")
    return found


def runs(lines, theirs):
    """(length, first line number, place in the kernel) of each run of lines that both have."""
    equal = {i: theirs[w] for i, w in windows(lines) if w in theirs}
    start = None
    for i in range(len(lines) + 1):
        if i in equal:
            start = i if start is None else start
        elif start is not None:
            yield i - start + WINDOW - 1, lines[start][0], equal[start]
            start = None


def wrong(ksrc):
    """The runs of LIMIT lines or more, as text, or None."""
    theirs, found = kernel_windows(ksrc), []
    for name in matching("drivers/*.[ch]", "include/*.h", "compat/*.[ch]", "tools/*.[ch]"):
        for length, line, (path, at) in runs(significant(text(name)), theirs):
            if length >= LIMIT:
                found.append(f"{name}:{line}: {length} lines stand in {path}:{at}, too; "
                             f"fewer than {LIMIT} are a coincidence")
    return "\n".join(found) or None
