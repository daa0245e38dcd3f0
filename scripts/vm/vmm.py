# SPDX-License-Identifier: GPL-2.0-only
"""QEMU as a program of the guest: a VMM that uses mediated devices there."""
import os
import re

from lib.common import CannotRun, output
from vm.emulator import emulator

FIRMWARE = ("bios-256k.bin", "kvmvapic.bin")


def firmware(qemu, name):
    """The path of a file that QEMU looks for in its own folders."""
    for folder in output([qemu, "-L", "help"]).split():
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    raise CannotRun(f"{qemu} has no {name}; install the packages seabios and qemu-system-data")


def vmm():
    """(place in the guest, path) of QEMU, its libraries and firmware."""
    qemu = emulator("qemu-system-x86_64")
    yield "qemu/qemu", qemu
    # the loader and the libraries are looked for by the paths that they have here
    for path in re.findall(r"(/\S+) \(0x", output(["ldd", qemu])):
        yield path.lstrip("/"), os.path.realpath(path)
    for name in FIRMWARE:
        yield f"qemu/{name}", os.path.realpath(firmware(qemu, name))
