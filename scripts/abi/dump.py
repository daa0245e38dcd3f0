# SPDX-License-Identifier: GPL-2.0-only
"""libabigail as this project uses it: a dump of a module's public types, and libabigail's verdict on two dumps.

Whatever is not a clean answer is CannotRun: a tool that crashes, a module without debug info, two dumps whose formats do not
mix. An unstripped __crc_ symbol makes 2.2 abort, a module without debug info makes it say "no change".
"""
import os
import re
import shutil
import subprocess

import abi.tools
from abi.elf import Module
from lib.common import CannotRun

FILTER = ["--drop-private-types", "--no-show-locs", "--no-corpus-path", "--no-comp-dir-path", "--type-id-style", "hash"]
# exports that are not an interface: what tracepoints leave behind
NOISE = r"__tracepoint_|__traceiter_|__SCK__|__SCT__|__SCT_|__cfi_|__pfx_"
TOOL_ERROR, USAGE_ERROR, CHANGE, INCOMPATIBLE = 1, 2, 4, 8


def need(tool):
    if not shutil.which(tool):
        raise CannotRun(f"no {tool} on this machine; scripts/lib/host-setup abi installs it")


def call(cmd):
    """Exit code and output of a tool; death by a signal is no answer."""
    need(abi.tools.path(cmd[0]))
    p = subprocess.run([abi.tools.path(cmd[0]), *cmd[1:]], capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if p.returncode < 0 or p.returncode >= 128:
        raise CannotRun(f"{cmd[0]} crashed (exit {p.returncode}) on {cmd[-1]}: {p.stderr.strip()[-300:]}")
    return p.returncode, p.stdout, p.stderr


def version():
    return call(["abidw", "--version"])[1].split()[-1]


def need_debug_info(elf):
    if not elf.has_debug_info():
        raise CannotRun(f"{elf.path} has no .debug_info section, so its types cannot be compared. Build it with debug info (make … KCFLAGS=-g) "
                        "and do not strip it; to a distribution's, eu-unstrip of elfutils joins what its debug package has")


def dump(module, folders, out):
    """Dump what a module exports with the types that the headers in folders define; return the file out.

    libabigail goes by the names of the headers in a folder; a single header (--header-file) it would know by its path only.
    """
    elf = Module(module)
    need_debug_info(elf)
    for folder in folders:
        if not os.path.isdir(folder):
            raise CannotRun(f"no folder of public headers {folder}")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    stripped = out + ".ko"
    rc, _, err = call([objcopy(elf.machine), "--wildcard", "--strip-symbol=__crc_*",
                       # where CRCs are relocations (5.10), the symbols go only with them
                       "--remove-section=__kcrctab*", "--remove-section=.rela__kcrctab*", module, stripped])
    if rc:
        # another architecture's module, and a binutils that knows only its own
        raise CannotRun(f"objcopy could not read {module}: {err.strip()}")
    filters = [x for f in folders for x in ("--headers-dir", f)]
    rc, text, err = call(["abidw", *filters, *FILTER, stripped])
    os.unlink(stripped)
    if rc or not text.lstrip().startswith("<abi-corpus"):
        raise CannotRun(f"abidw failed on {module} (exit {rc}): {err.strip()[-300:] or text.strip()[-300:]}")
    with open(out, "w") as f:
        f.write(clean(text))
    return out


def objcopy(machine):
    """The objcopy for an ELF machine; the host's own knows only its own."""
    prefix = {"x86": "x86_64-linux-gnu-", "s390": "s390x-linux-gnu-"}.get({62: "x86", 22: "s390"}.get(machine), "")
    for tool in (prefix + "objcopy", "llvm-objcopy"):
        if shutil.which(tool):
            return tool
    raise CannotRun(f"no {prefix}objcopy on this machine; scripts/lib/host-setup abi cross installs it")


def clean(text):
    """Without what differs from machine to machine: the folder that a file was compiled in."""
    return re.sub(r" path='[^']*/([^'/]*)'", r" path='\1'", text)


def format_of(path):
    with open(path) as f:
        m = re.search(r"<abi-corpus[^>]* version='(\d+)\.(\d+)'", f.read(2000))
    if not m:
        raise CannotRun(f"{path} is not a dump of abidw")
    return int(m[1])


def changed(old, new, suppressions=None):
    """libabigail's verdict on two dumps, additions apart: (changed?, its report)."""
    if format_of(old) != format_of(new):
        raise CannotRun(f"{old} is in format {format_of(old)}, {new} in format {format_of(new)} of libabigail, which do not mix. "
                        "Take abidw of one major version for both (make abi-update writes a baseline again)")
    cmd = ["abidiff", "--no-added-syms", "--no-show-locs"]
    if suppressions:
        cmd += ["--suppressions", suppressions]
    rc, out, err = call([*cmd, old, new])
    if rc & (TOOL_ERROR | USAGE_ERROR):
        raise CannotRun(f"abidiff could not compare {old} and {new} (exit {rc}): {(err or out).strip()[-300:]}")
    return bool(rc & (CHANGE | INCOMPATIBLE)), out
