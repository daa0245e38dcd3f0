# SPDX-License-Identifier: GPL-2.0-only
"""The emulator that the VMs run in: one that translates the guest's instructions right.

QEMU 7.2, Debian 12's, does not, and what comes of it looks like a bug of the kernel under test. Seen here, a crash in one
of some twenty runs, and gone with QEMU 10 under the same load:
- x86: after cmpxchg16b (every kmalloc) the flags hold an operand of an earlier subtraction, until the next instruction that
  sets them. An interrupt in between saves them; with the bit of virtual-8086 mode among them it ends in a double fault.
- s390: when a page is rewritten by mvc (a module is loaded where another one was), translations of its old content stay.
So on Debian 12 the emulator is that of its backports, in the cache; it needs the libraries and ROMs of the installed one.
"""
import os
import re
import shutil

from lib.common import CannotRun, output
from tree.packages import unpacked

GOOD = 10       # the first major version that was seen to be right
BACKPORT = "bookworm-backports"
PACKAGES = ["qemu-system-x86", "qemu-system-s390x", "qemu-system-common", "qemu-system-data"]
WHY = ("QEMU 10 or newer is needed, the one of this machine is older and no other could be had: its translator makes kernels crash. "
       "Install one from your distribution's backports and run it again")


def emulator(name):
    """The path of qemu-system-..., by its name."""
    installed = shutil.which(name)
    if not installed:
        raise CannotRun(f"no {name} on this machine; scripts/lib/host-setup vm installs it")
    m = re.search(r"version (\d+)\.", output([installed, "--version"]))
    if m and int(m[1]) >= GOOD:
        return installed
    return os.path.join(unpacked("qemu", BACKPORT, PACKAGES, 400, WHY), "usr/bin", name)
