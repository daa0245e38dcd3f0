# SPDX-License-Identifier: GPL-2.0-only
"""What a call of the kernel's own make needs: architecture, compiler, configuration, checkers."""
import glob
import os
import platform
import re

from lib.common import TOP, CannotRun, arch_conf, output, run, say


def cross(arch):
    """The prefix of the compiler, none where the machine is of the architecture itself."""
    native = {"x86_64": "x86", "s390x": "s390"}.get(platform.machine())
    return "" if native == arch else arch_conf(arch)["cross"]


def variants():
    names = {os.path.basename(p).removesuffix(".config") for p in glob.glob(os.path.join(TOP, "configs/*.config"))}
    return ["plain", *sorted(n for n in names - {"common", "x86", "s390"} if not n.startswith("tree-"))]


def fragments(tree, arch, variant):
    """The files of configs/ that make up a configuration; tree-TREE.config, last, is what one tree cannot have or needs besides."""
    if variant not in variants():
        raise CannotRun(f"no variant '{variant}'; there are: {' '.join(variants())}")
    names = ["common", arch] + ([variant] if variant != "plain" else [])
    paths = [os.path.join(TOP, "configs", n + ".config") for n in names]
    own = os.path.join(TOP, "configs", f"tree-{tree}.config")
    return paths + [own] * os.path.exists(own)


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


def defined_by(src, arch):
    """{option: whether somebody may choose it} for all that the Kconfig files of a tree define for one architecture."""
    places = [os.path.join(src, d) for d in os.listdir(src) if d != "arch"] + [os.path.join(src, "arch", arch_conf(arch)["kbuild"])]
    lines = output(["grep", "-rhE", r"^\s*((menu)?config\s+\w+|(prompt|bool|tristate)\s+\S)", "--include=Kconfig*", *places]).splitlines()
    options, name = {}, None
    for words in (line.split() for line in lines):
        if words[0].endswith("config"):
            name = "CONFIG_" + words[1]
            options.setdefault(name, False)
        elif name:
            options[name] = True
    return options


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
    # one set of fragments for all trees: an option that a tree does not have, or always has, is not lost
    known = defined_by(src, arch)
    lost = [f"    {s} is {got.get(s, 'n')}, not {v}" for s, v in wanted(files).items()
            if got.get(s, "n") != v and s in known and (v != "n" or known[s])]
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


def write(path, text):
    """Write a file unless it has that content already: kbuild goes by time stamps."""
    if os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def with_ours(folder, ours, newer, modules):
    """A Kbuild for drivers on our core, those of newer trees too: what their owners write."""
    write(os.path.join(folder, "Kbuild"), "\n".join((
        f"LINUXINCLUDE := -I{ours}/include $(LINUXINCLUDE)", f"include {ours}/compat/Kbuild.include",
        *(["LINUXINCLUDE := $(MDEV_COMPAT_DRIVER) $(LINUXINCLUDE)"] if newer else []),
        "obj-m += " + " ".join(f"{m}.o" for m in modules))) + "\n")


def checker_args():
    """What the user said on the command line of make, for what is ours."""
    return [f"W={os.environ.get('W') or 1}"] + [f"{name}={os.environ[name]}" for name in ("C", "CHECK", "V") if os.environ.get(name)]


def count_warnings(log):
    """1 if a build log has a warning, after showing them; else 0. What modpost cannot resolve without vmlinux is for build/in-tree."""
    with open(log, errors="replace") as f:
        found = [x for x in f.read().splitlines() if re.match(r"\S+:\d+(:\d+)?: (warning|error):", x)
                 or re.match("WARNING: modpost: (?!.*(undefined|unresolved|vmlinux))", x)]
    # W=1 finds things in the headers of older trees, whoever includes them
    found = [x for x in found if not re.match(r"\S*/include/(?!linux/mdev\.h:)", x) or "/compat/" in x]
    # kernel-doc (no column) about vfio-ccw files that are the tree's
    found = [x for x in found if not re.match(r"\S*/?vfio_ccw_(async|chp|cp|trace)\.[ch]:\d+: warning:", x)]
    if found:
        say("\n".join(found[:20]))
        say(f"{len(found)} warnings about our files; the whole log: {log}")
    return 1 if found else 0
