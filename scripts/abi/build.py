# SPDX-License-Identifier: GPL-2.0-only
"""The modules that the ABI gate compares: the unmodified tree's and ours, each with its probe, built with debug info.

Both are built against the same folder: Debian's headers where scripts/tree/trees.conf says out-of-tree, and otherwise the tree's
own source, prepared for modules in a folder of ours. What has not changed since the last run is not built again.
"""
import hashlib
import os
import re
import shutil
import tempfile
import time

import abi.probe
from lib.common import BUILD, SCRIPTS, TOP, CannotRun, arch_conf, jobs, locked, output, run, say
from tree.trees import TREES_CONF, tree_conf
from build.kbuild import cross, kbuild_args

ABI_BUILD = os.path.join(BUILD, "abi")
PUBLIC, CIO = "include/linux", "drivers/s390/cio"
# the other half of <linux/mdev.h> where the tree's own drivers use the interface of mdev_register_device()
ADAPTER = "drivers/vfio/mdev_parent_ops/linux"
# of a prepared folder; another number makes old ones useless
PREPARED = "prepared.2"


def located(what, tree, arch):
    """What scripts/tree/fetch prints, kept for a day: finding the newest package takes seconds, and the index is no younger."""
    keep = os.path.join(ABI_BUILD, "where", f"{what}-{tree}-{arch}")
    by_hand = os.environ.get("KSRC" if what == "source" else "KDIR")
    if not by_hand and os.path.exists(keep) and time.time() - os.path.getmtime(keep) < 24 * 3600 \
       and os.path.getmtime(keep) > os.path.getmtime(TREES_CONF):
        with open(keep) as f:
            path = f.read()
        if os.path.isdir(path):
            return path
    path = output([os.path.join(SCRIPTS, "tree/fetch"), what, tree, arch]).strip()
    if not by_hand:
        os.makedirs(os.path.dirname(keep), exist_ok=True)
        with open(keep, "w") as f:
            f.write(path)
    return path


def source(tree, arch):
    return located("source", tree, arch)


def public_headers(root=TOP):
    """Our public headers; in another folder the same names, where it has them."""
    names = sorted(n for n in os.listdir(os.path.join(TOP, PUBLIC)) if n.endswith(".h"))
    return [os.path.join(root, PUBLIC, n) for n in names if os.path.exists(os.path.join(root, PUBLIC, n))]


def has_adapter(folder):
    """Whether a folder of ours was staged for a tree whose own <linux/mdev.h> has the old interface."""
    return os.path.exists(os.path.join(folder, ".adapter"))


def public_folders(folder):
    """Where the public headers of a staged folder are."""
    return [os.path.join(folder, p) for p in (PUBLIC, ADAPTER) if p == PUBLIC or has_adapter(folder)]


def staged_headers(folder):
    """All public headers of a staged folder."""
    found = public_headers(folder)
    if has_adapter(folder):
        found += [os.path.join(folder, ADAPTER, n) for n in sorted(os.listdir(os.path.join(folder, ADAPTER)))]
    return found


def kernel_config(tree, arch, o, src, log):
    """A .config for a tree that is built from its source: Debian's, whose modules ours must fit, or the architecture's own."""
    make = make_of(arch, src, o)
    config = os.path.join(o, ".config")
    if tree_conf(tree).get(f"abi-config.{arch}", "defconfig") == "debian":
        deb = debian_headers(tree, arch)
        run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" --strip-components=4 --wildcards '
             '"./usr/src/*/.config" "./usr/src/*/Module.symvers"', deb, o], log=log, what="unpacking Debian's configuration")
        # the kernel's release and struct module must be Debian's, or its kernel would not load what is built here
        local = re.search(r"linux-headers-[\d.]+\d([^_]*)_", os.path.basename(deb))[1]
        switch = ["--set-str", "LOCALVERSION", local, "-d", "LOCALVERSION_AUTO"]
    else:
        run([*make, "defconfig"], log=log, what=f"defconfig of {tree}")
        switch = ["-e", "MODULES", "-m", "VFIO", "-m", "VFIO_MDEV", "-e", "DEBUG_INFO"]
    run([os.path.join(src, "scripts/config"), "--file", config, *switch], log=log)
    run([*make, "olddefconfig"], log=log, what=f"olddefconfig of {tree}")


def debian_headers(tree, arch):
    suite, version = output([os.path.join(SCRIPTS, "tree/fetch"), "version", tree, arch]).split()[2:0:-1]
    deb = arch_conf(arch)["deb"]
    return output([os.path.join(SCRIPTS, "tree/apt-fetch"), suite, f"linux-headers-{tree}.*[0-9b]-{deb}:{deb}={version}"]).strip()


def make_of(arch, src, o):
    return ["make", "-C", src, f"O={o}", *kbuild_args(arch, o)]


def prepared(tree, arch):
    """A folder against which modules can be built, from the tree's source: half a minute, once."""
    src = source(tree, arch)
    path = os.path.join(ABI_BUILD, "kdir", f"{os.path.basename(src)}-{arch}")
    with locked(path + ".lock"):
        if not os.path.exists(os.path.join(path, PREPARED)):
            log = os.path.join(ABI_BUILD, "log", f"kdir-{tree}-{arch}.log")
            shutil.rmtree(path, ignore_errors=True)
            os.makedirs(path)
            say(f"preparing {tree} for {arch} modules")
            kernel_config(tree, arch, path, src, log)
            run([*make_of(arch, src, path), "-j" + jobs(), "modules_prepare"], log=log, what=f"preparing {tree} for {arch} modules")
            open(os.path.join(path, PREPARED), "w").close()
    return path


def kdir(tree, arch):
    conf = tree_conf(tree)
    if os.environ.get("KDIR") or "out-of-tree" in conf.get(f"build.{arch}", conf["build"]).split():
        return located("headers", tree, arch)
    return prepared(tree, arch)


def release(folder):
    """What uname -r says of a headers folder."""
    path = os.path.join(folder, "include/config/kernel.release")
    with open(path) as f:
        return f.read().strip()


def put(path, text):
    if os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def stage_ccw(folder, src, *own):
    """vfio-ccw's sources; build/stage-ccw makes its folder anew, and kbuild is to find as old as it was what is as it was."""
    with tempfile.TemporaryDirectory(dir=ABI_BUILD) as tmp:
        run([os.path.join(SCRIPTS, "build/stage-ccw"), *own, src, os.path.join(tmp, "cio")], what="staging vfio_ccw")
        os.makedirs(os.path.join(folder, CIO), exist_ok=True)
        run(["rsync", "-r", "--checksum", os.path.join(tmp, "cio") + "/", os.path.join(folder, CIO) + "/"])


def stage_ours(folder, src, arch):
    output([os.path.join(SCRIPTS, "series/apply"), "--out-of-tree", folder])
    if arch == "s390":
        stage_ccw(folder, src)
    mark = os.path.join(folder, ".adapter")
    with open(os.path.join(src, PUBLIC, "mdev.h")) as f:
        if "struct mdev_parent_ops" in f.read():
            put(mark, "")
        elif os.path.exists(mark):
            os.unlink(mark)
    probe(folder)


def stage_own(folder, src, arch):
    """The tree's own modules, unmodified, with its own public headers first."""
    mdev = os.path.join(src, "drivers/vfio/mdev")
    if not os.path.isdir(mdev):
        raise CannotRun(f"{src} has no drivers/vfio/mdev: is it a kernel source?")
    for name in sorted(os.listdir(mdev)):
        if name.endswith((".c", ".h")) or name == "Makefile":
            copy(os.path.join(mdev, name), os.path.join(folder, "drivers/vfio/mdev", name))
    for header in public_headers(src):
        copy(header, os.path.join(folder, PUBLIC, os.path.basename(header)))
    put(os.path.join(folder, "Kbuild"), f"LINUXINCLUDE := -I{folder}/include $(LINUXINCLUDE)\nobj-m += drivers/vfio/mdev/\n"
        + f"obj-m += {CIO}/\n" * (arch == "s390"))
    if arch == "s390":
        stage_ccw(folder, src, "--own")
    probe(folder)


def copy(path, to):
    with open(path) as f:
        put(to, f.read())


def probe(folder):
    headers = staged_headers(folder)
    abi.probe.write(os.path.join(folder, "abi"), headers, sorted({f"linux/{os.path.basename(h)}" for h in headers}))
    with open(os.path.join(folder, "Kbuild")) as f:
        text = f.read()
    if "obj-m += abi/" not in text:
        put(os.path.join(folder, "Kbuild"), text + "obj-m += abi/\n")


def fingerprint(folder, headers, arch):
    """Changes with everything that a build depends on."""
    digest = hashlib.sha256(output([cross(arch) + "gcc", "-dumpfullversion"]).encode())
    for name in ("include/config/auto.conf", "Module.symvers"):
        path = os.path.join(headers, name)
        digest.update(f"{path} {os.path.getmtime(path) if os.path.exists(path) else None}\n".encode())
    for d, dirs, names in sorted(os.walk(folder)):
        dirs.sort()
        for n in sorted(names):
            if (n.endswith((".c", ".h", "Kbuild.include")) and not n.endswith(".mod.c")) or n in ("Makefile", "Kbuild"):
                with open(os.path.join(d, n), "rb") as f:
                    digest.update(os.path.join(d, n).encode() + b"\0" + f.read())
    return digest.hexdigest()


def build(folder, headers, arch, what):
    """Build a staged folder unless nothing has changed; drop what no source makes any more."""
    mark, stamp = os.path.join(folder, ".built"), fingerprint(folder, headers, arch)
    if os.path.exists(mark) and open(mark).read() == stamp:
        return
    log = os.path.join(folder, "build.log")
    for old in (mark, log, os.path.join(folder, "Module.symvers")):
        if os.path.exists(old):
            os.unlink(old)
    cmd = ["make", "-C", headers, f"M={folder}", "-j" + jobs(), *kbuild_args(arch, headers), "CONFIG_VFIO_MDEV=m", "KCFLAGS=-g",
           # BTF is of no use here and takes half of the time; a prepared folder knows no exports of the kernel's
           "CONFIG_DEBUG_INFO_BTF_MODULES="]
    symbols = os.path.join(headers, "Module.symvers")
    if not os.path.exists(symbols) or not os.path.getsize(symbols):
        cmd.append("KBUILD_MODPOST_WARN=1")
    run([*cmd, "modules"], log=log, what=f"building {what}")
    if not os.path.exists(os.path.join(folder, "Module.symvers")):
        raise CannotRun(f"building {what} left no Module.symvers; its log: {log}")
    with open(mark, "w") as f:
        f.write(stamp)


def modules(folder):
    """{name: file} of the modules in a built folder, the probe apart."""
    found = {}
    for d, _, names in os.walk(folder):
        for n in names:
            if n.endswith(".ko") and n != "abi_probe.ko":
                found[re.sub("-", "_", n.removesuffix(".ko"))] = os.path.join(d, n)
    return found


def build_pair(tree, arch):
    """Folders of the tree's own modules and of ours, built, and the folder that they were built against."""
    headers, base = kdir(tree, arch), os.path.join(ABI_BUILD, f"{tree}-{arch}")
    own, ours = os.path.join(base, "own"), os.path.join(base, "ours")
    with locked(base + ".lock"):
        stage_own(own, source(tree, arch), arch)
        build(own, headers, arch, f"the tree's own mdev of {tree} for {arch}")
        stage_ours(ours, source(tree, arch), arch)
        build(ours, headers, arch, f"our modules for {tree} on {arch}")
    return own, ours, headers
