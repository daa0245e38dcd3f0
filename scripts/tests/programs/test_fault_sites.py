#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/fuzz/fault-sites: calls of a module, and stacks of a console."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from lib.loading import as_module  # noqa: E402

sites = as_module("fuzz/fault-sites")

X86 = """
0000000000000010 <one>:
      10:\tpush   %rbx
      11:\tcall   16 <one+0x6>
\t\t\t12: R_X86_64_PLT32\t__kmalloc_noprof-0x4
      16:\tlea    0x0(%rip),%rdi
\t\t\t19: R_X86_64_PC32\t.bss+0x2e4
      1d:\tcall   22 <two>
\t\t\t1e: R_X86_64_PLT32\tdevice_add-0x4
0000000000000022 <two>:
      22:\tret
"""
S390 = """
0000000000000000 <one>:
       0:\tbrasl\t%r14,0 <one>
\t\t\t2: R_390_PLT32DBL\tkfree+0x2
       6:\tla\t%r2,160(%r11)
"""
# innermost first; "?" are guesses of the unwinder
CONSOLE = """[    1.0] Call Trace:
[    1.0]  <TASK>
[    1.0]  dump_stack_lvl+0x69/0x90
[    1.0]  should_fail_ex+0x1b4/0x1d8
[    1.0]  ? two+0x1/0x5 [mdev]
[    1.0]  __kmalloc_noprof+0x30/0x50
[    1.0]  one+0x6/0x12 [mdev]
[    1.0]  two+0x3/0x5 [mdev]
[    2.0] Call Trace:
[    2.0]  [<000003ffe063c8ac>] should_fail_ex+0x874/0xaf0
[    2.0] ([<000003ffe063c8ac>] one+0xc/0x12 [other])
[    3.0] Call Trace:
[    3.0]  another_report+0x1/0x2
[    3.0]  one+0x5/0x12 [mdev]
"""


class Sites(unittest.TestCase):
    def test_calls_of_a_module(self):
        # a call may be the last instruction of its function
        self.assertEqual(sites.calls(X86), {("one", 6): "__kmalloc_noprof",
                                            ("one", 18): "device_add"})
        self.assertEqual(sites.calls(S390), {("one", 6): "kfree"})

    def test_a_function_with_two_names(self):
        names = sites.one_name("0000000000000000 l     F .init.text\t0000000000000085 mdev_init\n"
                               "0000000000000000 g     F .init.text\t0000000000000085 init_module\n"
                               "0000000000000000 g     F .text\t0000000000000012 one\n")
        self.assertEqual(names, {"mdev_init": "mdev_init", "init_module": "mdev_init",
                                 "one": "one"})

    def test_the_innermost_call_of_the_module_is_the_site(self):
        with tempfile.NamedTemporaryFile("w", suffix=".log") as f:
            f.write(CONSOLE)
            f.flush()
            self.assertEqual(dict(sites.failed([f.name], "mdev")), {("one", 6): 1})
            self.assertEqual(dict(sites.failed([f.name], "other")), {("one", 12): 1})

    def test_all_sites(self):
        """A function below which one allocation failed is a site wherever it is called."""
        code = {("one", 6): "__kmalloc_noprof", ("one", 18): "device_add", ("two", 4): "device_add",
                ("two", 9): "device_del", ("two", 14): "mutex_lock"}
        names = {("one", 6), ("one", 18), ("two", 4)}
        self.assertEqual(set(sites.all_sites(code, {("one", 18)})), names)
        self.assertEqual(set(sites.all_sites(code, {("one", 6)})), {("one", 6)})

    def test_what_allocates(self):
        for name in ("__kmalloc_cache_noprof", "kzalloc", "kmem_cache_alloc_noprof",
                     "kvmalloc_node_noprof", "kasprintf", "ida_alloc_range", "alloc_pages_noprof"):
            self.assertTrue(sites.ALLOCATES.match(name), name)
        for name in "kfree", "mutex_lock", "ida_free", "kmem_cache_free", "kvfree":
            self.assertFalse(sites.ALLOCATES.match(name), name)


if __name__ == "__main__":
    unittest.main()
