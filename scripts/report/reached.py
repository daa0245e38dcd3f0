# SPDX-License-Identifier: GPL-2.0-only
"""Lines and branches of the mdev core that were reached, from the counts of gcov in a log."""
import base64
import binascii
import collections
import fnmatch
import glob
import io
import json
import os
import shutil
import subprocess
import tarfile
import tempfile

from lib.common import TOP, CannotRun
from report.expected import lines_of
from vm.reports import read

LEAST = 97              # percent of the lines
SOURCES = "drivers/vfio/mdev"
MARK = "@@GCOV "

Reason = collections.namedtuple("Reason", "file often function text reason")


class Line:
    """A line of a source file that has code."""

    def __init__(self):
        self.function, self.count, self.branches = "", 0, []

    def add(self, found):
        """Add what gcov found for this line."""
        self.function = found.get("function_name", "")
        self.count += found["count"]
        counts = [b["count"] for b in found["branches"]]
        # a function that was inlined has its branches once more
        self.branches += [0] * (len(counts) - len(self.branches))
        self.branches = [a + b for a, b in zip(self.branches, counts + [0] * len(self.branches))]


def counts_of(log, folder):
    """Write the *.gcda in a log into a folder."""
    text = "".join(x.removeprefix(MARK).strip() for x in read(log) if x.startswith(MARK))
    if not text:
        raise CannotRun(f"{log} has no counts of gcov: run vm/suite on a kernel with "
                        "CONFIG_GCOV_KERNEL, such as 7.3 x86 kasan")
    try:
        with tarfile.open(fileobj=io.BytesIO(base64.b64decode(text, validate=True))) as tar:
            for member in tar:
                if member.name.endswith(".gcda"):
                    with open(os.path.join(folder, os.path.basename(member.name)), "wb") as f:
                        shutil.copyfileobj(tar.extractfile(member), f)
    except (binascii.Error, EOFError, OSError, tarfile.TarError) as e:
        raise CannotRun(f"the counts of gcov in {log} are damaged: {e}") from None


def gcov(log, notes):
    """What gcov says about each source file, for the counts in a log."""
    with tempfile.TemporaryDirectory() as folder:
        counts_of(log, folder)
        for path in sorted(glob.glob(os.path.join(folder, "*.gcda"))):
            name = os.path.basename(path).removesuffix(".gcda")
            note = os.path.join(notes, name + ".gcno")
            if not os.path.exists(note):
                raise CannotRun(f"{note} is missing: build the modules again, and run {log} again")
            shutil.copy2(note, folder)
            p = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities",
                                os.path.basename(path)], cwd=folder, capture_output=True,
                               text=True, check=False)
            if p.returncode or p.stderr:
                raise CannotRun(f"gcov on {name}.gcda of {log}: {p.stderr.strip()}; after a new "
                                "build of the modules, run the suite again")
            yield from json.loads(p.stdout)["files"]


def measure(logs, notes):
    """{file: {number: Line}} of the core's sources."""
    found = collections.defaultdict(lambda: collections.defaultdict(Line))
    for log in logs:
        for file in gcov(log, notes):
            name = os.path.basename(file["file"])
            if not os.path.exists(os.path.join(TOP, SOURCES, name)):
                continue
            for line in file["lines"]:
                found[name][line["line_number"]].add(line)
    missing = [name for path in glob.glob(os.path.join(TOP, SOURCES, "*.c"))
               if not (name := os.path.basename(path)).endswith("_kunit.c") and name not in found]
    if missing:
        raise CannotRun(f"gcov says nothing about {', '.join(sorted(missing))}")
    return found


def reasons(path):
    """The entries of unreached.txt."""
    return [Reason(*fields) for fields in
            lines_of(path, "FILE, always or sometimes, FUNCTION, TEXT and REASON")]


def unreached(found):
    """(file, number, function, text) of each line that was not reached."""
    for name, lines in sorted(found.items()):
        with open(os.path.join(TOP, SOURCES, name)) as f:
            source = f.read().splitlines()
        for number, line in sorted(lines.items()):
            if not line.count:
                yield name, number, line.function, source[number - 1].strip()


def judge(found, entries):
    """The lines of the report, and whether all is well."""
    missed = list(unreached(found))
    used, bad = set(), []
    for name, number, function, text in missed:
        entry = next((e for e in entries if (e.file, e.function) == (name, function)
                      and fnmatch.fnmatchcase(text, e.text)), None)
        used.add(entry)
        if entry:
            yield f"# {name}:{number}: {text}: {entry.reason}"
        else:
            bad.append(f"{name}:{number}: {function}: not reached, and no reason is given: {text}")
    unexplained = len(bad)
    bad += [f"{e.file}: {e.function}: reached, or gone; remove its line: {e.text}"
            for e in entries if e.often == "always" and e not in used]
    total = [line for lines in found.values() for line in lines.values()]
    reached = sum(line.count > 0 for line in total)
    taken = [count > 0 for line in total for count in line.branches]
    if 100 * reached < LEAST * len(total):
        bad.append(f"fewer than {LEAST} percent of the lines are reached")
    yield from (f"FAIL {x}" for x in bad)
    yield (f"gcov: {100 * reached / len(total):.1f} % of {len(total):,} lines, "
           f"{100 * sum(taken) / len(taken):.1f} % of {len(taken):,} branches; "
           f"{len(missed)} {'line' if len(missed) == 1 else 'lines'} not reached, "
           f"{len(missed) - unexplained} of them with a reason")
