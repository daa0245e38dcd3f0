# SPDX-License-Identifier: GPL-2.0-only
"""The modules that the gate compares: stock and ours, each with its probe and debug info.

Both are built against the same headers folder, and only when something has changed.
"""
import hashlib
import os
import tempfile

import abi.read.probe
from abi.kdir import ABI_BUILD, kdir, source
from abi.read.probe import put
from build.kbuild import cross, kbuild_args
from lib.common import SCRIPTS, TOP, CannotRun, jobs, locked, output, run

PUBLIC, CIO = "include/linux", "drivers/s390/cio"
# the part of <linux/mdev.h> for drivers that call mdev_register_device()
ADAPTER = "drivers/vfio/mdev_parent_ops/linux"
PROBE = "abi/abi_probe"


def public_headers(root=TOP):
    """Our public headers, or the headers of the same names in another folder."""
    names = sorted(n for n in os.listdir(os.path.join(TOP, PUBLIC)) if n.endswith(".h"))
    paths = [os.path.join(root, PUBLIC, n) for n in names]
    return [p for p in paths if os.path.exists(p)]


def has_adapter(folder):
    """Whether a folder was staged for a tree whose <linux/mdev.h> has the old interface."""
    return os.path.exists(os.path.join(folder, ".adapter"))


def staged_headers(folder):
    """All public headers of a staged folder."""
    found = public_headers(folder)
    if has_adapter(folder):
        adapter = os.path.join(folder, ADAPTER)
        found += [os.path.join(adapter, n) for n in sorted(os.listdir(adapter))]
    return found


def copy(path, to):
    with open(path) as f:
        put(to, f.read())


def _stage_ccw(folder, src, *options):
    """Stage vfio-ccw. build/stage-ccw writes every file anew; rsync keeps the time of a file that
    stays the same, so that kbuild does not build it again."""
    with tempfile.TemporaryDirectory(dir=ABI_BUILD) as tmp:
        cio = os.path.join(tmp, "cio")
        run([os.path.join(SCRIPTS, "build/stage-ccw"), *options, src, cio], what="staging vfio_ccw")
        os.makedirs(os.path.join(folder, CIO), exist_ok=True)
        run(["rsync", "-r", "--checksum", cio + "/", os.path.join(folder, CIO) + "/"])


def stage_ours(folder, src, arch):
    output([os.path.join(SCRIPTS, "series/apply"), "--out-of-tree", folder])
    if arch == "s390":
        _stage_ccw(folder, src)
    mark = os.path.join(folder, ".adapter")
    with open(os.path.join(src, PUBLIC, "mdev.h")) as f:
        if "struct mdev_parent_ops" in f.read():
            put(mark, "")
        elif os.path.exists(mark):
            os.unlink(mark)
    stage_probe(folder)


def _stage_stock(folder, src, arch):
    """Stage the tree's unmodified modules, with its public headers first."""
    mdev = os.path.join(src, "drivers/vfio/mdev")
    if not os.path.isdir(mdev):
        raise CannotRun(f"{src} has no drivers/vfio/mdev: it is not a kernel source tree")
    for name in sorted(os.listdir(mdev)):
        if name.endswith((".c", ".h")) or name == "Makefile":
            copy(os.path.join(mdev, name), os.path.join(folder, "drivers/vfio/mdev", name))
    for header in public_headers(src):
        copy(header, os.path.join(folder, PUBLIC, os.path.basename(header)))
    put(os.path.join(folder, "Kbuild"),
        f"LINUXINCLUDE := -I{folder}/include $(LINUXINCLUDE)\nobj-m += drivers/vfio/mdev/\n"
        + f"obj-m += {CIO}/\n" * (arch == "s390"))
    if arch == "s390":
        _stage_ccw(folder, src, "--own")
    stage_probe(folder)


def stage_probe(folder):
    headers = staged_headers(folder)
    include_as = sorted({f"linux/{os.path.basename(h)}" for h in headers})
    abi.read.probe.write(os.path.join(folder, "abi"), headers, include_as)
    with open(os.path.join(folder, "Kbuild")) as f:
        text = f.read()
    if "obj-m += abi/" not in text:
        put(os.path.join(folder, "Kbuild"), text + "obj-m += abi/\n")


def _is_source(name):
    return (name.endswith((".c", ".h", "Kbuild.include")) and not name.endswith(".mod.c")
            or name in ("Makefile", "Kbuild"))


def fingerprint(folder, headers, arch):
    """A hash of everything that a build depends on."""
    digest = hashlib.sha256(output([cross(arch) + "gcc", "-dumpfullversion"]).encode())
    for name in ("include/config/auto.conf", "Module.symvers"):
        path = os.path.join(headers, name)
        time = os.path.getmtime(path) if os.path.exists(path) else None
        digest.update(f"{path} {time}\n".encode())
    for d, dirs, names in sorted(os.walk(folder)):
        dirs.sort()
        for path in (os.path.join(d, n) for n in sorted(names) if _is_source(n)):
            with open(path, "rb") as f:
                digest.update(path.encode() + b"\0" + f.read())
    return digest.hexdigest()


def build(folder, headers, arch, what):
    """Build a staged folder unless nothing has changed."""
    mark, stamp = os.path.join(folder, ".built"), fingerprint(folder, headers, arch)
    if os.path.exists(mark) and open(mark).read() == stamp:
        return
    log = os.path.join(folder, "build.log")
    for old in (mark, log, os.path.join(folder, "Module.symvers")):
        if os.path.exists(old):
            os.unlink(old)
    cmd = ["make", "-C", headers, f"M={folder}", "-j" + jobs(), *kbuild_args(arch, headers),
           # the gate does not read BTF, which takes half of the build time
           "CONFIG_VFIO_MDEV=m", "KCFLAGS=-g", "CONFIG_DEBUG_INFO_BTF_MODULES="]
    symbols = os.path.join(headers, "Module.symvers")
    if not os.path.exists(symbols) or not os.path.getsize(symbols):
        # a prepared folder has no list of the kernel's exports
        cmd.append("KBUILD_MODPOST_WARN=1")
    _make([*cmd, "modules"], folder, log, what)
    if not os.path.exists(os.path.join(folder, "Module.symvers")):
        raise CannotRun(f"building {what} left no Module.symvers; its log: {log}")
    with open(mark, "w") as f:
        f.write(fingerprint(folder, headers, arch))


def _make(cmd, folder, log, what):
    """Build; a declaration that the probe cannot compile is left out of it, and the rest built."""
    probe = os.path.join(folder, "abi")
    while run(cmd, log=log, check=False).returncode:
        with open(log, errors="replace") as f:
            text = f.read()
        if not abi.read.probe.leave_out(probe, text[text.rindex("\n+ ") if "\n+ " in text else 0:]):
            tail = "".join(f"    {x}\n" for x in text.splitlines()[-12:])
            raise CannotRun(f"building {what} failed; its log: {log}\n{tail}")
        stage_probe(folder)


def modules(folder):
    """{name: file} of the modules in a built folder, the probe apart.

    modules.order names them: a module of an earlier build may lie beside them.
    """
    with open(os.path.join(folder, "modules.order")) as f:
        objects = [os.path.splitext(line.strip())[0] for line in f]
    # the paths are relative, or those of the folder of the build, of which this may be a copy
    root = next(o.removesuffix(PROBE) for o in objects if o.endswith(PROBE))
    paths = [o.removeprefix(root) for o in objects if not o.endswith(PROBE)]
    return {os.path.basename(p).replace("-", "_"): os.path.join(folder, p + ".ko") for p in paths}


def build_pair(tree, arch):
    """Build stock and ours; return both folders and the headers folder."""
    headers, base = kdir(tree, arch), os.path.join(ABI_BUILD, f"{tree}-{arch}")
    stock, ours = os.path.join(base, "stock"), os.path.join(base, "ours")
    with locked(base + ".lock"):
        _stage_stock(stock, source(tree, arch), arch)
        build(stock, headers, arch, f"the stock modules of {tree} for {arch}")
        stage_ours(ours, source(tree, arch), arch)
        build(ours, headers, arch, f"our modules for {tree} on {arch}")
    return stock, ours, headers
