#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/report/known-bugs: results of logs, and the page in step with bugs.conf."""
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from lib.common import TOP, program  # noqa: E402
from report.bug_results import from_logs, from_page, results_of  # noqa: E402

PAGE = os.path.join(TOP, "Documentation/vfio-ccw-bugs.rst")
LOG = """@@TEST ccw_io_test
#  RUN           io.nop ...
ok 1 io.nop
#  RUN           io.bad ...
not ok 2 io.bad
#  RUN           io.none ...
ok 3 io.none # SKIP no such thing
@@TEST ccw_race_test
#  RUN           race.hammer ...
[   12.345678] Unable to handle kernel pointer dereference in virtual kernel address space
"""


class Logs(unittest.TestCase):
    def folder(self, **logs):
        path = self.enterContext(tempfile.TemporaryDirectory())
        for name, text in logs.items():
            with open(os.path.join(path, name + "-1.log"), "w") as f:
                f.write(text)
        return path

    def test_each_result_of_a_log(self):
        done = results_of(os.path.join(self.folder(own=LOG), "own-1.log"))
        self.assertEqual(done, {"io.io.nop": "pass", "io.io.bad": "FAIL", "io.io.none": "skipped",
                                "race.race.hammer": "crash"})

    def test_the_forms_of_run_ops(self):
        log = ("@@TEST run_ops.sh\nok 1 no limit: files\nnot ok 2 no limit: create\n"
               "ok 3 budget: available\n@@DONE run_ops.sh 1\n@@TEST mdev_attr_test\n"
               "#  RUN           type.bytes ...\nok 1 type.bytes\n")
        self.assertEqual(results_of(os.path.join(self.folder(own=log), "own-1.log")),
                         {"ops.no_limit": "FAIL", "ops.budget": "pass", "attr.type.bytes": "pass"})

    def test_a_boot_without_kmemleak_finds_no_leak_and_says_so(self):
        for state, result in ("disabled", "skipped"), ("initialized (mem pool: 9)", "pass"):
            log = f"kmemleak: Kernel memory leak detector {state}\n@@GUEST end 0\n"
            self.assertEqual(results_of(os.path.join(self.folder(own=log), "own-1.log")),
                             {"boot.leaks": result})

    def test_a_test_that_does_not_end_has_not_passed(self):
        log = LOG.split("ok 1")[0]
        self.assertEqual(results_of(os.path.join(self.folder(own=log), "own-1.log")),
                         {"io.io.nop": "no end"})

    def test_a_machine_that_does_not_go_down_has_not_passed(self):
        log = "@@TEST ccw_reboot:fault\n#  RUN           life.reboot_fault ...\n@@DONE reboot 0\n"
        for end, result in ("", "pass"), ("@@HOST bad end: the time limit ended it\n", "no end"):
            self.assertEqual(results_of(os.path.join(self.folder(own=log + end), "own-1.log")),
                             {"reboot:fault": result})

    def test_the_worse_of_both_ways_to_open_a_device_counts(self):
        second = LOG.replace("io_test", "io_test/iommufd").replace("ok 1 io.nop", "not ok 1 io.nop")
        for log in LOG.split("@@TEST ccw_race")[0] + second, second + LOG:
            done = results_of(os.path.join(self.folder(own=log), "own-1.log"))
            self.assertEqual(done, {"io.io.nop": "FAIL", "io.io.bad": "FAIL",
                                    "io.io.none": "skipped", "race.race.hammer": "crash"})

    def test_a_bug_has_the_worst_result_of_its_tests(self):
        bugs = {"K1": ["io.io.nop", "io.io.bad"], "K2": ["io.io.none"], "K3": [],
                "K4": ["race.race.gone"], "K5": ["io.io.nop", "io.io.none"]}
        cells, failures = from_logs({"6.12": self.folder(own=LOG, ours="")}, bugs)
        self.assertEqual(cells["6.12", "own"], {"K1": "FAIL", "K2": "skipped", "K3": "--",
                                                "K4": "not run", "K5": "pass"})
        self.assertEqual(failures["6.12", "own"]["K1"], [("FAIL", "io.io.bad")])
        self.assertEqual(cells["6.12", "ours"]["K1"], "not run")


class Page(unittest.TestCase):
    def test_the_pages_have_the_texts_of_bugs_conf(self):
        for suite in "vfio_ccw", "mdev":
            page = os.path.join(TOP, f"Documentation/{suite.replace('_', '-')}-bugs.rst")
            with tempfile.NamedTemporaryFile("r", suffix=".rst") as new, open(page) as old:
                subprocess.run([program("report/known-bugs"), suite, "--from-page", "-o", new.name],
                               check=False)
                self.assertEqual(new.read(), old.read())

    def test_one_kernel_is_new_and_the_others_stay(self):
        page = os.path.join(TOP, "Documentation/mdev-bugs.rst")
        with open(page) as f:
            before, _ = from_page(f.read(), {"K29": ["x"], "K31": ["x"]})
        with tempfile.TemporaryDirectory() as folder, \
                tempfile.NamedTemporaryFile("r", suffix=".rst") as new:
            for driver in "own", "ours":
                with open(os.path.join(folder, f"{driver}-all.log"), "w") as f:
                    f.write("@@TEST mdev_fault_test\n#  RUN   create.test.every_allocation ...\n")
            subprocess.run([program("report/known-bugs"), "mdev", f"5.10 Debian={folder}",
                            "--kernel", "5.10 Debian", "-o", new.name], check=False)
            after, _ = from_page(new.read(), {"K29": ["x"], "K31": ["x"]})
        # the logs say nothing of K29
        column = "5.10 Debian", "ours"
        self.assertEqual(after[column], {"K29": before[column]["K29"], "K31": "no end"})
        self.assertEqual(after["6.12 Debian", "own"], before["6.12 Debian", "own"])

    def test_results_are_read_from_the_page(self):
        with open(PAGE) as f:
            cells, failures = from_page(f.read(), {"K41": ["x"], "K999": ["x"], "K998": []})
        column = cells["6.12 Debian", "own"]
        self.assertEqual((column["K41"], column["K999"], column["K998"]), ("FAIL", "not run", "--"))
        self.assertEqual(failures["6.12 Debian", "own"]["K41"], [("FAIL", "io.io.no_such_region")])


if __name__ == "__main__":
    unittest.main()
