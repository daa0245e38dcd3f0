# SPDX-License-Identifier: GPL-2.0-only
"""The common part of the suites: kernel, modules, selftests, initramfs, time limit."""
import os

from build.kbuild import cross
from lib.common import BUILD, TOP, CannotRun, ask, call, locked, run
from vm.image import kernel_of
from vm.vmm import vmm

COLUMNS = ("own", "fixed", "ours")
# the kernel of a guest in the guest: small, and not compressed
NESTED = {"s390": ("7.2", "s390", "plain"), "x86": ("7.2", "x86", "guest")}
HARNESS = "7.3"         # tree of the kselftest harness that the test programs are built with
# Seconds for one boot, on a host as in vm/pace.py.
LIMIT = {"debian": 400, "plain": 400, "rust": 400, "speed": 400, "guest": 400, "lock": 900,
         "kasan": 1500, "kcsan": 2400}


def kernel(tree, arch, variant):
    """The folder that vm/run boots; the KDIR of its modules, None for Debian's headers."""
    lost = [v for v in variant.split("+") if v not in LIMIT]
    if lost:
        raise CannotRun(f"no variant '{lost[0]}'; there are: {' '.join(LIMIT)}")
    if variant == "debian":
        return ask("tree/fetch", "image", tree, arch), None
    source = ask("series/apply", tree, arch)
    folder = ask("build/kernel", tree, arch, variant, "--src", source)
    return folder, os.path.join(folder, "o")


def kdir(tree, arch, variant):
    """The KDIR that modules for a kernel are built against."""
    if variant == "debian":
        return ask("tree/fetch", "headers", tree, arch)
    return kernel(tree, arch, variant)[1]


class Suite:
    """A suite on one kernel. A subclass has @name, a folder of tools/testing/selftests.

    @a: the arguments of vm/suite.
    """
    name = None

    def __init__(self, a):
        self.a = a
        self.image, self.kdir = kernel(a.tree, a.arch, a.variant)
        self.image = a.kernel or self.image

    def title(self):
        """The beginning of the names of this run's files."""
        a = self.a
        return f"{self.name}{a.label}-{a.tree}-{a.arch}-{a.variant}"

    def limit(self):
        """Seconds for one boot."""
        return str(self.a.timeout or max(LIMIT[v] for v in self.a.variant.split("+")))

    def modules(self, parts, last):
        """The folder of build/modules with @parts in it; @last: the part that is built last.

        With seeded bugs (--ours) the other modules are only built where they are missing.
        """
        a = self.a
        name = f"{a.tree}-{a.arch}" + (f"-{a.variant}" if self.kdir else "")
        folder = os.path.join(BUILD, "modules", name)
        if a.ours and os.path.isdir(os.path.join(folder, last, "modules")):
            return folder
        options = ["--kdir", self.kdir, "--name", a.variant] if self.kdir else []
        return ask("build/modules", *options, a.tree, a.arch, *parts)

    def selftests(self):
        """The folder of the suite's static programs and guest scripts."""
        arch = self.a.arch
        out = os.path.join(BUILD, "selftests", f"{self.name}-{arch}")
        with locked(out + ".lock"):
            run(["make", "-C", os.path.join(TOP, "tools/testing/selftests", self.name),
                 f"KSRC={ask('tree/fetch', 'source', HARNESS, arch)}", f"OUTPUT={out}",
                 f"CROSS_COMPILE={cross(arch)}", "-j2"],
                log=out + ".log", what=f"building the {self.name} selftests for {arch}")
        return out

    def vmm(self):
        """(place in the guest, path) of QEMU, and of a kernel and an initramfs for it."""
        if self.a.vmm or self.a.nested:
            yield from vmm(self.a.arch)
        if self.a.nested:
            arch = self.a.arch
            script = os.path.join(TOP, "tools/testing/selftests", self.name, "nested_guest.sh")
            initrd = os.path.join(BUILD, "vm", f"nested-{self.name}.cpio.gz")
            ask("vm/mkinitrd", "--arch", arch, "-o", initrd, f"tests/nested_guest.sh={script}")
            yield "qemu/kernel", kernel_of(kernel(*NESTED[arch])[0], arch)
            yield "qemu/initrd", initrd

    def initramfs(self, stock, places):
        """Make the initramfs. @stock: modules of the kernel that boots; @places: (place, path)."""
        path = os.path.join(BUILD, "vm", self.title() + ".cpio.gz")
        code, _ = call("vm/mkinitrd", "--arch", self.a.arch, "-o", path,
                       "--modules", os.path.join(self.image, "modules"), stock,
                       *(f"{place}={source}" for place, source in places),
                       f"tests={self.selftests()}")
        if code:
            raise CannotRun(f"making {path} failed; the cause is above")
        return path
