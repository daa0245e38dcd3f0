#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/vm/suites: limits and options on their way to vm/run and vm/ccw-boots."""
import argparse
import contextlib
import io
import os
import sys
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from lib.common import CannotRun  # noqa: E402
from vm.pace import boot_seconds  # noqa: E402
from vm.suites.mdev import Mdev  # noqa: E402
from vm.suites.shared import LIMIT  # noqa: E402
from vm.suites.vfio_ccw import VfioCcw  # noqa: E402

OPTIONS = {"tree": "7.3", "arch": "s390", "variant": "kasan", "columns": ["own", "ours"],
           "ours": None, "env": [], "kernel": None, "label": "", "seconds": 0, "timeout": None,
           "qemu": None, "vmm": False, "nested": False}
MDEV = {"run": "run_mdev.sh", "samples": [], "mem": "512M"}
CCW = {"scenario": [], "each": False, "light": False, "rounds": 300,
       "patched_type1": False}


class Suites(unittest.TestCase):
    def boots(self, suite, codes=(0, 0), **options):
        """Run a suite whose kernel and initramfs are made up; return its exit code and calls."""
        a = argparse.Namespace(**OPTIONS | (MDEV if suite is Mdev else CCW) | options)
        call = mock.Mock(side_effect=[(code, "") for code in codes])
        with mock.patch("vm.suites.shared.kernel", return_value=("/image", "/kdir")), \
                mock.patch.object(suite, "build", return_value="/initrd"), \
                mock.patch(f"vm.suites.{suite.name}.call", call), \
                contextlib.redirect_stdout(io.StringIO()):
            code = suite(a).run()
        return code, [list(c.args) for c in call.call_args_list]

    def value(self, args, option):
        return args[args.index(option) + 1]

    def test_each_column_has_a_boot(self):
        for suite, program in (Mdev, "vm/run"), (VfioCcw, "vm/ccw-boots"):
            code, calls = self.boots(suite)
            self.assertEqual(code, 0)
            self.assertEqual([c[0] for c in calls], [program] * 2)
            self.assertEqual([self.value(c, "--column") for c in calls], ["own", "ours"])

    def test_another_kernel(self):
        for suite in Mdev, VfioCcw:
            _, calls = self.boots(suite, kernel="/stock")
            self.assertEqual(self.value(calls[0], "--kernel"), "/stock")

    def test_which_type1_is_stock(self):
        for variant, patched, stock in (("debian", False, True), ("debian", True, False),
                                        ("lock", False, False)):
            _, calls = self.boots(VfioCcw, variant=variant, patched_type1=patched)
            self.assertEqual(["--stock-type1" in c for c in calls], [stock] * 2)
        with self.assertRaises(CannotRun):
            self.boots(VfioCcw, variant="lock", patched_type1=True)

    def test_the_worst_boot_counts(self):
        for suite in Mdev, VfioCcw:
            self.assertEqual(self.boots(suite, (1, 0))[0], 1)
            with self.assertRaises(CannotRun):
                self.boots(suite, (2, 0))

    def test_limits_are_those_of_the_kernel(self):
        for suite in Mdev, VfioCcw:
            args = self.boots(suite)[1][0]
            self.assertEqual(self.value(args, "--timeout"), str(LIMIT["kasan"]))
            self.assertEqual(self.value(args, "--boot"), str(boot_seconds("s390", "kasan")))
            args = self.boots(suite, timeout=7)[1][0]
            self.assertEqual(self.value(args, "--timeout"), "7")

    def test_the_limit_of_a_race(self):
        args = self.boots(Mdev, seconds=9, env=["MDEV_TEST_SCALE=5"])[1][0]
        self.assertEqual(self.value(args, "--append"), "MDEV_TEST_SCALE=5 MDEV_TEST_SECONDS=9")
        self.assertNotIn("--append", self.boots(Mdev)[1][0])
        self.assertEqual(self.value(self.boots(VfioCcw, seconds=9)[1][0], "--seconds"), "9")
        self.assertNotIn("--seconds", self.boots(VfioCcw)[1][0])

    def test_scenarios(self):
        self.assertIn("--fast", self.boots(VfioCcw)[1][0])
        self.assertNotIn("--fast", self.boots(VfioCcw, each=True)[1][0])
        args = self.boots(VfioCcw, scenario=["io", "race"])[1][0]
        self.assertNotIn("--fast", args)
        self.assertEqual(args[-2:], ["io", "race"])

    def test_vfio_ccw_needs_s390(self):
        with self.assertRaises(CannotRun):
            self.boots(VfioCcw, arch="x86")


    def test_a_cloud_kernel_has_no_kvmgt(self):
        for tree, variant, modules in (("6.12", "debian", "vfio_iommu_type1,kvmgt"),
                                       ("6.12-rt", "debian", "vfio_iommu_type1,kvmgt"),
                                       ("6.12-cloud", "debian", "vfio_iommu_type1"),
                                       ("7.3", "kasan", "vfio_iommu_type1")):
            a = argparse.Namespace(**OPTIONS | MDEV | {"tree": tree, "arch": "x86",
                                                       "variant": variant})
            with mock.patch("vm.suites.shared.kernel", return_value=("/image", None)), \
                    mock.patch.object(Mdev, "modules", return_value="/modules"), \
                    mock.patch.object(Mdev, "initramfs") as initramfs:
                Mdev(a).build()
            self.assertEqual(initramfs.call_args[0][0], modules)


class Places(unittest.TestCase):
    """Modules in the initramfs of the mdev suite."""

    def places(self, series, **options):
        a = argparse.Namespace(**OPTIONS | MDEV | options)
        with mock.patch("vm.suites.shared.kernel", return_value=("/image", None)):
            return list(Mdev(a).places(series))

    def test_samples_come_after_the_core(self):
        ours = [part for place, part in self.places(True, samples=["samples-6.1"])
                if place == "modules/ours"]
        self.assertEqual(ours, ["ours", "samples-6.1"])

    def test_a_seeded_bug_replaces_the_column(self):
        places = dict(self.places(True, ours="/bug"))
        self.assertNotIn("modules/ours", places)
        self.assertIn("modules/own", places)

    def test_a_tree_without_the_series(self):
        self.assertEqual(self.places(False), [("modules/own", "own"),
                                              ("modules/common", "samples")])


if __name__ == "__main__":
    unittest.main()
