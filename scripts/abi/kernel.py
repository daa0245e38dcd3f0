# SPDX-License-Identifier: GPL-2.0-only
"""The gate for two kernels: the exports of vmlinux, by the types of BTF or DWARF and by CRC."""
import os
import re
import tempfile
import time

import abi.judge.users
from abi.compare.change import REBUILD, merge, of_export
from abi.compare.exports import REFUSES, export_changes, note_loader, size_changes
from abi.compare.types import compare
from abi.judge.explain import explain
from abi.judge.policy import policy
from abi.judge.versions import not_asked
from abi.pair import configurations, headers_below
from abi.read.kernel import Kernel, is_kernel
from abi.read.side import public_names
from abi.report import Result
from lib.common import CannotRun
from vm.image import vmlinux_of

# what the two readers of a kernel do not see
BLIND = ("BTF has no alignment, no calling convention and no variable that is not per-CPU: those "
         "were compared by CRC alone, or not at all")


def find(folder):
    """The vmlinux in a folder or below, or None; several are CannotRun."""
    found = sorted({os.path.realpath(os.path.join(d, n)) for d, _, names in os.walk(folder)
                    for n in names if re.fullmatch(r"vmlinux(-[\w.+~-]+)?", n)})
    found = [f for f in found if is_kernel(f)]
    if len(found) > 1:
        raise CannotRun(f"{folder} has several kernels: {', '.join(found)}; give a folder with one")
    return found[0] if found else None


def check_kernels(old, new, headers=None, suppressions=None, src=None, symbols=None,
                  whole_list=True):
    """The result for two files vmlinux, or two images that a boot loader starts.

    Without headers, every type that an export leads to counts. With whole_list, each of the symbols
    has to be an export of the old kernel.
    """
    start = time.monotonic()
    public = public_names(headers_below(headers)) if headers else None
    # a file that an earlier run unpacked is of another image; the kernel keeps its file open
    with tempfile.TemporaryDirectory() as work:
        sides = [Kernel(_unpacked(path, os.path.join(work, which)), public, symbols)
                 for path, which in ((old, "old"), (new, "new"))]
    if sides[0].elf.machine != sides[1].elf.machine:
        raise CannotRun(f"{old} and {new} are for different architectures")
    changes, result = _changes(*sides), Result("vmlinux", sides[1].release())
    _by_crc(changes, result, *sides)
    for c in changes:
        c.against = os.path.basename(old)
    result.changes = changes
    result.additions = sorted(set(sides[1].exports) - set(sides[0].exports))
    policy().rate(changes)
    if suppressions:
        suppressions.apply("*", "*", changes)
    explain(changes, {*sides[0].exports, *sides[1].exports},
            abi.judge.users.index(src) if src else None)
    result.exports_seen = sides[0].all_exports
    result.defined = set(sides[0].view.types) & set(sides[1].view.types)
    result.headers = headers_below(headers) if headers else []
    result.left_out = {"header": "constants, macros and inline functions are not in a kernel",
                       "sysfs": "the attributes of a kernel were not read",
                       "uapi": "a kernel has no headers for user space",
                       "gate": "a pair has no baselines"}
    result.second = not_asked("of a whole kernel")
    result.unread += configurations(sides)
    if symbols and whole_list:
        lost = sorted(symbols - sides[0].all_exports)
        if lost:
            result.unread.append(f"{len(lost)} symbols of the list are not exported by {old}: "
                                 f"{', '.join(lost[:6])}")
    result.notes += [f"types by {sides[1].how}", BLIND,
                     "only exports and their types were compared: sysfs, uevents, parameters and "
                     "headers of a kernel were not read"]
    result.seconds = time.monotonic() - start
    return result


def _unpacked(path, to):
    """The vmlinux of a boot image; a vmlinux itself."""
    if not os.path.isfile(path):
        raise CannotRun(f"no file {path}")
    if is_kernel(path):
        return path
    plain = vmlinux_of(path, to)
    if plain == path:
        raise CannotRun(f"{path} is no module (.ko), no vmlinux, and no image that could be "
                        "unpacked to one")
    return plain


def _changes(old, new):
    changes, _ = compare(old.view, new.view)
    changes = merge([c for c in changes if "removed" not in c.facts or c.subject.split()[0]
                     != "export"] + export_changes(old, new))
    changes += size_changes(changes, old, new)
    return changes + note_loader(changes, old, new)


def _by_crc(changes, result, old, new):
    """Judge the exports without a type by their CRCs."""
    both = set(old.exports) & set(new.exports)
    untyped = (old.untyped | new.untyped) & both
    crcs = {n: (old.exports[n][3], new.exports[n][3]) for n in both}
    alone = {n for n in untyped if None not in crcs[n]}
    told = {c.subject for c in changes}
    for c in changes:
        if c.facts == ["another CRC, though no public type differs"] and c.exports[0] in alone:
            c.facts = ["another CRC; its type was not read"]
    changes += [of_export(n, "another CRC; its type was not read", REBUILD,
                          [f"-CRC {crcs[n][0]:#010x}", f"+CRC {crcs[n][1]:#010x}"])
                for n in sorted(alone) if crcs[n][0] != crcs[n][1] and f"export {n}" not in told]
    for c in changes:
        if c.facts == ["another CRC; its type was not read"]:
            c.loader = REFUSES
    lost = sorted(untyped - alone)
    if lost:
        result.unread.append(f"{len(lost)} exports have neither a type in BTF nor a CRC: "
                             f"{', '.join(lost[:6])}{' and others' * (len(lost) > 6)}")
    seen = len({*old.exports, *new.exports})
    result.compared = {"exports": (seen - len(untyped), seen),
                       "exports by CRC alone": (len(alone),) * 2,
                       "types": (len({*old.view.types, *new.view.types}),) * 2}
