# SPDX-License-Identifier: GPL-2.0-only
"""What a call of the kernel's own make needs: architecture, compiler, configuration, checkers."""
import glob
import os
import platform
import re

from common import TOP, CannotRun, arch_conf, run, say


def cross(arch):
    """The prefix of the compiler, none where the machine is of the architecture itself."""
    native = {"x86_64": "x86", "s390x": "s390"}.get(platform.machine())
    return "" if native == arch else arch_conf(arch)["cross"]


def variants():
    names = {os.path.basename(p).removesuffix(".config") for p in glob.glob(os.path.join(TOP, "configs/*.config"))}
    return ["plain", *sorted(names - {"common", "x86", "s390"})]


def fragments(arch, variant):
    if variant not in variants():
        raise CannotRun(f"no variant '{variant}'; there are: {' '.join(variants())}")
    names = ["common", arch] + ([variant] if variant != "plain" else [])
    return [os.path.join(TOP, "configs", n + ".config") for n in names]


def wanted(files):
    """{symbol: value} of what the fragments ask for; a later one wins."""
    symbols = {}
    for path in files:
        with open(path) as f:
            for line in f:
                m = re.match(r"(CONFIG_\w+)=(.*)$|# (CONFIG_\w+) is not set$", line)
                if m:
                    symbols[m[1] or m[3]] = m[2] or "n"
    return symbols


def make(src, arch, o):
    return ["make", "-C", src, f"O={o}", f"ARCH={arch_conf(arch)['kbuild']}", f"CROSS_COMPILE={cross(arch)}"]


def configure(src, arch, o, files, log):
    """tinyconfig, the fragments on top of it, and a look whether all of it stuck."""
    os.makedirs(o, exist_ok=True)
    for stale in (".config", ".config.old"):
        if os.path.exists(os.path.join(o, stale)):
            os.unlink(os.path.join(o, stale))
    run([*make(src, arch, o), "tinyconfig"], log=log, what="tinyconfig")
    config = os.path.join(o, ".config")
    run([os.path.join(src, "scripts/kconfig/merge_config.sh"), "-m", "-O", o, config, *files], log=log, what="merge_config.sh", cwd=src)
    run([*make(src, arch, o), "olddefconfig"], log=log, what="olddefconfig")
    with open(config) as f:
        got = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", f.read(), re.M))
    lost = [f"    {s} is {got.get(s, 'n')}, not {v}" for s, v in wanted(files).items() if got.get(s, "n") != v]
    if lost:
        raise CannotRun("the configuration does not hold what was asked for (see `depends on` of each in the tree's Kconfig; the "
                        f"fragments are in configs/):\n" + "\n".join(lost))


def kbuild_args(arch, kdir, warnings=False):
    """Arguments for make -C kdir M=…. With warnings, what is built is ours: W=1, and sparse as the user's C= says."""
    args = [f"ARCH={arch_conf(arch)['kbuild']}", f"CROSS_COMPILE={cross(arch)}"]
    if not cross(arch) and os.path.exists(os.path.join(kdir, ".kernelvariables")):
        # Debian's headers name the compiler that built the kernel; another release of Debian has another one
        args.append("CC=gcc")
    return args + (checker_args() if warnings else [])


def checker_args():
    """What the user said on the command line of make, for what is ours."""
    return [f"W={os.environ.get('W') or 1}"] + [f"{name}={os.environ[name]}" for name in ("C", "CHECK", "V") if os.environ.get(name)]


def count_warnings(log):
    """1 if a build log has a warning, after showing them; else 0. What modpost cannot resolve without vmlinux is for build-in-tree."""
    with open(log, errors="replace") as f:
        found = [x for x in f.read().splitlines() if re.match(r"\S+:\d+(:\d+)?: (warning|error):", x)
                 or re.match("WARNING: modpost: (?!.*(undefined|unresolved))", x)]
    if found:
        say("\n".join(found[:20]))
        say(f"{len(found)} warnings about our files; the whole log: {log}")
    return 1 if found else 0
