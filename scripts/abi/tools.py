# SPDX-License-Identifier: GPL-2.0-only
"""The tools whose version could change a verdict: one version of each, on Debian 12 and 13 alike.

libabigail and pahole are Debian 12's. This libabigail wrote the baselines in abi/, and later ones
read them otherwise: 2.6 takes one anonymous struct behind a typedef for another, 3.0 has another
format. bindgen and rustc are Debian 13's, because the kernel asks for rustc 1.85 and bindgen 0.71.
All run from the cache, the user's rustc does not: it rarely has a core library for s390x.
"""
import functools
import os
import subprocess

from lib.common import CannotRun
from tree.packages import LIBRARIES, unpacked

ABIGAIL_PROGRAMS = ("abidw", "abidiff", "pahole")
ABIGAIL = ("abigail", "bookworm", [
    "abigail-tools", "libabigail0", "pahole", "libbpf1", "libbinutils", "libctf0", "libxml2",
    "libicu72", "libelf1", "libdw1", "libbz2-1.0", "libzstd1", "zlib1g", "liblzma5", "libstdc++6",
    "libgcc-s1", "libc6"], 150)
RUST = ("rust", "trixie", [
    "bindgen", "libclang1-19", "libclang-common-19-dev", "libllvm19", "libz3-4", "rustc",
    "libstd-rust-1.85", "libstd-rust-dev", "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1",
    "libxml2", "libedit2", "libtinfo6", "liblzma5", "libbsd0", "libmd0", "libffi8",
    "libstd-rust-dev:s390x"], 1500)
TARGETS = {"x86": "x86_64-unknown-linux-gnu", "s390": "s390x-unknown-linux-gnu"}
CLANG_TARGETS = {"x86": "x86_64-linux-gnu", "s390": "s390x-linux-gnu"}


@functools.lru_cache(maxsize=None)
def path(name):
    """The path of abidw, abidiff or pahole in the cache; the name of another tool unchanged."""
    if name not in ABIGAIL_PROGRAMS:
        return name
    why = "libabigail 2.2 and pahole 1.24 could not be fetched; nothing was compared"
    return os.path.join(unpacked(*ABIGAIL, why, programs=ABIGAIL_PROGRAMS), "run", name)


def rust():
    """The folder of bindgen and rustc (a download of 150 MB)."""
    why = "bindgen 0.71 and rustc 1.85 could not be fetched; clang and rustc were not asked"
    return unpacked(*RUST, why, exclude="./usr/share/*", programs=("bindgen", "rustc"),
                    libraries=("libclang-19.so.1",))


def call(name, args, **kw):
    """Run bindgen or rustc; its finished process."""
    top = rust()
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
    sysroot = os.path.join(rust(), "usr")
    return call("rustc", ["--sysroot", sysroot, "--target", TARGETS[arch], *args], **kw)


def versions():
    found = []
    for name in ("bindgen", "rustc"):
        p = call(name, ["--version"])
        if p.returncode:
            raise CannotRun(f"{name} does not run: {p.stderr.strip()[-300:]}")
        found.append(" ".join(p.stdout.split()[:2]))
    return found
