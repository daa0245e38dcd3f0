# SPDX-License-Identifier: GPL-2.0-only
"""User space's view of our headers: installed as the kernel installs them, compiled, and dumped by libabigail.

A raw header under include/uapi uses words such as __packed, which user space would take for the name of a variable.
"""
import hashlib
import os
import shutil

import abi.dump
import abi.probe
from abi.build import ABI_BUILD
from lib.common import CannotRun, output, run
from build.kbuild import cross

HEADERS = ["linux/vfio_ccw.h"]
# the tools that install a header: in the source of any tree
INSTALL = "scripts/headers_install.sh"


def installed(src, root):
    """Install the headers of root (or, where it has none, of the kernel source src) as user space gets them."""
    tool = os.path.join(ABI_BUILD, "uapi", "tool")
    unifdef = os.path.join(tool, "scripts", "unifdef")
    if not os.path.exists(unifdef):
        os.makedirs(os.path.dirname(unifdef), exist_ok=True)
        output(["gcc", "-O1", "-o", unifdef + ".new", os.path.join(src, "scripts/unifdef.c")])
        os.rename(unifdef + ".new", unifdef)
    found = []
    for header in HEADERS:
        path = next((p for p in (os.path.join(r, "include/uapi", header) for r in (root, src)) if os.path.exists(p)), None)
        if not path:
            raise CannotRun(f"{src} has no include/uapi/{header}: is it a kernel source?")
        with open(path, "rb") as f:
            key = hashlib.sha256(f.read()).hexdigest()[:16]
        out = os.path.join(ABI_BUILD, "uapi", key, "include", header)
        if not os.path.exists(out):
            os.makedirs(os.path.dirname(out), exist_ok=True)
            run(["sh", os.path.join(src, INSTALL), path, out + ".new"], cwd=tool,
                log=os.path.join(ABI_BUILD, "uapi", "log", key), what=f"installing {header}")
            os.rename(out + ".new", out)
        found.append(out)
    return found


def dump(headers, arch):
    """libabigail's dump of what installed headers define, for one architecture."""
    need_compiler = cross(arch) + "gcc"
    if not shutil.which(need_compiler):
        raise CannotRun(f"no {need_compiler} on this machine; scripts/lib/host-setup build cross installs it")
    with open(headers[0], "rb") as f:
        folder = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(headers[0]))), arch)
        key = hashlib.sha256(f.read() + abi.dump.version().encode()).hexdigest()[:16]
    out = os.path.join(folder, f"{key}.abi")
    if os.path.exists(out):
        return out
    include = os.path.join(os.path.dirname(folder), "include")
    abi.probe.write(folder, headers, HEADERS, kernel=False)
    lib = os.path.join(folder, "uapi.so")
    output([need_compiler, "-shared", "-nostdlib", "-fPIC", "-g", "-O0", "-I", include, "-o", lib, os.path.join(folder, "abi_probe.c")])
    return abi.dump.dump(lib, sorted({folder, *(os.path.dirname(h) for h in headers)}), out)
