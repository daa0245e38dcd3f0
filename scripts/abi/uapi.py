# SPDX-License-Identifier: GPL-2.0-only
"""User space's view of our headers: installed as the kernel installs them, compiled, and dumped.

A raw header under include/uapi uses words such as __packed, which a user-space compiler would take
for the name of a variable.
"""
import hashlib
import os
import shutil

import abi.read.dump
import abi.read.probe
from abi.kdir import ABI_BUILD
from build.kbuild import cross
from lib.common import CannotRun, output, run

HEADERS = ["linux/vfio_ccw.h"]
INSTALL = "scripts/headers_install.sh"


def path_of(header, *roots):
    """The source of a UAPI header in the first of the roots that has it."""
    for root in roots:
        path = os.path.join(root, "include/uapi", header)
        if os.path.exists(path):
            return path
    raise CannotRun(f"{roots[-1]} has no include/uapi/{header}: it is not a kernel source tree")


def installed(src, *roots):
    """Install the headers of the first root that has them, with the tools of the tree src."""
    tool = os.path.join(ABI_BUILD, "uapi", "tool")
    unifdef = os.path.join(tool, "scripts", "unifdef")
    if not os.path.exists(unifdef):
        os.makedirs(os.path.dirname(unifdef), exist_ok=True)
        unifdef_c = os.path.join(src, "scripts/unifdef.c")
        output(["gcc", "-O1", "-o", unifdef + ".new", unifdef_c])
        os.rename(unifdef + ".new", unifdef)
    found = []
    for header in HEADERS:
        path = path_of(header, *roots, src)
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
    compiler = cross(arch) + "gcc"
    if not shutil.which(compiler):
        raise CannotRun(f"no {compiler} on this machine; "
                        "scripts/lib/host-setup build cross installs it")
    top = os.path.dirname(os.path.dirname(os.path.dirname(headers[0])))
    folder, include = os.path.join(top, arch), os.path.join(top, "include")
    with open(headers[0], "rb") as f:
        key = hashlib.sha256(f.read() + abi.read.dump.version().encode()).hexdigest()[:16]
    out = os.path.join(folder, f"{key}.abi")
    if os.path.exists(out):
        return out
    abi.read.probe.write(folder, headers, HEADERS, kernel=False)
    lib = os.path.join(folder, "uapi.so")
    output([compiler, "-shared", "-nostdlib", "-fPIC", "-g", "-O0", "-I", include, "-o", lib,
            os.path.join(folder, "abi_probe.c")])
    folders = sorted({folder, *(os.path.dirname(h) for h in headers)})
    return abi.read.dump.dump(lib, folders, out)
