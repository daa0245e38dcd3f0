# SPDX-License-Identifier: GPL-2.0-only
"""The suite of the mdev core: one boot for each column."""
import os

from lib.common import OUT, CannotRun, call
from tree.folder import config_of
from tree.trees import split, tree_conf
from vm.pace import boot_seconds
from vm.suites.shared import Suite

# Modules of Debian's kernels that the tests load; kvmgt brings i915 and kvm. The kernels of
# configs/ have no kvmgt, and neither have Debian's cloud kernels.
DEBIAN_MODULES = {"x86": "vfio_iommu_type1,kvmgt", "s390": "vfio_iommu_type1"}
WITHOUT_KVMGT = "vfio_iommu_type1"


class Mdev(Suite):
    name = "mdev"

    def run(self):
        """Boot each column; print how the VM ended, and its log. Return the worst exit code."""
        path = self.build()
        return max(self.boot(column, path) for column in self.a.columns)

    def build(self):
        """Build the modules, the selftests and the initramfs."""
        a = self.a
        series = tree_conf(a.tree)["series"] == "yes"
        rust = ["rust", "rust-tests"] * self.has_rust()
        fixed = ["fixed"] * ("fixed" in a.columns and not a.ours)
        parts = ["own", "samples", *fixed, *(["ours", "tests"] if series else []), *rust,
                 *a.samples]
        modules = self.modules(parts, "tests-ours")
        bare = a.variant != "debian" or split(a.tree)[1] == "cloud"
        stock = WITHOUT_KVMGT if bare else DEBIAN_MODULES[a.arch]
        if os.path.exists(os.path.join(self.image, "modules/kunit.ko")):
            stock += ",kunit"
        places = [(place, os.path.join(modules, part, "modules"))
                  for place, part in self.places(series)]
        if a.ours:
            places.append((f"modules/{a.columns[-1]}", a.ours))
        places += self.vmm()
        return self.initramfs(stock, places)

    def has_rust(self):
        """Whether the kernel loads modules in Rust, and so the sample in Rust."""
        return bool(self.kdir) and "CONFIG_RUST" in config_of(self.kdir)

    def places(self, series):
        """(place in the guest, part of build/modules)."""
        yield "modules/own", "own"
        yield "modules/common", "samples"
        if series:
            yield "modules/common", "tests"
            yield "modules/common", "tests-ours"
        if self.a.ours:
            return
        if "fixed" in self.a.columns:
            yield "modules/fixed", "fixed"
        if series:
            yield "modules/ours", "ours"
        if self.has_rust():
            yield "modules/ours", "rust"
            yield "modules/common", "rust-tests"
        # a sample that several parts have comes from the last of them
        for part in self.a.samples:
            yield "modules/ours", part

    def boot(self, column, path):
        a = self.a
        log = os.path.join(OUT, "vm", f"{self.title()}-{column}.log")
        # Debian's kernels have their own vfio.ko; those of configs/ are built with the series
        words = ["MDEV_TEST_VFIO=stock"] * (a.variant == "debian") + a.env
        if a.seconds:
            words.append(f"MDEV_TEST_SECONDS={a.seconds}")
        code, _ = call("vm/run", "--arch", a.arch, "--kernel", self.image, "--initrd", path,
                       "--run", f"/tests/{a.run}", "--column", column, "--log", log,
                       "--timeout", self.limit(), "--mem", a.mem,
                       "--boot", str(boot_seconds(a.arch, a.variant)),
                       *([f"--qemu={a.qemu}"] if a.qemu else []),
                       *(["--append", " ".join(words)] if words else []))
        if code not in (0, 1):
            raise CannotRun("the VM could not be started; the cause is above")
        print(code, log, flush=True)
        return code
