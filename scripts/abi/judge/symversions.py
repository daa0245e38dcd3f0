# SPDX-License-Identifier: GPL-2.0-only
"""gendwarfksyms of a kernel tree: a version of each export, from all types that it leads to.

The tool is in the kernel since 6.14. It is built from an unpacked source, once for each content.
Without source, compiler or libdw there is no opinion, and NoOpinion says why.
"""
import glob
import hashlib
import os
import re
import subprocess
import threading

import abi.read.dump
from abi.kdir import ABI_BUILD
from abi.read.elf import SHF_COMPRESSED
from lib.common import BUILD

FOLDER = "scripts/gendwarfksyms"
KEPT = os.path.join(ABI_BUILD, "symversions")
KINDS = {"s": "struct", "u": "union", "e": "enum", "t": "typedef"}
# a type in a line of the tool, maybe quoted
TYPE = re.compile(r"\b([sute])#('[^']*'|\S+)")
LINE = re.compile(r"(?:([sute])#)?('[^']*'|\S+) (.*)")


class NoOpinion(Exception):
    """The reason why the tool was not asked, or has no answer."""


def source():
    """The kernel source with the tool: KSRC, or the newest one that is unpacked."""
    by_hand = os.environ.get("KSRC")
    found = [by_hand] if by_hand and os.path.isdir(os.path.join(by_hand, FOLDER)) else []
    found += sorted((d.removesuffix("/" + FOLDER) for d in glob.glob(f"{BUILD}/src/*/{FOLDER}")),
                    key=lambda d: [int(n) for n in re.findall(r"\d+", os.path.basename(d))[:2]],
                    reverse=True)
    if not found:
        raise NoOpinion(f"no unpacked kernel source has {FOLDER}; scripts/tree/fetch source 7.3 "
                        "x86 unpacks one")
    return found[0]


def tool():
    """The path of the tool, built if need be."""
    tree, digest = source(), hashlib.sha256()
    files = sorted(glob.glob(os.path.join(tree, FOLDER, "*.[ch]")))
    for path in files:
        with open(path, "rb") as f:
            digest.update(f.read())
    built = os.path.join(ABI_BUILD, "gendwarfksyms", digest.hexdigest()[:16])
    if not os.path.exists(built):
        os.makedirs(os.path.dirname(built), exist_ok=True)
        new = f"{built}.{os.getpid()}.{threading.get_ident()}"
        try:
            p = subprocess.run(["gcc", "-O2", "-w", "-I", os.path.join(tree, "scripts/include"),
                                *(f for f in files if f.endswith(".c")),
                                "-o", new, "-ldw", "-lelf", "-lz"], capture_output=True, text=True)
        except OSError as e:
            raise NoOpinion(f"gcc does not run: {e.strerror}") from None
        if p.returncode:
            why = next((x for x in p.stderr.splitlines() if "error" in x or "cannot find" in x),
                       p.stderr[-200:])
            raise NoOpinion(f"it could not be built ({why.strip()}); scripts/lib/host-setup build "
                            "installs libdw")
        os.rename(new, built)
    return built


def name_of():
    """The tool and its kernel, as "gendwarfksyms of 7.3"."""
    base = os.path.basename(os.path.realpath(source()))
    m = re.search(r"(\d+\.\d+)", base)
    return f"gendwarfksyms of {m[1]}" if m else f"gendwarfksyms of {base}"


def versions(elf, symbols):
    """({export: version}, {name of a type or export: its line}) of a module."""
    program = tool()
    digest = hashlib.sha256(f"{program} {sorted(symbols)}".encode())
    digest.update(elf.data)
    kept = os.path.join(KEPT, digest.hexdigest())
    if not os.path.exists(kept):
        _ask(program, elf, symbols, kept)
    found, lines = {}, {}
    with open(kept) as f:
        for line in f:
            if line.startswith("#SYMVER "):
                _, name, version = line.split()
                found[name] = version
            elif m := LINE.match(line.rstrip("\n")):
                lines[_key(m[1], m[2])] = m[3]
    return found, lines


def _key(kind, name):
    name = name.strip("'")
    return f"{KINDS[kind]} {name}" if kind else name


def named(line):
    """The types that a line of the tool refers to."""
    return {_key(kind, name) for kind, name in TYPE.findall(line)}


def _ask(program, elf, symbols, kept):
    os.makedirs(KEPT, exist_ok=True)
    new, path = f"{kept}.{os.getpid()}.{threading.get_ident()}", elf.path
    if any(s[2] & SHF_COMPRESSED for s in elf.sections):
        # older versions of libdw know fewer compressions than elf.Module
        path = new + ".ko"
        with open(path, "wb") as f:
            f.write(elf.plain_copy())
    p = subprocess.run([program, "--stable", "--symtypes", new, path], capture_output=True,
                       text=True, errors="replace",
                       input="".join(f"{s}\n" for s in sorted(symbols)))
    if path != elf.path:
        os.unlink(path)
    if p.returncode or not os.path.exists(new):
        raise NoOpinion(f"it ended with {p.returncode} on {elf.path}: {p.stderr.strip()[-200:]}")
    with open(new, "a") as f:
        f.write("".join(x + "\n" for x in p.stdout.splitlines() if x.startswith("#SYMVER ")))
    abi.read.dump.drop_old(KEPT)
    os.rename(new, kept)
