#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/build/in-tree: the names that a tree exports."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from lib.loading import as_module  # noqa: E402

in_tree = as_module("build/in-tree")


class Exports(unittest.TestCase):
    def test_static_calls_too(self):
        with tempfile.TemporaryDirectory() as src:
            with open(os.path.join(src, "core.c"), "w") as f:
                f.write("EXPORT_SYMBOL_GPL(device_add);\n"
                        "define_dev_printk_level(_dev_err, KERN_ERR);\n"
                        "EXPORT_STATIC_CALL_TRAMP(cond_resched);\n"
                        "EXPORT_STATIC_CALL_GPL(one);\n")
            self.assertEqual(in_tree.exported_by(src),
                             {"device_add", "_dev_err", "__SCT__cond_resched", "__SCT__one"})


if __name__ == "__main__":
    unittest.main()
