# SPDX-License-Identifier: GPL-2.0-only
"""Runs spatch: one semantic patch over files, and its parser over one file."""
import concurrent.futures
import difflib
import os
import re
import subprocess
import tempfile
import threading
import time

from lib.common import TOP, CannotRun
from migrate.c_text import conditional_lines, line_of, macro_lines, plain, read
from migrate.driver import NotConverted
from migrate.grouping import shown_members

COCCI = os.path.join(TOP, "cocci")
MACROS = "--macro-file", os.path.join(COCCI, "macros.h")


def program():
    return os.environ.get("SPATCH", "spatch")


class TimedOut(Exception):
    """spatch did not end within the limit of this driver."""


LIMIT = threading.local()


def limit_spatch(seconds):
    """Let this thread's calls of spatch end within so many seconds from now; None: no limit."""
    LIMIT.end = seconds and time.monotonic() + seconds


def spatch_threads():
    """Two threads whose calls of spatch end with those of this thread."""
    return concurrent.futures.ThreadPoolExecutor(
        2, initializer=lambda end: setattr(LIMIT, "end", end),
        initargs=(getattr(LIMIT, "end", None),))


def call_spatch(*args, **kw):
    end = getattr(LIMIT, "end", None)
    try:
        return subprocess.run([program(), *args], capture_output=True, text=True,
                              timeout=end and max(end - time.monotonic(), 0.01), **kw)
    except subprocess.TimeoutExpired:
        raise TimedOut(os.path.basename(args[1])) from None
    except FileNotFoundError:
        raise CannotRun("spatch is not installed: "
                        "scripts/lib/host-setup cocci installs it") from None


def check_spatch():
    """Stop early where spatch can't run the rules: a missing Python looks like no match."""
    if "Python scripting support: yes" not in call_spatch("--version").stdout:
        raise CannotRun(f"{program()} has no Python scripting, which cocci/*.cocci needs; "
                        "install Debian's coccinelle")


def spatch(patch, files, cwd, mode="patch", *more):
    """Run cocci/PATCH over files below cwd."""
    p = call_spatch("--sp-file", os.path.join(COCCI, patch), "-D", mode, "--no-includes",
                    "--include-headers", *MACROS, *more, *files, cwd=cwd, errors="surrogateescape")
    if "unable to find" in p.stderr and "Py" in p.stderr:
        raise CannotRun("spatch finds no Python library: scripts/lib/host-setup cocci installs it")
    return p


def write_files(folder, texts):
    """Write {path: text} below a folder."""
    for path, text in texts.items():
        os.makedirs(os.path.dirname(os.path.join(folder, path)), exist_ok=True)
        with open(os.path.join(folder, path), "w", errors="surrogateescape") as f:
            f.write(text)


def brace_alone(line):
    """The lines for a line that spatch added: a function's brace has one of its own.

    spatch 1.1.1 ends the head of a new function with "){", 1.3.0 with ") {".
    """
    head = re.match(r"(?:.*\w\)(?=\{$)|\w.*\)(?= \{$))", line)
    return [head[0], "{"] if head else [line]


def tidy(old, new, tabs=False):
    """Remove spatch's leftovers from new lines: empty ones, and braces in the wrong column.

    @tabs: eight spaces at the start of a new line are a tab. With --smpl-spacing, spatch copies the
    line breaks of a long statement, and writes one space for each tab that follows.
    """
    a, b = old.split("\n"), new.split("\n")
    out, indents, fresh = [], [], False
    for tag, _, _, i, j in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for line in b[i:j]:
            ends = bool(out) and out[-1] in ("}", "};") and bool(line.strip()) and fresh
            if tag == "equal":
                # a new function or table ends here
                if ends and not line.startswith(("#", "EXPORT", "module_", "MODULE", "}")):
                    out.append("")
                out.append(line)
                fresh = False
                continue
            if not line.strip() and line:
                continue
            if tabs:
                line = re.sub("^(?: {8})+", lambda m: "\t" * (len(m[0]) // 8), line)
            # spatch takes an iterator for a statement
            line = re.sub(r"\b(\w*for_each\w*) \(", r"\1(", line)
            if re.match(r"\t+\{$", line):
                indents.append(line[:-1])
            elif re.match(r"\t+\},$", line) and indents:
                line = indents.pop() + "},"
            if ends:
                out.append("")
            out += brace_alone(line)
            fresh = True
        if tag == "delete":
            # the empty line after a function went together with the function behind it
            fresh = bool(out) and out[-1] in ("}", "};")
    text = "\n".join(out)
    return re.sub(r"\n\n\n+", "\n\n", text) if "\n\n\n" not in old else text


def conflict(d, files, copy, said):
    """The reason behind spatch's "already tagged": two matches want the same change."""
    shown = "|".join(shown_members(d)) or "/"
    start = re.compile(r"\batomic_set\(&([\w>.-]+),|\b\w+(?:->|\.)(%s)\s*=\s*\w+;" % shown)
    for f in files:
        starts, code = {}, plain(d.old[f])
        for m in start.finditer(code):
            starts.setdefault(m.group(1) or m.group(2), []).append(m)
        for name, places in starts.items():
            if len(places) > 1:
                return NotConverted(f, line_of(code, places[1].start()),
                                    f"the counter {name} is set in more than one place: set it "
                                    "once, before the parent is registered")
    at = re.search(r'File "(.*?)", line (\d+)', said.split("already tagged")[-1])
    path = next((f for f in files if at and copy[f] == at.group(1)), files[0])
    return NotConverted(path, int(at.group(2)) if at else 1,
                        "a rule matches twice here, for two counters or two callback structures: "
                        "convert one of them by hand")


def copies(files, folder=""):
    """A name for the copy of each file in a folder for spatch.

    spatch hands names to a shell, and a path that starts at / must not lead out of the folder.
    """
    return {f: os.path.join(folder, str(n), re.sub(r"[^\w.+-]", "_", os.path.basename(f)))
            for n, f in enumerate(files)}


def apply_patch(d, patch, files, *more):
    """Run one semantic patch over files of a driver; whether it changed d.new."""
    copy = copies(files)
    before = dict(d.new)
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        write_files(tmp, {copy[f]: d.new[f] for f in files})
        p = spatch(patch, list(copy.values()), tmp, "patch", "--in-place", *more)
        said = p.stderr + p.stdout
        if p.returncode and "already tagged" in said:
            raise conflict(d, files, copy, said)
        if p.returncode:
            raise CannotRun(f"cocci/{patch} fails on {files[0]}:\n{p.stderr[-800:]}")
        for f in files:
            now = read(os.path.join(tmp, copy[f]))
            if now != before[f]:
                d.new[f] = tidy(before[f], now)
    return before != d.new


def parse_errors(text, name):
    """How many lines spatch can't parse, and the first of them outside macros and #if."""
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        f = os.path.basename(name)
        write_files(tmp, {f: text})
        p = call_spatch(*MACROS, "--parse-c", os.path.join(tmp, f), errors="replace")
    said = p.stdout + p.stderr
    bad = re.search(r"nb bad\s*=\s*(\d+)", said)
    if not bad:
        raise CannotRun(f"spatch --parse-c gives no count for {name}:\n{said[-400:]}")
    # where a bracket is missing, spatch sees the error at the end of the file: see unbalanced()
    lines = sorted(int(x) for x in re.findall(r'= File "[^"\n]*", line (\d+)', said))
    hidden = conditional_lines(text) | macro_lines(text)
    return int(bad.group(1)), next((n for n in lines if n not in hidden), None)
