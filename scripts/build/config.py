# SPDX-License-Identifier: GPL-2.0-only
"""The configuration of a kernel: fragments of configs/ on top of tinyconfig, or Debian's own."""
import glob
import os
import re
import shutil

from lib.common import TOP, CannotRun, arch_conf, ask, output, run
from build.kbuild import make
from tree.trees import split

BASE = {"common", "x86", "s390"}


def variants():
    names = {os.path.basename(p).removesuffix(".config")
             for p in glob.glob(os.path.join(TOP, "configs/*.config"))}
    return ["plain", *sorted(n for n in names - BASE if "-" not in n)]


def fragments(tree, arch, variant):
    """The files of configs/ for a kernel. A variant may be two: rust+kasan.

    VARIANT-ARCH.config has what a variant needs on one architecture; tree-SERIES.config comes last
    and has the exceptions.
    """
    parts = variant.split("+")
    for part in parts:
        if part not in variants():
            raise CannotRun(f"no variant '{part}'; choose from: {' '.join(variants())}")
    names = ["common", arch]
    for part in parts:
        names += [part, f"{part}-{arch}"]
    names.append(f"tree-{split(tree)[0]}")
    paths = [os.path.join(TOP, "configs", n + ".config") for n in names]
    return [p for p in paths if os.path.exists(p)]


def wanted(files):
    """{symbol: value} that the fragments ask for; a later one wins."""
    symbols = {}
    for path in files:
        with open(path) as f:
            for line in f:
                m = re.match(r"(CONFIG_\w+)=(.*)$|# (CONFIG_\w+) is not set$", line)
                if m:
                    symbols[m[1] or m[3]] = m[2] or "n"
    return symbols


def defined_by(src, arch):
    """{option: whether it has a prompt} for the Kconfig files of one architecture."""
    places = [os.path.join(src, d) for d in os.listdir(src) if d != "arch"]
    places.append(os.path.join(src, "arch", arch_conf(arch)["kbuild"]))
    pattern = r"^\s*((menu)?config\s+\w+|(prompt|bool|tristate)\s+\S)"
    lines = output(["grep", "-rhE", pattern, "--include=Kconfig*", *places]).splitlines()
    options, name = {}, None
    for words in (line.split() for line in lines):
        if words[0].endswith("config"):
            name = "CONFIG_" + words[1]
            options.setdefault(name, False)
        elif name:
            options[name] = True
    return options


def configure(src, arch, o, files, log, more=()):
    """Write o/.config from tinyconfig and fragments; fail if an option did not take effect.

    @more: variables of make, as for build.kbuild.make().
    """
    fresh(o)
    run([*make(src, arch, o, more), "tinyconfig"], log=log, what="tinyconfig")
    config = os.path.join(o, ".config")
    run([os.path.join(src, "scripts/kconfig/merge_config.sh"), "-m", "-O", o, config, *files],
        log=log, what="merge_config.sh", cwd=src)
    run([*make(src, arch, o, more), "olddefconfig"], log=log, what="olddefconfig")
    with open(config) as f:
        got = dict(re.findall(r"^(CONFIG_\w+)=(.*)$", f.read(), re.M))
    # all trees share the fragments: a tree may lack an option, or have it without a prompt
    known = defined_by(src, arch)
    lost = [f"    {s} is {got.get(s, 'n')}, not {v}" for s, v in wanted(files).items()
            if got.get(s, "n") != v and s in known and (v != "n" or known[s])]
    if lost:
        raise CannotRun("options of configs/ did not take effect; see `depends on` of each in "
                        f"Kconfig files of {src}:\n" + "\n".join(lost))


def configure_as_debian(tree, src, arch, o, log):
    """Write o/.config from that of Debian's kernel of the same tree and flavour."""
    headers = ask("tree/fetch", "config", tree, arch)
    fresh(o)
    shutil.copyfile(os.path.join(headers, ".config"), os.path.join(o, ".config"))
    with open(os.path.join(o, ".config"), "a") as f:
        # a flavour without mdev drivers is without the core
        f.write("CONFIG_VFIO=m\nCONFIG_VFIO_MDEV=m\n")
    run([*make(src, arch, o), "olddefconfig"], log=log, what="olddefconfig")


def fresh(o):
    os.makedirs(o, exist_ok=True)
    for stale in (".config", ".config.old"):
        if os.path.exists(os.path.join(o, stale)):
            os.unlink(os.path.join(o, stale))
