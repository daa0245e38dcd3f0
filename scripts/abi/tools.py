# SPDX-License-Identifier: GPL-2.0-only
"""bindgen and rustc for the witnesses of layout: Debian 13's, on any host.

The kernel itself asks for rustc 1.85 and bindgen 0.71 and Debian 12 has older ones, so the packages of Debian 13 are unpacked
into the cache and run from there with their own C library. Nothing is installed and no rights are needed. A rustc that the
user has is not taken: it has no core library for s390x more often than not.
"""
import os
import subprocess

from lib.common import CannotRun
from tree.packages import unpacked

SUITE = "trixie"
PACKAGES = ["bindgen", "libclang1-19", "libclang-common-19-dev", "libllvm19", "rustc", "libstd-rust-1.85", "libstd-rust-dev", "libc6",
            "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1", "libxml2", "libedit2", "libtinfo6", "liblzma5", "libbsd0", "libmd0",
            "libffi8", "libstd-rust-dev:s390x"]
WHY = "bindgen 0.71 and rustc 1.85 are needed and could not be had; the three witnesses of layout cannot be heard"
TARGETS = {"x86": "x86_64-unknown-linux-gnu", "s390": "s390x-unknown-linux-gnu"}
CLANG_TARGETS = {"x86": "x86_64-linux-gnu", "s390": "s390x-linux-gnu"}


def root():
    """The folder of the unpacked packages (a download of 150 MB)."""
    return unpacked("rust", SUITE, PACKAGES, 1500, WHY, exclude="./usr/share/*")


def call(name, args, **kw):
    """Run bindgen or rustc; its finished process."""
    top = root()
    lib = os.path.join(top, "usr/lib/x86_64-linux-gnu")
    # bindgen asks a clang on the PATH for its include folders: the host's would be another version
    env = {**kw.pop("env", {}), "LIBCLANG_PATH": lib, "PATH": top}
    return subprocess.run([os.path.join(top, "usr/lib64/ld-linux-x86-64.so.2"), "--library-path", lib, os.path.join(top, "usr/bin", name), *args],
                          capture_output=True, text=True, stdin=subprocess.DEVNULL, env=env, **kw)


def bindgen(args, cwd=None):
    p = call("bindgen", args, cwd=cwd)
    if p.returncode:
        raise CannotRun(f"bindgen failed (exit {p.returncode}): {p.stderr.strip()[-800:]}")
    return p.stdout


def rustc(arch, args, **kw):
    return call("rustc", ["--sysroot", os.path.join(root(), "usr"), "--target", TARGETS[arch], *args], **kw)


def versions():
    found = []
    for name in ("bindgen", "rustc"):
        p = call(name, ["--version"])
        if p.returncode:
            raise CannotRun(f"{name} does not run: {p.stderr.strip()[-300:]}")
        found.append(" ".join(p.stdout.split()[:2]))
    return found
