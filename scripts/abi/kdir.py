# SPDX-License-Identifier: GPL-2.0-only
"""The source and the headers folder of a kernel tree, against which the gate builds modules.

The headers are Debian's where scripts/tree/trees.conf says out-of-tree. For other trees, their
own source is prepared for modules in build/abi/kdir.
"""
import os
import re
import shutil
import time

from build.kbuild import kbuild_args
from lib.common import BUILD, ask, jobs, locked, run, say
from tree.trees import TREES_CONF, headers_package, split, tree_conf, ways

ABI_BUILD = os.path.join(BUILD, "abi")
# the mark of a prepared folder; a new number invalidates old folders
PREPARED = "prepared.2"
DAY = 24 * 3600


def located(what, tree, arch):
    """The output of scripts/tree/fetch, kept for a day: it takes seconds to find the newest
    package, and the package index is kept as long."""
    keep = os.path.join(ABI_BUILD, "where", f"{what}-{tree}-{arch}")
    by_hand = os.environ.get("KSRC" if what == "source" else "KDIR")
    if not by_hand and os.path.exists(keep) and time.time() - os.path.getmtime(keep) < DAY \
       and os.path.getmtime(keep) > os.path.getmtime(TREES_CONF):
        with open(keep) as f:
            path = f.read()
        if os.path.isdir(path):
            return path
    path = ask("tree/fetch", what, tree, arch)
    if not by_hand:
        os.makedirs(os.path.dirname(keep), exist_ok=True)
        with open(keep, "w") as f:
            f.write(path)
    return path


def source(tree, arch):
    return located("source", tree, arch)


def kdir(tree, arch):
    if "out-of-tree" in ways(tree, arch):
        return located("headers", tree, arch)
    return _prepared(tree, arch)


def release(folder):
    """The kernel release of a headers folder."""
    with open(os.path.join(folder, "include/config/kernel.release")) as f:
        return f.read().strip()


def _prepared(tree, arch):
    """A folder for module builds, from the tree's source; preparing it takes half a minute."""
    src = source(tree, arch)
    flavour = "-".join(("", *filter(None, split(tree)[1:])))
    path = os.path.join(ABI_BUILD, "kdir", f"{os.path.basename(src)}-{arch}{flavour}")
    with locked(path + ".lock"):
        if not os.path.exists(os.path.join(path, PREPARED)):
            log = os.path.join(ABI_BUILD, "log", f"kdir-{tree}-{arch}.log")
            shutil.rmtree(path, ignore_errors=True)
            os.makedirs(path)
            what = f"preparing {tree} for {arch} modules"
            say(what)
            _kernel_config(tree, arch, path, src, log)
            run([*_make(arch, src, path), "-j" + jobs(), "modules_prepare"], log=log, what=what)
            open(os.path.join(path, PREPARED), "w").close()
    return path


def _kernel_config(tree, arch, o, src, log):
    """Write .config: Debian's, which its kernel image needs, or the architecture's defconfig."""
    make = _make(arch, src, o)
    if tree_conf(tree).get(f"abi-config.{arch}", "defconfig") == "debian":
        deb = _debian_headers(tree, arch)
        run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" --strip-components=4 '
             '--wildcards "./usr/src/*/.config" "./usr/src/*/Module.symvers"', deb, o],
            log=log, what="unpacking Debian's configuration")
        # Debian's kernel loads only modules of its own release and struct module
        local = re.search(r"linux-headers-[\d.]+\d([^_]*)_", os.path.basename(deb))[1]
        switch = ["--set-str", "LOCALVERSION", local, "-d", "LOCALVERSION_AUTO"]
    else:
        run([*make, "defconfig"], log=log, what=f"defconfig of {tree}")
        switch = ["-e", "MODULES", "-m", "VFIO", "-m", "VFIO_MDEV", "-e", "DEBUG_INFO"]
    config = os.path.join(o, ".config")
    run([os.path.join(src, "scripts/config"), "--file", config, *switch], log=log)
    run([*make, "olddefconfig"], log=log, what=f"olddefconfig of {tree}")


def _debian_headers(tree, arch):
    suite, version = ask("tree/fetch", "version", tree, arch).split()[2:0:-1]
    return ask("tree/apt-fetch", suite, f"{headers_package(tree, arch)}={version}")


def _make(arch, src, o):
    return ["make", "-C", src, f"O={o}", *kbuild_args(arch, o)]
