# SPDX-License-Identifier: GPL-2.0-only
"""Traps for the gate: inputs on which it has no answer, and reviewed files that went stale."""
import json
import os
import re
import shutil
import subprocess
from unittest import mock

import abi.build
import abi.layout
import abi.read.dump
import abi.report
import abi.run
import abi.series
import abi.tools
from abi.compare.exports import read_symbols, symbols_changes
from abi.kdir import ABI_BUILD, source
from abi.read.side import Side
from abi.read.types import Dump, View
from abi.judge.suppress import FILE, Suppressions
from check.gate.bench import CONF, mutations
from lib.common import SCRIPTS, CannotRun, run

OBJCOPY = {"x86": "objcopy", "s390": "s390x-linux-gnu-objcopy"}


def cannot_run(function, *args):
    """None if a call ends as "could not run" with a reason; otherwise its answer as text."""
    try:
        answer = function(*args)
    except CannotRun as e:
        return None if len(str(e)) > 20 else f"could not run, but without a reason: {e}"
    return f"an answer where there is none: {answer}"


def facts_of(changes):
    return [i for c in changes for i in c.ids()]


class Traps:
    """Each public method whose name starts with t_ is a trap."""

    def __init__(self, bench):
        self.bench, self.folder = bench, os.path.join(ABI_BUILD, "traps")
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        self.module = abi.build.modules(bench.snapshot)["mdev"]
        self.headers = os.path.join(bench.snapshot, "include/linux")
        self.objcopy = OBJCOPY[bench.arch]

    @classmethod
    def all(cls):
        """{name: method}"""
        return {n.removeprefix("t_"): f for n, f in vars(cls).items() if n.startswith("t_")}

    def file(self, name, text=""):
        path = os.path.join(self.folder, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def suppressions(self, name, change):
        """The suppressions of abi/suppressions that are for every tree, and one more."""
        with open(FILE) as f:
            every = [s for s in f.read().split("\n\n")[1:] if "\ntree " not in s]
        text = "\n\n".join([*every, f"[{name}]\nchange = {change}\nreason = a test\n"])
        return Suppressions(self.file(name, text))

    def dump(self, module=None, name="t.abi"):
        return abi.read.dump.dump(module or self.module, [self.headers],
                                  os.path.join(self.folder, name))

    def stripped(self):
        path = os.path.join(self.folder, "stripped.ko")
        run([self.objcopy, "--strip-debug", self.module, path])
        return path

    def with_tool(self, tool, script, function, *args):
        """Call a function with a tool that misbehaves."""
        path = os.path.join(self.folder, "bin", tool)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)
        real = abi.tools.path
        # a dump that is kept from before would be taken instead
        kept = mock.patch("abi.read.dump.KEPT", os.path.join(self.folder, "kept"))
        with kept, mock.patch("abi.tools.path", lambda n: path if n == tool else real(n)):
            return cannot_run(function, *args)

    def t_no_debug_info(self):
        return cannot_run(self.dump, self.stripped())

    def t_half_a_module(self):
        half = os.path.join(self.folder, "half.ko")
        with open(self.module, "rb") as f, open(half, "wb") as g:
            g.write(f.read(20000))
        return cannot_run(self.dump, half)

    def t_tool_crashes(self):
        return self.with_tool("abidw", "kill -ABRT $$", self.dump)

    def t_tool_says_nothing(self):
        return self.with_tool("abidw", "exit 0", self.dump)

    def t_comparison_crashes(self):
        good = self.dump()
        return self.with_tool("abidiff", "kill -SEGV $$", abi.read.dump.changed, good, good)

    def t_comparison_fails(self):
        good = self.dump()
        return self.with_tool("abidiff", "exit 1", abi.read.dump.changed, good, good)

    def t_formats_do_not_mix(self):
        good = self.dump()
        with open(good) as f:
            text = re.sub(r"version='2\.\d+'", "version='3.0'", f.read(), count=1)
        return cannot_run(abi.read.dump.changed, self.file("v3.abi", text), good)

    def t_torn_baseline(self):
        with open(self.dump()) as f:
            torn = self.file("torn.abi", f.read()[:3000])
        return cannot_run(View, [torn])

    def t_symvers_disagrees(self):
        with open(os.path.join(self.bench.snapshot, "Module.symvers")) as f:
            text = f.read().replace("EXPORT_SYMBOL\t", "EXPORT_SYMBOL_GPL\t", 1)
        odd = self.file("Module.symvers", text)
        header = os.path.join(self.headers, "mdev.h")
        return cannot_run(Side, {"mdev": self.module}, [header], None, odd, self.folder)

    def t_suppression_without_reason(self):
        return cannot_run(Suppressions, self.file("s1", "[x]\nchange = *\n"))

    def t_suppression_works(self):
        s = self.suppressions("s2", "struct mdev_device: member next renamed to entry")
        result = self.bench.judge("suppressed", mutations()["member-renamed"], s)
        if result.verdict() != abi.report.ADDITIONS or s.stale():
            return (f"verdict '{result.verdict()}', stale {s.stale()}\n"
                    + abi.report.text([result]))
        return None

    def t_suppression_covers_no_more(self):
        s = self.suppressions("s3", "struct mdev_driver: size *")
        result = self.bench.judge("suppressed in part", mutations()["member-inserted"], s)
        return None if result.verdict() == abi.report.CHANGED else f"verdict '{result.verdict()}'"

    def t_suppression_stale(self):
        s = self.suppressions("s4", "struct mdev_device: member gone removed")
        s.apply(self.bench.tree, self.bench.arch, [])
        return None if "s4" in s.stale() else "not found"

    def t_list_stale(self):
        side = abi.run.side(self.bench.snapshot, os.path.join(self.folder, "side"),
                            self.bench.headers)
        stock = abi.run.side(self.bench.stock, os.path.join(self.folder, "stock"),
                             self.bench.headers).exports
        added = {n: (*e[1:3], n) for n, e in side.exports.items() if n not in stock}
        exports = abi.series.before_and_after(self.bench.tree, self.bench.src)
        added |= abi.series.compare(*exports)[1]
        rows = [*read_symbols(), ("mdev_never_was", False, "", [])]
        facts = facts_of(symbols_changes(self.bench.tree, added, stock, rows))
        return None if facts == ["export mdev_never_was: removed"] else f"reported: {facts}"

    def t_series_export_not_listed(self):
        """An export that a semantic patch adds to a stock file has to be listed as well."""
        rows = [x for x in read_symbols() if not x[0].startswith("vfio_")]
        exports = abi.series.before_and_after("6.12", source("6.12", "x86"))
        _, added = abi.series.compare(*exports)
        facts = [i for i in facts_of(symbols_changes("none", added, {}, rows)) if "vfio" in i]
        wanted = [f"export vfio_device_{w}_registration: added, and not in abi/symbols.list"
                  for w in ("put", "try_get")]
        return None if facts == wanted else f"reported: {facts}"

    def t_series_export_removed(self):
        """A semantic patch removes an export of a stock file."""
        kept = {"kept": [True, "", "a.c"]}
        changes, added = abi.series.compare({**kept, "gone": [False, "", "a.c"]}, kept)
        facts = facts_of(changes)
        if facts != ["export gone: removed"] or added:
            return f"reported: {facts} {added}"
        return None

    def t_layout_table(self):
        """gcc, clang and rustc each contradict the one wrong entry of a table, and no other."""
        bench = self.bench
        side = abi.run.side(bench.snapshot, os.path.join(self.folder, "side"), bench.headers)
        # the compile command names the folder that it ran in
        bench.sync(bench.snapshot, bench.work)
        w = abi.layout.kernel_witnesses(bench.tree, bench.arch, bench.work, bench.headers,
                                        Dump(side.dumps[-1]))
        table = dict(w.gcc)
        rows, rust = w.disagreements(table)
        if rows or rust:
            return f"a right table is contradicted: {rows} {rust}"
        table["mdev_driver.probe"] += 8
        rows, rust = w.disagreements(table)
        if [r[0] for r in rows] == rust == ["mdev_driver.probe"] and rows[0][2] == rows[0][3]:
            return None
        return f"gcc and clang: {rows}, rustc: {rust}"

    def gate(self, old, new, headers):
        """Exit code and output of the command for a pair of modules."""
        p = subprocess.run([os.path.join(SCRIPTS, "abi/check"),
                            "--json", os.path.join(self.folder, "out.json"),
                            "--old", old, "--new", new, "--headers", headers],
                           capture_output=True, text=True, stdin=subprocess.DEVNULL)
        return p.returncode, p.stdout + p.stderr

    def t_any_two_builds(self):
        """The command over two files: exit codes, text and JSON."""
        self.bench.judge("a pair", mutations()["member-inserted"])
        new = abi.build.modules(self.bench.work)["mdev"]
        rc, out = self.gate(self.module, new, self.headers)
        if rc != 1 or not out.startswith("abi-check: changed") \
           or "member flags inserted" not in out:
            return f"exit {rc}\n{out}"
        with open(os.path.join(self.folder, "out.json")) as f:
            report = json.load(f)
        change = report["results"][0]["changes"][0]
        if report["verdict"] != "changed" or change["subject"] != "struct mdev_driver" \
           or "mdev_register_driver" not in change["exports"]:
            return f"JSON: {report}"
        packed = os.path.join(self.folder, "packed", "mdev.ko.xz")
        os.makedirs(os.path.dirname(packed))
        with open(packed, "wb") as f:
            run(["xz", "-c", self.module], stdout=f)
        for twin in (self.module, packed):
            rc, out = self.gate(self.module, twin, self.headers)
            if rc or not out.startswith("abi-check: same"):
                return f"the same module as {twin}: exit {rc}\n{out}"
        return None

    def t_no_two_builds(self):
        """The command where there is nothing to compare: exit code 2 and the reason."""
        foreign, empty = (os.path.join(self.folder, n) for n in ("foreign.ko", "empty"))
        with open(self.module, "rb") as f:
            data = bytearray(f.read())
        data[18:20] = {"x86": b"\x16\0", "s390": b"\0\x3e"}[self.bench.arch]
        with open(foreign, "wb") as f:
            f.write(data)
        os.makedirs(empty)
        module, headers = self.module, self.headers
        cases = ((module, "/nonexistent.ko", headers, "no file"),
                 (module, self.stripped(), headers, "KCFLAGS=-g"),
                 (module, foreign, headers, "different architectures"),
                 ("/bin/true", "/bin/true", headers, "no table of exports"),
                 (CONF, CONF, headers, "no image that could be unpacked"),
                 (module, CONF, headers, "not a 64-bit ELF file"),
                 (module, module, empty, "has no header in it"),
                 (module, module, headers + "/none", "is not a folder"))
        wrong = []
        for *pair, reason in cases:
            rc, out = self.gate(*pair)
            if rc != 2 or reason not in out:
                wrong.append(f"exit {rc} for {' '.join(pair)}, without '{reason}': {out}")
        return "\n".join(wrong) or None
