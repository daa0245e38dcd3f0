# SPDX-License-Identifier: GPL-2.0-only
"""The compiler of Rust and bindgen from the cache, as variables of the kernel's make.

On x86, 7.3 asks for rustc 1.85 and bindgen 0.71, which Debian 13 has; on s390, for rustc 1.96. All
run from the cache: the user's rustc rarely has a core library for s390x, and a module needs the
compiler of its kernel.
"""
import glob
import os

from lib.common import BUILD, CannotRun, output, replace_all
from tree.packages import LIBRARIES, LOADER, unpacked

COMPILER = ("rust", "trixie", [
    "bindgen", "libclang1-19", "libclang-common-19-dev", "libllvm19", "libz3-4", "rustc",
    "libstd-rust-1.85", "libstd-rust-dev", "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1",
    "libxml2", "libedit2", "libtinfo6", "liblzma5", "libbsd0", "libmd0", "libffi8",
    "libstd-rust-dev:s390x"], 1500)
# the source of Rust's core library, which kbuild compiles, and checkers
SOURCE = ("rust-src", "trixie", ["rust-src", "rust-clippy", "rustfmt"], 900)
PROGRAMS = {"RUSTC": "rustc", "HOSTRUSTC": "rustc", "RUSTDOC": "rustdoc", "BINDGEN": "bindgen",
            "RUSTFMT": "rustfmt", "CLIPPY_DRIVER": "clippy-driver"}
# kbuild gives the kernel's crates a sysroot without content; programs of the host need the real one
WITH_SYSROOT = """case " $* " in
*" --sysroot"*) ;;
*) set -- --sysroot "{sysroot}" "$@" ;;
esac
"""
BEFORE = {
    "rustc": WITH_SYSROOT, "rustdoc": WITH_SYSROOT, "clippy-driver": WITH_SYSROOT,
    # a clang of this machine would tell bindgen include folders of another version
    "bindgen": 'export LIBCLANG_PATH="{libraries}" PATH=/nonexistent\n',
}
RUN = 'exec "{loader}" --inhibit-cache --library-path "{libraries}" "{program}" "$@"\n'


def compiler():
    """The folder of bindgen and rustc (a download of 150 MB)."""
    why = "bindgen 0.71 and rustc 1.85 could not be fetched; clang and rustc were not asked"
    return unpacked(*COMPILER, why, exclude="./usr/share/*", programs=("bindgen", "rustc"),
                    libraries=("libclang-19.so.1",))


def source():
    """The folder of the core library's source, clippy and rustfmt (a download of 50 MB)."""
    return unpacked(*SOURCE, "rust-src 1.85 could not be fetched; nothing of Rust was built",
                    exclude="*/src/tools/*")


def tools():
    """Write a program for each of PROGRAMS into build/rust/bin; {variable of make: its path}."""
    top, found = compiler(), {}
    for variable, name in PROGRAMS.items():
        folder = top if os.path.exists(os.path.join(top, "usr/bin", name)) else source()
        found[variable] = os.path.join(BUILD, "rust/bin", name)
        text = ("#!/bin/sh\n" + BEFORE.get(name, "") + RUN).format(
            sysroot=os.path.join(top, "usr"), libraries=os.path.join(top, LIBRARIES),
            loader=os.path.join(top, LOADER), program=os.path.join(folder, "usr/bin", name))
        replace_all({found[variable]: text})
        os.chmod(found[variable], 0o755)
    return found


def make_args(arch):
    """Variables of the kernel's make for a kernel with Rust, or a module for it."""
    if arch != "x86":
        raise CannotRun(f"{arch}: Linux 7.3 asks for another rustc there than for x86; this "
                        "project builds Rust for x86 only")
    library = glob.glob(os.path.join(glob.escape(source()), "usr/src/rustc-*/library"))
    if len(library) != 1:
        raise CannotRun(f"{source()} has {len(library)} sources of Rust's core library, not 1")
    return [*(f"{v}={path}" for v, path in tools().items()), f"RUST_LIB_SRC={library[0]}"]


def key():
    """What tells this compiler from others."""
    return f"{os.path.basename(compiler())} {os.path.basename(source())}"


def built(config):
    """Whether this compiler built a kernel, by its configuration."""
    text = output([tools()["RUSTC"], "--version"]).strip()
    return config.get("CONFIG_RUSTC_VERSION_TEXT", "").strip('"') == text
