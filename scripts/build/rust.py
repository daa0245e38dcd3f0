# SPDX-License-Identifier: GPL-2.0-only
"""The compilers of a kernel with Rust from the cache, as variables of the kernel's make.

On x86, 7.3 asks for rustc 1.85 and bindgen 0.71, which Debian 13 has; on s390, for rustc 1.96,
which its backports have. With KASAN, clang has to compile the kernel's C. All run from the cache:
the user's rustc rarely has a core library for s390x, and a module needs the compilers of its
kernel.
"""
import glob
import os
import re
import shutil

from lib.common import BUILD, CannotRun, output, replace_all
from tree.folder import config_of
from tree.packages import LIBRARIES, LOADER, unpacked

COMPILER = ("rust", "trixie", [
    "bindgen", "libclang1-19", "libclang-common-19-dev", "libllvm19", "libz3-4", "rustc",
    "libstd-rust-1.85", "libstd-rust-dev", "libc6", "libgcc-s1", "libstdc++6", "zlib1g", "libzstd1",
    "libxml2", "libedit2", "libtinfo6", "liblzma5", "libbsd0", "libmd0", "libffi8",
    "libstd-rust-dev:s390x"], 1500)
# the source of Rust's core library, which kbuild compiles, and checkers
SOURCE = ("rust-src", "trixie", ["rust-src", "rust-clippy", "rustfmt"], 900)
# the same for s390, and the library of LLVM that it is linked to
NEWER = ("rust-new", "trixie-backports", ["rustc", "libstd-rust-1.96", "libstd-rust-dev",
                                          "rust-src", "rust-clippy"], 1500)
NEWER_LLVM = ("llvm-22", "trixie", ["libllvm22"], 200)
CLANG = ("clang", "trixie", ["clang-19", "libclang-cpp19"], 300)
PROGRAMS = {"RUSTC": "rustc", "HOSTRUSTC": "rustc", "RUSTDOC": "rustdoc", "BINDGEN": "bindgen",
            "RUSTFMT": "rustfmt", "CLIPPY_DRIVER": "clippy-driver"}
# kbuild gives the kernel's crates a sysroot without content; programs of the host need the real one
WITH_SYSROOT = """case " $* " in
*" --sysroot"*) ;;
*) set -- --sysroot "{home}/usr" "$@" ;;
esac
"""
BEFORE = {
    "rustc": WITH_SYSROOT, "rustdoc": WITH_SYSROOT, "clippy-driver": WITH_SYSROOT,
    # a clang of this machine would tell bindgen include folders of another version
    "bindgen": 'export LIBCLANG_PATH="{compiler}/%s" PATH=/nonexistent\n' % LIBRARIES,
    # clang runs itself for some files, and looks for its headers beside its own file: both would be
    # the loader, where it asks the kernel for its name
    "clang-19": """case $1 in
-cc1*) ;;
*) set -- -no-canonical-prefixes -resource-dir "{compiler}/usr/lib/llvm-19/lib/clang/19" "$@" ;;
esac
""",
}
RUN = ('exec "{loader}" --inhibit-cache --library-path "{libraries}" --argv0 "$0" "{program}" '
       '"$@"\n')


def compiler():
    """The folder of bindgen and rustc (a download of 150 MB)."""
    why = "bindgen 0.71 and rustc 1.85 could not be fetched; clang and rustc were not asked"
    return unpacked(*COMPILER, why, exclude="./usr/share/*", programs=("bindgen", "rustc"),
                    libraries=("libclang-19.so.1",))


def source():
    """The folder of the core library's source, clippy and rustfmt (a download of 50 MB)."""
    return unpacked(*SOURCE, "rust-src 1.85 could not be fetched; nothing of Rust was built",
                    exclude="*/src/tools/*")


def folders(arch, clang=False):
    """The folders of the packages: a program comes from the first that has it."""
    if arch == "s390":
        why = "rustc 1.96 could not be fetched, which 7.3 asks for on s390"
        first = [unpacked(*x, why, exclude="*/src/tools/*") for x in (NEWER, NEWER_LLVM)]
    elif clang:
        first = [unpacked(*CLANG, "clang-19 could not be fetched, which has to build a kernel with "
                          "Rust and KASAN")]
    else:
        first = []
    return [*first, compiler(), source()]


def tools(arch, clang=False):
    """Write a program for each of PROGRAMS into build/rust; {variable of make: its path}."""
    tops, found = folders(arch, clang), {}
    libraries = ":".join(os.path.join(t, LIBRARIES) for t in tops)
    for variable, name in (PROGRAMS | ({"CC": "clang-19"} if clang else {})).items():
        found[variable] = os.path.join(BUILD, "rust/bin", arch, name)
        text = ("#!/bin/sh\n" + BEFORE.get(name, "") + RUN).format(
            home=having(tops, "rustc"), compiler=compiler(), libraries=libraries,
            loader=os.path.join(compiler(), LOADER),
            program=os.path.join(having(tops, name), "usr/bin", name))
        replace_all({found[variable]: text})
        os.chmod(found[variable], 0o755)
    return found


def having(tops, name):
    """The folder that has a program."""
    return next(t for t in tops if os.path.exists(os.path.join(t, "usr/bin", name)))


def make_args(arch, clang=False):
    """Variables of the kernel's make for a kernel with Rust, or a module for it.

    @clang: clang compiles the C.
    """
    top = folders(arch)[0 if arch == "s390" else -1]
    library = glob.glob(os.path.join(glob.escape(top), "usr/src/rustc-*/library"))
    if len(library) != 1:
        raise CannotRun(f"{top} has {len(library)} sources of Rust's core library, not 1")
    return [*(f"{v}={path}" for v, path in tools(arch, clang).items()),
            f"RUST_LIB_SRC={library[0]}"]


def needs_clang(config):
    """Whether a kernel with this configuration has Rust and has to be compiled by clang."""
    return config.get("CONFIG_RUST") == "y" and config.get("CONFIG_KASAN") == "y"


def warning(line):
    """Whether rustc reports a problem in this line; the file's name is in the next one.

    What rustc thinks of the flags that the kernel's Makefile for s390 gives it is not counted.
    """
    return bool(re.match(r"(warning|error)(\[\w+\])?: (?!unstable feature specified for "
                         r"`-Ctarget-feature`: `backchain`|\d+ warnings? emitted)", line))


def key(arch, clang):
    """What tells these compilers from others."""
    return " ".join(os.path.basename(t) for t in folders(arch, clang))


def built(config, arch):
    """Whether these compilers built a kernel, by its configuration."""
    clang = config.get("CONFIG_CC_IS_CLANG") == "y"
    programs = tools(arch, clang)
    asked = {"CONFIG_RUSTC_VERSION_TEXT": "RUSTC"} | (
        {"CONFIG_CC_VERSION_TEXT": "CC"} if clang else {})
    return all(output([programs[variable], "--version"]).splitlines()[0]
               == config.get(option, "").strip('"') for option, variable in asked.items())


def module_args(arch, kdir):
    """Variables of make for a module in Rust: the compiler that built the kernel."""
    config = config_of(kdir)
    if config.get("CONFIG_RUST") != "y":
        raise CannotRun(f"{kdir}: the kernel does not have CONFIG_RUST=y")
    if not os.path.exists(os.path.join(kdir, "rust/libkernel.rmeta")):
        raise CannotRun(f"{kdir}: the crates of the kernel are missing (rust/libkernel.rmeta), "
                        "without which no module in Rust can be built. Debian's headers packages "
                        "lack them: give the folder of a kernel that you have built")
    if built(config, arch):
        return make_args(arch)
    text = config["CONFIG_RUSTC_VERSION_TEXT"].strip('"')
    if shutil.which("rustc") and output(["rustc", "--version"]).strip() == text:
        return []
    raise CannotRun(f"{kdir}: the kernel was built by {text}, which is not in PATH; a module in "
                    "Rust needs the compiler of its kernel")
