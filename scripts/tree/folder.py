# SPDX-License-Identifier: GPL-2.0-only
"""A kernel folder of the user's: version, architecture, compiler, configuration, support."""
import configparser
import functools
import os
import re
import shutil

from lib.common import CannotRun
from tree.features import check_features

ARCH_OPTIONS = {"CONFIG_X86": "x86", "CONFIG_S390": "s390", "CONFIG_ARM64": "arm64"}
# options that a message shows: mdev.ko needs VFIO, MODVERSIONS makes the loader compare types
SHOWN = ("CONFIG_VFIO", "CONFIG_VFIO_MDEV", "CONFIG_MODVERSIONS", "CONFIG_PREEMPT_RT")
TREES_CONF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "trees.conf")


class Folder:
    """A kernel source (KSRC) or a folder that modules are built against (KDIR)."""

    def __init__(self, path, name):
        self.path, self.name = os.path.abspath(path), name
        self.headers = name == "KDIR"
        self.config = config_of(self.path)
        self.version = version_of(self.path)
        m = re.match(r"(\d+)\.(\d+)", self.version)
        if not m:
            raise CannotRun(f"{name}={path}: its Makefile tells no kernel version; {wanted(name)}")
        self.number = int(m[1]), int(m[2])
        self.series = f"{m[1]}.{m[2]}"
        self.arch = next((a for o, a in ARCH_OPTIONS.items() if self.config.get(o) == "y"), "")
        self.clang = self.config.get("CONFIG_CC_IS_CLANG") == "y"

    def compiler(self):
        text = self.config.get("CONFIG_CC_VERSION_TEXT", "").strip('"')
        number = (re.search(r"\d+\.\d+\.\d+", text.rsplit(")", 1)[-1])
                  or re.search(r"\d+\.\d+", text))
        return f"{'clang' if self.clang else 'gcc'} {number[0] if number else '(unknown version)'}"

    def support(self):
        """One phrase on how far this version is supported; CannotRun if it is not."""
        tested = [tuple(map(int, t.split("."))) for t in tested_series()]
        if self.number in tested:
            return f"supported, {self.series} is tested"
        if self.number < min(tested):
            raise CannotRun(f"{self.name}={self.path} is Linux {self.version}; "
                            f"{dotted(min(tested))} is the oldest supported")
        if self.number > max(tested):
            return f"not tested, {dotted(max(tested))} is the newest tested; features decide"
        older = max(t for t in tested if t < self.number)
        above = min(t for t in tested if t > self.number)
        return f"not tested, {dotted(older)} and {dotted(above)} are; features decide"

    def describe(self):
        """The folder in one line."""
        shown = " ".join(f"{o}={self.config.get(o, 'n')}" for o in SHOWN)
        parts = [f"{'headers' if self.headers else 'source'} of Linux {self.version}"]
        if self.config:
            parts += [self.arch or "unknown architecture", self.compiler(), shown]
        return f"{self.name}={self.path}: {', '.join(parts)}: {self.support()}"

    def check(self):
        """Refuse a folder that modules can't be built with."""
        self.support()
        if self.headers:
            self.check_headers()
        else:
            check_features(self.path)

    def check_headers(self):
        where = f"{self.name}={self.path}"
        if self.arch not in ("x86", "s390"):
            raise CannotRun(f"{where} is for {self.arch or 'an unknown architecture'}; "
                            "x86 and s390 are supported")
        if self.config.get("CONFIG_MODULES") != "y":
            raise CannotRun(f"{where}: this kernel loads no modules (CONFIG_MODULES is not set)")
        if self.config.get("CONFIG_VFIO", "n") == "n":
            raise CannotRun(f"{where}: this kernel has no VFIO, which mdev.ko needs "
                            "(CONFIG_VFIO is not set)")
        if self.config.get("CONFIG_VFIO_MDEV") == "y":
            raise CannotRun(f"{where}: mdev is built into this kernel (CONFIG_VFIO_MDEV=y), a "
                            "module can't replace it; apply the series to its source: make apply")
        if self.clang and llvm_of(self.config) == "1" and not shutil.which("clang"):
            raise CannotRun(f"{where} was built by {self.compiler()}, which this machine lacks: "
                            "apt-get install clang lld llvm")


def llvm_of(config):
    """The value of kbuild's LLVM= for a kernel that clang built, "" for another one.

    A module needs the kernel's compiler, because the flags of the two differ: clang-19 where there
    is one of the kernel's version, otherwise clang.
    """
    if config.get("CONFIG_CC_IS_CLANG") != "y":
        return ""
    m = re.search(r"clang version (\d+)", config.get("CONFIG_CC_VERSION_TEXT", ""))
    return f"-{m[1]}" if m and shutil.which(f"clang-{m[1]}") and shutil.which(f"ld.lld-{m[1]}") \
        else "1"


def dotted(number):
    return ".".join(map(str, number))


def tested_series():
    conf = configparser.ConfigParser()
    conf.read(TREES_CONF)
    return conf.sections()


def wanted(name):
    return ("give the build folder of a kernel, such as /lib/modules/$(uname -r)/build"
            if name == "KDIR" else "give the top folder of a kernel source")


def read(path):
    try:
        with open(path, errors="replace") as f:
            return f.read()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def config_of(path):
    """{option: value}; auto.conf is what kbuild itself reads."""
    for name in ("include/config/auto.conf", ".config"):
        text = read(os.path.join(path, name))
        if text:
            return dict(re.findall(r"^(CONFIG_\w+)=(.*)$", text, re.M))
    return {}


def version_of(path):
    """The release of a built folder, or the version in the Makefile of a source."""
    release = read(os.path.join(path, "include/config/kernel.release")).strip()
    if release:
        return release
    words = dict(re.findall(r"^(VERSION|PATCHLEVEL|SUBLEVEL|EXTRAVERSION) *= *(\S*)$",
                            read(os.path.join(path, "Makefile")), re.M))
    if not words.get("VERSION") or not words.get("PATCHLEVEL"):
        return ""
    return "{VERSION}.{PATCHLEVEL}.{SUBLEVEL}{EXTRAVERSION}".format(
        **{"SUBLEVEL": "0", "EXTRAVERSION": "", **words})


@functools.lru_cache(maxsize=None)
def look(path, name):
    """The Folder that KDIR=, KSRC= or DIR= names, or CannotRun; nothing is built or fetched."""
    kind, needed = (("build folder", ("Makefile",)) if name == "KDIR" else
                    ("source", ("Makefile", "kernel/Makefile", "Kconfig")))
    if not os.path.isdir(path):
        raise CannotRun(f"{name}={path} is not a folder; {wanted(name)}")
    for part in needed:
        if not os.path.exists(os.path.join(path, part)):
            raise CannotRun(f"{name}={path} is not a kernel {kind}: it has no {part}; "
                            f"{wanted(name)}")
    found = Folder(path, name)
    if name == "KDIR" and not found.config:
        raise CannotRun(f"{name}={path} is not configured: it has no include/config/auto.conf; "
                        f"{wanted(name)}")
    found.check()
    return found
