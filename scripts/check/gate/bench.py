# SPDX-License-Identifier: GPL-2.0-only
"""The seeded changes of abi/mutations.conf: build one, and compare the gate's answer with it."""
import configparser
import fnmatch
import os
import re
import shutil
import threading

import abi.build
import abi.read.headers
import abi.report
import abi.run
import abi.uapi
from abi.kdir import ABI_BUILD, source
from abi.judge.suppress import Suppressions
from lib.common import TOP, CannotRun, run

CONF = os.path.join(TOP, "abi/mutations.conf")
EDIT = re.compile(r"(\S+) ~(.*?)~(.*)~")


def mutations(path=CONF):
    """{name: {key: value}} of a file; a section with a table makes one mutation of each row."""
    conf, found = configparser.ConfigParser(interpolation=None, delimiters=("=",)), {}
    conf.optionxform = str
    with open(path) as f:
        conf.read_file(f)
    for section in conf.sections():
        for row in _rows(conf[section].get("each", "").strip().splitlines() or ["", ""]):
            name, *values = (_filled(x, row) for x in (section, *conf[section].values()))
            if name in found:
                raise CannotRun(f"{path}: two mutations have the name {name}")
            found[name] = dict(zip(conf[section], values))
    return found


def _rows(table):
    """The rows of a table as {column: cell}; the first line has the names of the columns."""
    columns, *rows = ([c.strip() for c in line.split(" | ")] for line in table)
    for row in rows:
        if len(row) != len(columns):
            raise CannotRun(f"abi/mutations.conf: a row of {len(row)} cells below "
                            f"{len(columns)} columns: {' | '.join(row)}")
        yield dict(zip(columns, row))


def _filled(text, row):
    for column, cell in row.items():
        text = text.replace(f"<{column}>", cell) if column else text
    return text


def on_tree(mutation, tree):
    """A mutation with the values that it has on one tree alone: "cause.7.3" instead of "cause"."""
    end = "." + tree
    own = {k.removesuffix(end): v for k, v in mutation.items() if k.endswith(end)}
    return {**mutation, **own}


def edit(folder, edits):
    """Make the edits of a mutation in the files of a folder."""
    for line in edits.strip().splitlines():
        name, regex, replacement = EDIT.fullmatch(line.strip()).groups()
        path = os.path.join(folder, name)
        with open(path) as f:
            text = f.read()
        changed, n = re.subn(regex, replacement.replace(r"\&", "&"), text)
        if not n or changed == text:
            raise CannotRun(f"abi/mutations.conf: {name} has nothing that matches {regex}")
        with open(path, "w") as f:
            f.write(changed)


class Bench:
    """Our modules, built once. Each mutation starts from a copy and rebuilds what it changes."""

    def __init__(self, tree, arch):
        self.tree, self.arch, self.src = tree, arch, source(tree, arch)
        # one change at a time is built
        self.lock = threading.Lock()
        stock, _, self.headers = abi.build.build_pair(tree, arch)
        base = os.path.join(ABI_BUILD, f"{tree}-{arch}")
        # copies, because an abi-check that runs beside may build the originals again; kbuild
        # records absolute paths, so every build happens in self.work
        self.stock, self.snapshot, self.work, self.before = (
            os.path.join(base, "mutation" + end) for end in ("-stock", "-base", "", "-before"))
        self.preprocess(stock)
        self.sync(stock, self.stock)
        if not os.path.exists(os.path.join(self.work, ".built")):
            # an interrupted run left objects of a mutation
            shutil.rmtree(self.work, ignore_errors=True)
        abi.build.stage_ours(self.work, self.src, arch)
        for header in abi.uapi.HEADERS:
            abi.build.copy(abi.uapi.path_of(header, TOP, self.src),
                           os.path.join(self.work, "include/uapi", header))
        abi.build.build(self.work, self.headers, arch, "our modules, for the mutations")
        self.preprocess(self.work)
        self.sync(self.work, self.snapshot)

    @staticmethod
    def sync(origin, dest):
        run(["rsync", "-a", "--delete", origin + "/", dest + "/"])

    def build(self, what):
        abi.build.stage_probe(self.work)
        abi.build.build(self.work, self.headers, self.arch, f"the mutation {what}")
        self.preprocess(self.work)

    def preprocess(self, folder):
        """Read the headers before the folder is copied: the compile command has its path."""
        abi.read.headers.read(folder, abi.build.staged_headers(folder), self.headers)

    def check(self, name, mutation, table=None):
        """None, or how the gate's result for a mutation differs from what it expects."""
        mutation = on_tree(mutation, self.tree)
        with self.lock:
            result = self.judge(name, mutation)
            wrong = difference(result, mutation)
            if table:
                table.note(self.tree, name, mutation, result, wrong)
        return wrong

    def judge(self, name, mutation, suppressions=None):
        """The gate's result for a mutation."""
        self.sync(self.snapshot, self.work)
        old, reviewed = self.stock, True
        if "before" in mutation:
            edit(self.work, mutation["before"])
            self.build(name + " (before)")
            self.sync(self.work, self.before)
            old, reviewed = self.before, False
        edit(self.work, mutation["edit"])
        self.build(name)
        return abi.run.compare_folders(self.tree, self.arch, old, self.work, self.headers,
                                       suppressions or Suppressions(), root=self.work,
                                       reviewed=reviewed, layout=False)


def difference(result, mutation):
    """None, or how the gate's result differs from what the mutation expects."""
    wrong, wanted = [], mutation["verdict"]
    accepted = (wanted, abi.report.SAME) if wanted == abi.report.ADDITIONS else (wanted,)
    if result.verdict() not in accepted:
        wrong.append(f"verdict '{result.verdict()}', expected '{wanted}'")
    for key, facts in (("cause", [i for c in result.open() for i in c.ids()]),
                       ("allowed", [i for c in result.allowed() for i in c.ids()]),
                       ("unread", result.unread), ("note", result.notes),
                       ("second", result.second.lines if result.second else [])):
        expected = [x.strip() for x in re.split(r"\n| \+ ", mutation.get(key, "")) if x.strip()]
        wrong += [f"not reported: {x}" for x in expected if not fnmatch.filter(facts, x)]
        if key in ("note", "second"):
            continue
        wrong += [f"reported without cause: {f}" for f in facts
                  if not any(fnmatch.fnmatchcase(f, x) for x in expected)]
    needs = abi.report.WORDS[max((c.effect for c in result.open()), default=0)]
    if "needs" in mutation and needs != mutation["needs"]:
        wrong.append(f"asks drivers for '{needs}', expected '{mutation['needs']}'")
    reported = {"patch": {p for c in result.open() for p, _ in c.patches},
                "drivers": {d for c in result.open() for d in c.drivers or ()},
                "reaches": {e for c in result.open() for e in c.exports}}
    wrong += [f"{key}: {' '.join(sorted(names)) or 'nothing'}, expected {mutation[key]}"
              for key, names in reported.items()
              if key in mutation and names != set(mutation[key].split())]
    return "\n".join(wrong + abi.report.text([result]).splitlines()) if wrong else None
