# SPDX-License-Identifier: GPL-2.0-only
"""The tools whose version could change a verdict: one version of each, on Debian 12 and 13 alike.

libabigail and pahole are Debian 12's. This libabigail wrote the baselines in abi/, and later ones
read them otherwise: 2.6 takes one anonymous struct behind a typedef for another, 3.0 has another
format. bindgen and rustc are those of build/rust.py. All run from the cache.
"""
import functools
import os
import subprocess

from build.rust import compiler
from lib.common import CannotRun
from tree.packages import LIBRARIES, unpacked

ABIGAIL_PROGRAMS = ("abidw", "abidiff", "pahole")
ABIGAIL = ("abigail", "bookworm", [
    "abigail-tools", "libabigail0", "pahole", "libbpf1", "libbinutils", "libctf0", "libxml2",
    "libicu72", "libelf1", "libdw1", "libbz2-1.0", "libzstd1", "zlib1g", "liblzma5", "libstdc++6",
    "libgcc-s1", "libc6"], 150)
TARGETS = {"x86": "x86_64-unknown-linux-gnu", "s390": "s390x-unknown-linux-gnu"}
CLANG_TARGETS = {"x86": "x86_64-linux-gnu", "s390": "s390x-linux-gnu"}


@functools.lru_cache(maxsize=None)
def path(name):
    """The path of abidw, abidiff or pahole in the cache; the name of another tool unchanged."""
    if name not in ABIGAIL_PROGRAMS:
        return name
    why = "libabigail 2.2 and pahole 1.24 could not be fetched; nothing was compared"
    return os.path.join(unpacked(*ABIGAIL, why, programs=ABIGAIL_PROGRAMS), "run", name)


def call(name, args, **kw):
    """Run bindgen or rustc; its finished process."""
    top = compiler()
    # bindgen asks a clang on the PATH for its include folders: the host's would be another version
    env = {**kw.pop("env", {}), "LIBCLANG_PATH": os.path.join(top, LIBRARIES), "PATH": top}
    return subprocess.run([os.path.join(top, "run", name), *args],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, env=env, **kw)


def bindgen(args, cwd=None):
    p = call("bindgen", args, cwd=cwd)
    if p.returncode:
        raise CannotRun(f"bindgen failed (exit {p.returncode}): {p.stderr.strip()[-800:]}")
    return p.stdout


def rustc(arch, args, **kw):
    sysroot = os.path.join(compiler(), "usr")
    return call("rustc", ["--sysroot", sysroot, "--target", TARGETS[arch], *args], **kw)


def versions():
    found = []
    for name in ("bindgen", "rustc"):
        p = call(name, ["--version"])
        if p.returncode:
            raise CannotRun(f"{name} does not run: {p.stderr.strip()[-300:]}")
        found.append(" ".join(p.stdout.split()[:2]))
    return found
