# SPDX-License-Identifier: GPL-2.0-only
"""libabigail: a dump of a module's public types, and libabigail's verdict on two dumps.

Anything but a clean answer is CannotRun: a crash of the tool, a module without debug info, two
dumps of different formats. abidw 2.2 aborts on an unstripped __crc_ symbol, and calls a module
without debug info unchanged.
"""
import functools
import hashlib
import os
import re
import shutil
import subprocess
import threading
import time

import abi.read.elf
import abi.read.places
import abi.tools
from abi.kdir import ABI_BUILD
from abi.read.elf import Module
from lib.common import CannotRun

# dumps by the content of the module and the headers
KEPT = os.path.join(ABI_BUILD, "dumps")
FILTER = ["--drop-private-types", "--no-corpus-path", "--no-comp-dir-path",
          "--type-id-style", "hash"]
# symbols that tracepoints and static calls export; no driver calls them by name
NOISE = r"__tracepoint_|__traceiter_|__SCK__|__SCT__|__SCT_|__cfi_|__pfx_"
TOOL_ERROR, USAGE_ERROR, CHANGE, INCOMPATIBLE = 1, 2, 4, 8


def need(tool):
    if not shutil.which(tool):
        raise CannotRun(f"no {tool} on this machine; scripts/lib/host-setup abi installs it")


def call(cmd):
    """Exit code and output of a tool; a tool that dies by a signal is CannotRun."""
    path = abi.tools.path(cmd[0])
    need(path)
    p = subprocess.run([path, *cmd[1:]], capture_output=True, text=True, errors="replace",
                       stdin=subprocess.DEVNULL)
    if p.returncode < 0 or p.returncode >= 128:
        raise CannotRun(f"{cmd[0]} crashed (exit {p.returncode}) on {cmd[-1]}: "
                        f"{p.stderr.strip()[-300:]}")
    return p.returncode, p.stdout, p.stderr


@functools.lru_cache(maxsize=None)
def version():
    return call(["abidw", "--version"])[1].split()[-1]


def need_debug_info(elf):
    if not elf.has_debug_info():
        raise CannotRun(f"{elf.path} has no .debug_info section, so its types cannot be compared. "
                        "Build it with debug info (make … KCFLAGS=-g) and do not strip it; for a "
                        "distribution's module, eu-unstrip of elfutils adds its debug package")


def dump(module, folders, out, symbols=None):
    """Dump the exports of a module with the types that the headers in folders define, into out;
    with symbols, only those among the exports.

    libabigail matches the headers in a folder by name alone; abi.read.places makes up for it.
    """
    elf = Module(module)
    need_debug_info(elf)
    for folder in folders:
        if not os.path.isdir(folder):
            raise CannotRun(f"no folder of public headers {folder}")
    os.makedirs(os.path.dirname(out), exist_ok=True)
    kept = os.path.join(KEPT, _digest(elf, folders, symbols) + ".abi")
    if os.path.exists(kept):
        shutil.copy(kept, out)
        os.utime(kept)
        return out
    stripped = out + os.path.splitext(module)[1]
    with open(stripped, "wb") as f:
        f.write(elf.plain_copy(symbols))
    filters = [x for f in folders for x in ("--headers-dir", f)]
    rc, text, err = call(["abidw", *filters, *FILTER, stripped])
    os.unlink(stripped)
    if rc or not text.lstrip().startswith("<abi-corpus"):
        raise CannotRun(f"abidw failed on {module} (exit {rc}): "
                        f"{err.strip()[-300:] or text.strip()[-300:]}")
    with open(out, "w") as f:
        f.write(clean(abi.read.places.without_strangers(text, folders)))
    _keep(out, kept)
    return out


def _digest(elf, folders, symbols):
    """A hash of what a dump depends on."""
    digest = hashlib.sha256(f"{version()} {FILTER} {sorted(symbols or ())}".encode() + elf.data)
    for module in (abi.read.places, abi.read.elf):
        with open(module.__file__, "rb") as f:
            digest.update(f.read())
    digest.update(_digest_of_headers(tuple(sorted(folders))))
    return digest.hexdigest()


def _digest_of_headers(folders):
    names = [os.path.join(f, n) for f in folders for n in sorted(os.listdir(f)) if n.endswith(".h")]
    return _digest_of_files(abi.read.places.stamps(names))


@functools.lru_cache(maxsize=8)
def _digest_of_files(files):
    digest = hashlib.sha256()
    for path, _, _ in files:
        with open(path, "rb") as f:
            digest.update(path.encode() + b"\0" + f.read())
    return digest.digest()


def _keep(dump_file, kept):
    """Keep a dump."""
    os.makedirs(KEPT, exist_ok=True)
    drop_old(KEPT)
    new = f"{kept}.{os.getpid()}.{threading.get_ident()}"
    shutil.copy(dump_file, new)
    os.rename(new, kept)


def drop_old(folder):
    """Drop the files that nobody asked for in two weeks."""
    for name in os.listdir(folder):
        path = os.path.join(folder, name)
        try:
            if time.time() - os.path.getmtime(path) > 14 * 24 * 3600:
                os.unlink(path)
        except FileNotFoundError:
            # another run was faster
            continue


def clean(text):
    """Drop the folder of each source file: it differs from machine to machine."""
    return re.sub(r" path='[^']*/([^'/]*)'", r" path='\1'", text)


def format_of(path):
    """The major version of a dump's format."""
    with open(path) as f:
        m = re.search(r"<abi-corpus[^>]* version='(\d+)\.(\d+)'", f.read(2000))
    if not m:
        raise CannotRun(f"{path} is not a dump of abidw")
    return int(m[1])


def changed(old, new, suppressions=None):
    """libabigail's verdict on two dumps, additions apart: (changed?, its report)."""
    formats = format_of(old), format_of(new)
    if formats[0] != formats[1]:
        raise CannotRun(f"{old} is in format {formats[0]} of libabigail, {new} in format "
                        f"{formats[1]}, and the two cannot be compared. Use abidw of one major "
                        "version for both (make abi-update writes a baseline again)")
    cmd = ["abidiff", "--no-added-syms", "--no-show-locs"]
    if suppressions:
        cmd += ["--suppressions", suppressions]
    rc, out, err = call([*cmd, old, new])
    if rc & (TOOL_ERROR | USAGE_ERROR):
        raise CannotRun(f"abidiff could not compare {old} and {new} (exit {rc}): "
                        f"{(err or out).strip()[-300:]}")
    return bool(rc & (CHANGE | INCOMPATIBLE)), out
