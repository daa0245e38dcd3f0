# SPDX-License-Identifier: GPL-2.0-only
"""The suite of vfio-ccw: the boots of vm/ccw-boots for each column."""
import glob
import os

from lib.common import OUT, CannotRun, call
from vm.pace import boot_seconds
from vm.suites.shared import Suite

PARTS = ("own", "ours", "ccw-own", "ccw", "tests")      # of build/modules
# mdev_window.ko is among the test modules of both kinds
PLACES = (("own", "own"), ("own", "ccw-own"), ("ours", "ours"), ("ours", "ccw"),
          ("common", "tests"), ("common", "tests-ours"))


class VfioCcw(Suite):
    name = "vfio_ccw"

    def __init__(self, a):
        if a.arch != "s390":
            raise CannotRun(f"vfio_ccw runs on s390 only, not on {a.arch}")
        if a.patched_type1 and a.variant != "debian":
            raise CannotRun(f"vfio_iommu_type1 of {a.variant} is patched already")
        super().__init__(a)

    def run(self):
        """Run the scenarios for each column; print the lines of vm/ccw-boots."""
        path = self.build()
        return max(self.boots(column, path) for column in self.a.columns)

    def build(self):
        """Build the modules, the selftests and the initramfs."""
        more = ("type1",) if self.a.patched_type1 else ()
        fixed = ("fixed",) * ("fixed" in self.a.columns and not self.a.ours)
        modules = self.modules((*PARTS, *fixed, *more), "tests-ours")
        places = [(f"modules/{column}", os.path.join(modules, part, "modules"))
                  for column, part in (*PLACES, *(("own", p) for p in more),
                                       *(("ours", p) for p in more))]
        places += [("modules/fixed", os.path.join(modules, part, "modules")) for part in fixed]
        if self.a.ours:
            places.append((f"modules/{self.a.columns[-1]}", self.a.ours))
        places += self.vmm()
        # virtio_blk: where it is a module
        names = ("vfio_iommu_type1", *filter(self.has, ("iommufd", "virtio_blk")))
        return self.initramfs(",".join(names), places)

    def has(self, name):
        """Whether the kernel has a module."""
        return bool(glob.glob(os.path.join(glob.escape(self.image), f"modules/**/{name}.ko*"),
                              recursive=True))

    def boots(self, column, path):
        code, lines = call("vm/ccw-boots", *self.arguments(column, path))
        if lines:
            print(lines, flush=True)
        if code not in (0, 1):
            raise CannotRun("a VM could not be started; the cause is above")
        return code

    def arguments(self, column, path):
        a = self.a
        args = ["--kernel", self.image, "--initrd", path, "--column", column,
                "--logs", os.path.join(OUT, "vm", self.title()), "--rounds", str(a.rounds),
                "--timeout", self.limit(), "--boot", str(boot_seconds(a.arch, a.variant))]
        if a.seconds:
            args += ["--seconds", str(a.seconds)]
        if a.qemu:
            args.append(f"--qemu={a.qemu}")
        args += [f"--env={word}" for word in a.env]
        if a.variant == "debian" and not a.patched_type1 and column != "fixed":
            args.append("--stock-type1")
        if a.light:
            args.append("--light")
        if self.has("iommufd"):
            args.append("--iommufd")
        if not a.scenario and not a.each:
            args.append("--fast")
        return args + a.scenario
