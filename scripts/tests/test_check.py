# SPDX-License-Identifier: GPL-2.0-only
"""make check's schedule and its counting: nothing is lost, and nothing that failed passes."""
import contextlib
import io
import os
import sys
import tempfile
import threading
import time
import unittest
from unittest import mock

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from check import jobs
from check.pieces import Kept
from check.parts import PARTS, jobs_of
from check import results
from check.results import count
from lib.common import TOP, CannotRun
from lib.ktap import third
from lib.loading import as_module


class Parts(unittest.TestCase):
    def test_the_makefile_has_all_of_them(self):
        with open(os.path.join(TOP, "Makefile")) as f:
            line = next(x for x in f if x.startswith("parts := "))
        self.assertEqual(line.split()[2:], list(PARTS))


class Third(unittest.TestCase):
    def test_three_days_in_a_row_take_all(self):
        names = [str(n) for n in range(10)]
        for first in (0, 20000, 20001):
            taken = []
            for day in range(first, first + 3):
                with mock.patch("time.time", return_value=day * 86400 + 5), \
                        contextlib.redirect_stdout(io.StringIO()):
                    taken += third(names)
            self.assertEqual(sorted(taken), names)


class Order(unittest.TestCase):
    def setUp(self):
        # the lines for the terminal are not under test
        self.say, jobs.say = jobs.say, lambda text: None
        self.addCleanup(setattr, jobs, "say", self.say)
        self.lock, self.order, self.now, self.most = threading.Lock(), [], set(), 0

    def job(self, name, needs=(), lane=None, cost=1, function=None):
        def work():
            with self.lock:
                self.order.append(name)
                self.now.add(name)
                self.most = max(self.most, len(self.now))
                if lane:
                    self.assertEqual([n for n in self.now if n.startswith(lane)], [name])
            time.sleep(0.02)
            with self.lock:
                self.now.discard(name)
            return function() if function else jobs.Outcome(passed=1)
        return jobs.Job(name, "part", work, needs, lane, cost)

    def test_needs_come_first_and_the_longest_way_starts(self):
        todo = [self.job("short"), self.job("end", ("middle",), cost=50),
                self.job("middle", ("begin",)), self.job("begin")]
        jobs.run(todo, 1)
        self.assertEqual(self.order, ["begin", "middle", "end", "short"])

    def test_two_at_a_time_and_one_of_a_lane(self):
        todo = [self.job(f"a{n}", lane="a") for n in range(4)]
        todo += [self.job(f"b{n}", lane="b") for n in range(4)] + [self.job("c")]
        jobs.run(todo, 2)
        self.assertEqual(self.most, 2)
        self.assertEqual(sum(j.outcome.passed for j in todo), 9)

    def test_a_job_that_breaks_has_failed_and_the_rest_runs(self):
        def breaks():
            raise CannotRun("no disk")

        def faulty():
            return [][0]
        todo = [self.job("one", function=breaks), self.job("two", function=faulty),
                self.job("three", ("one", "two"))]
        jobs.run(todo, 2)
        self.assertIn("one could not run: no disk", todo[0].outcome.failures[0])
        self.assertIn("IndexError", todo[1].outcome.failures[0])
        self.assertEqual(todo[2].outcome.passed, 1)

    def test_a_missing_need_is_an_error(self):
        with self.assertRaises(ValueError):
            jobs.run([self.job("one", ("nothing",))], 1)


class Pieces(Order):
    def setUp(self):
        super().setUp()
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.folder = tmp.name
        for name, value in (("results.FOLDER", tmp.name), ("pieces.sources", lambda: self.sources)):
            patched = mock.patch("check." + name, value)
            patched.start()
            self.addCleanup(patched.stop)
        self.sources = "as they were"

    def todo(self, fails=False):
        """A kernel, three runs on it with a log each, and their report."""
        def boot(name):
            def work():
                log = os.path.join(self.folder, name + ".vm")
                with open(log, "w") as f:
                    f.write("ok")
                bad = ["bad"] if fails and name == "b" else []
                return jobs.Outcome(2, 1, bad, boots=[(True, log)])
            return work

        def report():
            logs = [b for j in todo[:-1] for b in j.outcome.boots]
            return jobs.Outcome(lines=[f"{len(logs)} logs"])

        todo = [self.job("kernel"), *(self.job(n, ("kernel",), cost=cost, function=boot(n))
                                      for n, cost in (("a", 300), ("b", 200), ("c", 100))),
                self.job("report", ("a", "b", "c"), function=report)]
        todo[0].prepares = todo[-1].judges = True
        return todo

    def piece(self, seconds, **how):
        """What ran and what was left in a call of so many seconds."""
        self.order, todo, kept = [], self.todo(**how), Kept()
        kept.restore(todo)
        jobs.run(todo, 1, seconds, kept.keep)
        return self.order, [j.name for j in todo if j.outcome.left], todo

    def test_pieces_end_and_go_on(self):
        ran, left, todo = self.piece(150)
        self.assertEqual((["kernel", "a", "c", "report"], ["b"]), (ran, left))
        self.assertEqual(["2 logs"], todo[-1].outcome.lines)
        ran, left, todo = self.piece(150)
        self.assertEqual((["kernel", "b", "report"], []), (ran, left))
        self.assertEqual((["3 logs"], 2, 1),
                         (todo[-1].outcome.lines, todo[1].outcome.passed, todo[1].outcome.skipped))
        # nothing is left, and no kernel is needed
        self.assertEqual(["report"], self.piece(150)[0])

    def test_what_changes_runs_again(self):
        self.piece(None)
        with open(os.path.join(self.folder, "a.vm"), "w") as f:
            f.write("another run")
        self.assertEqual(["kernel", "a", "report"], self.piece(None)[0])
        self.sources = "changed"
        self.assertEqual(["kernel", "a", "b", "c", "report"], self.piece(None)[0])

    def test_a_failure_runs_again(self):
        self.assertEqual(["bad"], self.piece(None, fails=True)[2][2].outcome.failures)
        self.assertEqual(["kernel", "b", "report"], self.piece(None)[0])

    def test_a_report_of_nothing_is_not_made(self):
        todo = self.todo()
        todo[0].outcome = jobs.Outcome(left=True)
        jobs.run(todo, 1, 1)
        self.assertEqual(([], 5), (self.order, sum(j.outcome.left for j in todo)))


class JobsOfParts(unittest.TestCase):
    def test_each_part_alone_has_what_it_needs(self):
        for name in PARTS:
            for soak in (False, True):
                todo = jobs_of([name], soak)
                names = [j.name for j in todo]
                self.assertEqual(len(names), len(set(names)), name)
                self.assertFalse({n for j in todo for n in j.needs} - set(names), name)
                self.assertTrue(any(j.part == name for j in todo), name)


class Logged(unittest.TestCase):
    def test_exit_code_output_and_log(self):
        with tempfile.TemporaryDirectory() as folder:
            before, results.FOLDER = results.FOLDER, folder
            try:
                script = "echo out; echo err >&2; exit 3"
                code, text, log = results.logged("a b", ["sh", "-c", script])
            finally:
                results.FOLDER = before
            self.assertEqual((code, text), (3, "out\n"))
            self.assertEqual(results.tail(log).strip(), "err")


class Count(unittest.TestCase):
    def test_results_and_their_notes(self):
        o = count("TAP version 13\n1..3\nok 1 a\n# why\n# more\nnot ok 2 b\n"
                  "ok 3 c # SKIP no disk\n")
        self.assertEqual((o.passed, o.skipped, o.failures), (1, 1, ["b\n# why\n# more"]))

    def test_wrong_plans_fail(self):
        self.assertTrue(count("1..2\nok 1 a\n").failures)
        self.assertTrue(count("ok 1 a\n").failures)
        self.assertTrue(count("").failures)

    def test_a_skip_without_a_reason_fails(self):
        self.assertTrue(count("1..1\nok 1 a # SKIP\n").failures)


class ProofOfAFix(unittest.TestCase):
    """A fix is proven if a test fails without it, and all pass with it."""
    fixes = as_module("check/fixes")

    def test_warnings_of_files_in_no_module(self):
        """Those that the stock file has, in whatever line, are not the fix's."""
        old, new = "a.c:7: warning: old", "a.c:9:1: warning: new"
        for stock, fixed, fine in ((old, old.replace("7", "8"), True), ("", "", True),
                                   (old, f"{old}\n{new}", False), ("", new, False)):
            with tempfile.TemporaryDirectory() as folder:
                for name, text in ("stock.log", stock), ("fixed.log", fixed), ("a.c", ""):
                    with open(os.path.join(folder, name), "w") as f:
                        f.write(text + "\n")
                series = mock.Mock(folder=folder, source=folder)
                log = os.path.join(folder, "log")
                self.assertEqual(self.fixes.Series.compiles(series, {"a.c": ""}, log), fine)
                with open(log) as f:
                    self.assertEqual("new" in f.read(), not fine)

    def test_a_file_that_does_not_compile(self):
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()):
            with open(os.path.join(folder, "a.c"), "w"):
                pass
            series = mock.Mock(folder=folder, source=folder)
            series.make.return_value = False
            self.assertFalse(self.fixes.Series.compiles(series, {"a.c": ""}, "/none"))

    def test_which_steps_have_a_test(self):
        """Files that are built in need a kernel of ours."""
        step = {"test": "a.b.c", "bug": "K1 K2", "group": "drivers/vfio/group.c"}
        for change, variant, tested in (({}, "lock", True), ({}, "debian", False),
                                        ({"test": "none: why"}, "lock", False),
                                        ({"bug": "K3"}, "lock", False),
                                        ({"group": "drivers/vfio/mdev/a.c"}, "debian", True)):
            series = mock.Mock(bugs={"K2"}, a=mock.Mock(variant=variant))
            self.assertEqual(bool(self.fixes.tested(step | change, series)), tested)

    def proof(self, *pairs):
        """The fault that is found in tests with these results, each before and after the step."""
        series = mock.Mock(rows=[])
        series.result.side_effect = [result for when in zip(*pairs) for result in when]
        step = mock.MagicMock()
        step.__getitem__.side_effect = {"test": "t " * len(pairs), "bug": "K1",
                                        "group": "a.c"}.__getitem__
        with contextlib.redirect_stderr(io.StringIO()):
            return self.fixes.Series.proof(series, step, 1)

    def test_one_fails_before_and_all_pass_after(self):
        self.assertIsNone(self.proof(("FAIL", "pass"), ("pass", "pass"), ("skipped", "skipped")))
        self.assertIsNone(self.proof(("crash", "pass")))

    def test_no_test_fails_before(self):
        for result in "pass", "not run":
            self.assertIn("no test fails without", self.proof((result, "pass")))

    def test_a_test_does_not_pass_after(self):
        for after in "FAIL", "crash", "no end", "not run", "skipped":
            self.assertIn(f"with the step: {after}", self.proof(("FAIL", after)))

    def test_the_kernel_lacks_what_the_tests_need(self):
        with self.assertRaises(self.fixes.Skipped):
            self.proof(("skipped", "skipped"))


if __name__ == "__main__":
    unittest.main()
