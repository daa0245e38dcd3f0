#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/vm/reports.py over scripts/tests/splats.corpus."""
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
from vm.reports import BANNERS, find  # noqa: E402


def corpus():
    sections, kind = {}, None
    with open(os.path.join(HERE, "splats.corpus")) as f:
        for line in f.read().splitlines():
            if line.startswith("== "):
                kind = line[3:]
                sections[kind] = []
            elif kind:
                sections[kind].append(line)
    return sections


class Reports(unittest.TestCase):
    def test_each_banner_is_seen_as_its_kind(self):
        for kind, lines in corpus().items():
            for line in lines if kind != "clean" else ():
                with self.subTest(line=line):
                    self.assertEqual(find([line]), [(0, kind)])

    def test_a_clean_log_has_none(self):
        self.assertEqual(find(corpus()["clean"]), [])

    def test_every_kind_has_an_example(self):
        self.assertEqual(sorted(set(BANNERS) - set(corpus()) - {"kmsan"}), [])

    def test_a_trace_belongs_to_the_report_before_it(self):
        self.assertEqual(find(["[ 1.0] BUG: KASAN: x in y", "[ 1.0] Call Trace:"]), [(0, "kasan")])

    def test_a_trace_far_from_any_report_is_one(self):
        log = ["[ 1.0] BUG: KASAN: x in y"] + ["[ 1.0] z"] * 90 + ["[ 1.0] Call Trace:"]
        self.assertEqual(find(log), [(0, "kasan"), (91, "trace")])

    def test_lines_of_a_log_keep_their_numbers(self):
        log = corpus()["clean"] + ["[ 9.0] WARNING: x.c:1 at f"] + corpus()["clean"]
        self.assertEqual(find(log), [(len(corpus()["clean"]), "warning")])


if __name__ == "__main__":
    unittest.main()
