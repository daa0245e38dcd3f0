# SPDX-License-Identifier: GPL-2.0-only
"""Programs of another architecture on this machine: QEMU's user emulation, by binfmt_misc."""
import contextlib
import os
import tempfile

from tree.chroot import as_root
from tree.packages import unpacked

MISC = "/proc/sys/fs/binfmt_misc"
# the first 20 bytes of an ELF file: 64 bits, big endian, executable or shared, machine 22
FIRST = {"s390x": (r"\x7fELF\x02\x02\x01" + 10 * r"\x00" + r"\x02\x00\x16",
                   7 * r"\xff" + r"\xfc" + 9 * r"\xff" + r"\xfe\xff\xff")}
WHY = "QEMU's user emulation could not be fetched; install qemu-user-static and rerun"


def handled(deb):
    """Whether the kernel has an interpreter for the programs of an architecture."""
    for name in os.listdir(MISC) if os.path.isdir(MISC) else ():
        if deb in name:
            with open(os.path.join(MISC, name)) as f:
                return f.read().startswith("enabled")
    return False


@contextlib.contextmanager
def emulated(deb):
    """Run programs of a Debian architecture as if they were this machine's, within the body.

    The kernel keeps the interpreter open (F), so it serves in a chroot without a copy there.
    """
    if not os.path.exists(os.path.join(MISC, "register")):
        as_root(["mount", "-t", "binfmt_misc", "binfmt_misc", MISC], what="mounting binfmt_misc")
    if handled(deb):
        yield
        return
    qemu = unpacked("qemu-user", "bookworm", ["qemu-user-static"], 300, WHY)
    name, (magic, mask) = f"mdev-lifecycle-{deb}", FIRST[deb]
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(f":{name}:M::{magic}:{mask}:{qemu}/usr/bin/qemu-{deb}-static:F")
        f.flush()
        as_root(["sh", "-c", f'cat "$0" >{MISC}/register', f.name], what=f"registering {name}")
    try:
        yield
    finally:
        as_root(["sh", "-c", f"echo -1 >{MISC}/{name}"], what=f"removing {name}")
