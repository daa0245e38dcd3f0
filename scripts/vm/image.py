# SPDX-License-Identifier: GPL-2.0-only
"""The kernel file that QEMU boots."""
import os
import shutil
import subprocess
import zlib

from lib.common import BUILD, CannotRun

# magic number of a compressed kernel -> command that unpacks it
TOOLS = {
    b"\xfd7zXZ": ["xz", "-dc", "--single-stream"],
    b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"],
    b"\x02\x21\x4c\x18": ["lz4", "-dcq"],
    b"\x5d\0\0": ["xz", "-dc", "--format=lzma"],
}


def payload_of(data):
    """The unpacked payload of a bzImage; empty where its format or its compressor is unknown."""
    # Documentation/arch/x86/boot.rst: setup_sects, payload_offset, payload_length
    if data[0x202:0x206] != b"HdrS":
        return b""
    start = (data[0x1F1] or 4) * 512 + 512 + int.from_bytes(data[0x248:0x24C], "little")
    payload = data[start:start + int.from_bytes(data[0x24C:0x250], "little")]
    if payload[:2] == b"\x1f\x8b":
        return zlib.decompressobj(31).decompress(payload)
    tool = next((t for magic, t in TOOLS.items() if payload.startswith(magic)), None)
    if not tool or not shutil.which(tool[0]):
        return b""
    # kbuild appends the unpacked size, four bytes
    return subprocess.run(tool, input=payload[:-4], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def vmlinux_of(bzimage, to):
    """Unpack the vmlinux of a bzImage into the file @to and return @to.

    Decompressing on the host saves seconds of emulation. Returns @bzimage where its format or its
    compressor is unknown.
    """
    if os.path.exists(to) and os.path.getmtime(to) >= os.path.getmtime(bzimage):
        return to
    with open(bzimage, "rb") as f:
        kernel = payload_of(f.read())
    if not kernel.startswith(b"\x7fELF"):
        return bzimage
    os.makedirs(os.path.dirname(to), exist_ok=True)
    with open(to + f".{os.getpid()}", "wb") as f:
        f.write(kernel)
    os.rename(to + f".{os.getpid()}", to)
    return to


def kernel_of(what, arch):
    """The file that QEMU boots; @what: a file, or a folder with a kernel in it."""
    if os.path.isfile(what):
        return what
    for name in ("vmlinux", "bzImage", "vmlinuz"):
        path = os.path.join(what, name)
        if os.path.isfile(path):
            if arch == "x86" and name == "vmlinuz":
                name = "vmlinux-" + os.path.basename(os.path.abspath(what))
                return vmlinux_of(path, os.path.join(BUILD, "vm", name))
            return path
    raise CannotRun(f"no kernel in {what}: no file vmlinux, bzImage or vmlinuz")
