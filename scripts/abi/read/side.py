# SPDX-License-Identifier: GPL-2.0-only
"""One side of a comparison: the modules of a build, their exports, and the dump of each."""
import os
import re

import abi.read.dump
from abi.read.elf import Module
from abi.read.types import View
from lib.common import CannotRun


class Side:
    """The modules of one build. exports is {name: (module, GPL only?, namespace, CRC)}."""

    def __init__(self, modules, headers, probe=None, symvers=None, work=None, strict=True):
        self.modules = {name: Module(path) for name, path in modules.items()}
        for elf in self.modules.values():
            abi.read.dump.need_debug_info(elf)
        self.exports = {n: (m, *e) for m, elf in self.modules.items()
                        for n, e in elf.exports().items() if not re.match(abi.read.dump.NOISE, n)}
        if symvers:
            self._agree(symvers)
        exporting = {e[0] for e in self.exports.values()}
        self.dumps = [abi.read.dump.dump(path, headers, os.path.join(work, f"{name}.abi"))
                      for name, path in sorted(modules.items()) if name in exporting]
        if probe:
            self.dumps.append(abi.read.dump.dump(probe, [*headers, os.path.dirname(probe)],
                                                 os.path.join(work, "probe.abi")))
        self.view = View(self.dumps)
        self._need_whole(strict)

    def _need_whole(self, strict):
        """Refuse a dump that lacks a part of what it was made from."""
        if strict and self.view.untyped:
            raise CannotRun(f"abidw found no type for {', '.join(sorted(self.view.untyped))}; "
                            "if the compiler folded identical functions, use -fno-ipa-icf")
        lost = [n for n in self.view.exports
                if n.startswith("abi_constant_") and f"enum {n}" not in self.view.types]
        lost += [k for k, t in self.view.types.items() if t.kind == "enum" and not t.members]
        if lost:
            raise CannotRun(f"abidw lost the values of {', '.join(lost)} in the probe")
        missing = [n for n in self.exports if n not in self.view.exports]
        if missing:
            raise CannotRun(f"{', '.join(self.modules)} exports {', '.join(missing)}, "
                            "and the dump of abidw lacks it")

    def _agree(self, symvers):
        """Compare Module.symvers, which modpost wrote, with the exports of the linked modules."""
        with open(symvers) as f:
            rows = [line.rstrip("\n").split("\t") for line in f]
        meant = {r[1]: (r[3].endswith("_GPL"), r[4] if len(r) > 4 else "") for r in rows
                 if os.path.basename(r[2]).replace("-", "_") in self.modules
                 and not re.match(abi.read.dump.NOISE, r[1])}
        linked = {n: e[1:3] for n, e in self.exports.items()}
        if meant != linked:
            odd = sorted(n for n in {*meant, *linked} if meant.get(n) != linked.get(n))
            raise CannotRun(f"{symvers} and the modules beside it disagree about "
                            f"{', '.join(odd)}: build the modules again from scratch")
