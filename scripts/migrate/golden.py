# SPDX-License-Identifier: GPL-2.0-only
"""The golden tests of the semantic patches: their names, sources, directives and results.

A test is cocci/tests/NAME.c, or the files of a folder NAME/ as one driver. NAME.res holds the
result: the changed files, each under a line "// ---- PATH", or the reason of a refusal.
"""
import glob
import os
import re

from migrate.c_text import read
from migrate.patches import COCCI

TESTS = os.path.join(COCCI, "tests")
LIMIT = re.compile(r"^// LIMIT=(\w+)$", re.M)
DIRECTIVE = re.compile(r"^// (spatch|also): (\S+) (\S+)", re.M)


def names():
    paths = glob.glob(TESTS + "/*.c") + [p.rstrip("/") for p in glob.glob(TESTS + "/*/")]
    return sorted({os.path.basename(p).removesuffix(".c") for p in paths})


def sources(name):
    """The source files of a test, as paths below cocci/tests."""
    folder = os.path.join(TESTS, name)
    if os.path.isdir(folder):
        files = sorted(os.listdir(folder))
        return [os.path.join(name, f) for f in files if f.endswith((".c", ".h"))]
    return [name + ".c"]


def texts(name):
    return {f: read(os.path.join(TESTS, f)) for f in sources(name)}


def directive(name):
    """What the head of a test asks for: (spatch or also, patch, modes), or None."""
    m = DIRECTIVE.search(read(os.path.join(TESTS, sources(name)[0])))
    return (m.group(1), m.group(2), m.group(3).split(",")) if m else None


def limit_words(name):
    """The owner's word about the limit in the head of a test."""
    return set(LIMIT.findall(read(os.path.join(TESTS, sources(name)[0]))))


def result_path(name):
    return os.path.join(TESTS, name + ".res")


def shown(path, text):
    """One file in a result."""
    return f"// ---- {path}\n{text}"


def converted(name):
    """The files of a converted driver as its result has them, or None for a refused one."""
    # output of single patches follows the files
    text = read(result_path(name)).split("// ---- context\n")[0]
    parts = re.split(r"(?m)^// ---- (\S+)\n", text)
    return {**texts(name), **dict(zip(parts[1::2], parts[2::2]))} if len(parts) > 1 else None
