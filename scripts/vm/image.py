# SPDX-License-Identifier: GPL-2.0-only
"""The file that QEMU boots: a vmlinux, taken out of a bzImage where need be."""
import os
import shutil
import subprocess
import zlib

from lib.common import BUILD, CannotRun


def vmlinux_of(bzimage, to):
    """The kernel inside a bzImage: QEMU enters it directly, so that nothing is decompressed under emulation."""
    if os.path.exists(to) and os.path.getmtime(to) >= os.path.getmtime(bzimage):
        return to
    with open(bzimage, "rb") as f:
        data = f.read()
    # Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length
    if data[0x202:0x206] != b"HdrS":
        return bzimage
    start = (data[0x1F1] or 4) * 512 + 512 + int.from_bytes(data[0x248:0x24C], "little")
    payload = data[start:start + int.from_bytes(data[0x24C:0x250], "little")]
    if payload[:2] == b"\x1f\x8b":
        kernel = zlib.decompressobj(31).decompress(payload)
    else:
        tools = {b"\xfd7zXZ": ["xz", "-dc", "--single-stream"], b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"],
                 b"\x02\x21\x4c\x18": ["lz4", "-dcq"], b"\x5d\0\0": ["xz", "-dc", "--format=lzma"]}
        tool = next((t for magic, t in tools.items() if payload.startswith(magic)), None)
        if not tool or not shutil.which(tool[0]):
            return bzimage
        # the kernel's build leaves the unpacked size in the last four bytes
        kernel = subprocess.run(tool, input=payload[:-4], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    if not kernel.startswith(b"\x7fELF"):
        return bzimage
    os.makedirs(os.path.dirname(to), exist_ok=True)
    with open(to + f".{os.getpid()}", "wb") as f:
        f.write(kernel)
    os.rename(to + f".{os.getpid()}", to)
    return to


def kernel_of(what, arch):
    """The file that QEMU boots."""
    if os.path.isfile(what):
        return what
    for name in ("vmlinux", "bzImage", "vmlinuz"):
        path = os.path.join(what, name)
        if os.path.isfile(path):
            if arch == "x86" and name == "vmlinuz":
                return vmlinux_of(path, os.path.join(BUILD, "vm", "vmlinux-" + os.path.basename(os.path.abspath(what))))
            return path
    raise CannotRun(f"no kernel in {what}: it has none of vmlinux, bzImage, vmlinuz")
