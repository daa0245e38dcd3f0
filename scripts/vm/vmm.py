# SPDX-License-Identifier: GPL-2.0-only
"""QEMU as a program of the guest: a VMM that uses mediated devices there."""
import os
import re

from lib.common import CannotRun, output, program
from build.kbuild import cross
from tree.packages import unpacked
from vm.emulator import BACKPORT, emulator

# for a guest as well: QEMU enters a vmlinux by pvh.bin
FIRMWARE = ("bios-256k.bin", "kvmvapic.bin", "pvh.bin")
LOADER = "s390-ccw.img"
PACKAGE = "qemu-system-s390x:s390x"
WHY = f"QEMU for the guest could not be fetched: {PACKAGE} of Debian's {BACKPORT}"


def firmware(qemu, name):
    """The path of a file that QEMU looks for in its own folders."""
    for folder in output([qemu, "-L", "help"]).split():
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    raise CannotRun(f"{qemu} has no {name}; install the packages seabios and qemu-system-data")


def vmm(arch):
    """(place in the guest, path) of QEMU, its libraries and firmware."""
    yield "qemu/vmm.sh", program("vm/guest/vmm.sh")
    yield from foreign() if arch == "s390" else native()


def native():
    """The QEMU of this machine."""
    qemu = emulator("qemu-system-x86_64")
    yield "qemu/qemu", qemu
    # the loader and the libraries are looked for by the paths that they have here
    for path in re.findall(r"(/\S+) \(0x", output(["ldd", qemu])):
        yield path.lstrip("/"), os.path.realpath(path)
    for name in FIRMWARE:
        yield f"qemu/{name}", os.path.realpath(firmware(qemu, name))


def foreign():
    """Debian's QEMU for s390x, with the C library of its release."""
    top = unpacked("qemu-s390x", BACKPORT, [PACKAGE], 300, WHY, depends=True)
    folders = [os.path.join(top, f) for f in ("lib/s390x-linux-gnu", "usr/lib/s390x-linux-gnu")]
    qemu = os.path.join(top, "usr/bin/qemu-system-s390x")
    yield "qemu/qemu", qemu
    yield f"qemu/{LOADER}", os.path.join(top, "usr/share/qemu", LOADER)
    todo, seen = needs(qemu), set()
    while todo:
        name = todo.pop()
        path = next((p for p in (os.path.join(f, name) for f in folders) if os.path.exists(p)),
                    None)
        if not path:
            raise CannotRun(f"{top} lacks {name}, which QEMU needs; remove the folder and rerun")
        if name not in seen:
            seen.add(name)
            yield f"lib/{name}", os.path.realpath(path)
            todo += needs(path)


def needs(path):
    """The libraries that an ELF file of s390x names; the loader is one of them."""
    return re.findall(r"\(NEEDED\).*\[(.+)\]", output([cross("s390") + "readelf", "-d", path]))
