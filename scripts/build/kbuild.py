# SPDX-License-Identifier: GPL-2.0-only
"""Calling the kernel's make: architecture, compiler, checkers, and the warnings of a build."""
import os
import platform
import re
import shutil

from build import rust
from lib.common import arch_conf, output, run, say
from tree.folder import config_of, llvm_of

UNJUDGED = ".unjudged"


def cross(arch):
    """The prefix of the compiler, "" where the machine has the architecture itself."""
    native = {"x86_64": "x86", "s390x": "s390"}.get(platform.machine())
    return "" if native == arch else arch_conf(arch)["cross"]


def make(src, arch, o, more=()):
    """Arguments for a build in a kernel source. @more: variables, as of build.rust.make_args()."""
    return ["make", "-C", src, f"O={o}", f"ARCH={arch_conf(arch)['kbuild']}",
            f"CROSS_COMPILE={cross(arch)}", *more]


def users_cross(arch):
    """CROSS_COMPILE of the environment, if that compiler is for the architecture."""
    prefix = os.environ.get("CROSS_COMPILE")
    if prefix is None:
        return cross(arch)
    gcc = shutil.which(prefix + "gcc")
    machine = output([gcc, "-dumpmachine"]).strip() if gcc else "no compiler of this machine"
    if machine.startswith(arch_conf(arch)["cross"].split("-")[0]):
        return prefix
    say(f"CROSS_COMPILE={prefix} of the environment is for {machine}, not for {arch}: not used")
    return cross(arch)


def kbuild_args(arch, kdir, warnings=False):
    """Arguments for make -C kdir M=…. With warnings, the sources are this project's: W=1, C=."""
    prefix = users_cross(arch) if os.environ.get("KDIR") else cross(arch)
    args = [f"ARCH={arch_conf(arch)['kbuild']}", f"CROSS_COMPILE={prefix}"]
    config = config_of(kdir)
    if rust.needs_clang(config) and rust.built(config, arch):
        args.append("CC=" + rust.tools(arch, True)["CC"])
    elif llvm := llvm_of(config):
        args.append("LLVM=" + llvm)
    elif not prefix and os.path.exists(os.path.join(kdir, ".kernelvariables")):
        # Debian's headers name the gcc of the release that built the kernel
        args.append("CC=gcc")
    return args + (checker_args() if warnings else [])


def mdev_config(kdir):
    """The options of this project's core that a kernel's configuration may lack."""
    kernel = config_of(kdir)
    return (["CONFIG_VFIO_MDEV=m"]
            + ["CONFIG_VFIO_MDEV_KUNIT_TEST=m"] * ("CONFIG_KUNIT" in kernel)
            + ["MDEV_GCOV=y"] * ("CONFIG_GCOV_KERNEL" in kernel))


def checker_args():
    """W=, C=, CHECK= and V= of the command line of make, for this project's files."""
    return [f"W={os.environ.get('W') or 1}"] + [
        f"{name}={os.environ[name]}" for name in ("C", "CHECK", "V") if os.environ.get(name)]


def write(path, text):
    """Write a file unless it has that content: kbuild compares time stamps."""
    if os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def with_ours(folder, ours, newer, modules):
    """Write a Kbuild for drivers on this project's core, as the owner of a driver writes it.

    @newer: the drivers are of a newer tree than the kernel.
    """
    write(os.path.join(folder, "Kbuild"), "\n".join((
        f"LINUXINCLUDE := -I{ours}/include $(LINUXINCLUDE)",
        f"include {ours}/compat/Kbuild.include",
        *(["LINUXINCLUDE := $(MDEV_COMPAT_DRIVER) $(LINUXINCLUDE)"] if newer else []),
        "obj-m += " + " ".join(f"{m}.o" for m in modules))) + "\n")


def judged(cmd, log, what, objects):
    """Run kbuild; return 1 if it warned about files of this project, else 0.

    kbuild compiles only files that changed, and repeats no warning. The objects (folders) of a
    build that warned, failed or was interrupted are deleted before the next one.
    """
    mark = os.path.join(os.path.dirname(log), UNJUDGED)
    if os.path.exists(mark):
        drop_objects(objects)
    for path, text in ((mark, ""), (log, "")):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    for one in cmd:
        run(one, log=log, what=what)
    code = count_warnings(log)
    if not code:
        os.unlink(mark)
    return code


def drop_objects(folders):
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                if name.endswith((".o", ".o.cmd", ".mod", ".mod.c")):
                    os.unlink(os.path.join(folder, name))


def warnings(log):
    """The warnings in a build log about files of this project.

    Those of unresolved symbols are left out: modpost needs vmlinux to know them.
    """
    with open(log, errors="replace") as f:
        lines = f.read().splitlines()
    found = [x for x in lines if re.match(r"\S+:\d+(:\d+)?: (warning|error):", x)
             or rust.warning(x)
             or re.match("WARNING: modpost: (?!.*(undefined|unresolved|vmlinux))", x)]
    # W=1 finds faults in headers of older trees
    found = [x for x in found
             if not re.match(r"\S*/include/(?!linux/mdev\.h:)", x) or "/compat/" in x]
    # kernel-doc (without a column) about the tree's part of vfio-ccw
    stock = r"\S*/?vfio_ccw_(async|chp|cp|trace)\.[ch]:\d+: warning:"
    return [x for x in found if not re.match(stock, x)]


def count_warnings(log):
    """1 if a build log has warnings about files of this project, which are shown; else 0."""
    found = warnings(log)
    if found:
        say("\n".join(found[:20]))
        say(f"{len(found)} warnings about this project's files; log: {log}")
    return 1 if found else 0
