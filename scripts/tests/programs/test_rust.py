# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/build/rust.py and of the fragments of a kernel with Rust."""
import os
import sys
import tempfile
import unittest
from unittest import mock

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../.."))
from build import rust  # noqa: E402
from build.config import fragments, wanted  # noqa: E402
from lib.common import CannotRun  # noqa: E402


class Kernels(unittest.TestCase):
    def test_two_fragments(self):
        files = fragments("7.3", "x86", "rust+kasan")
        self.assertEqual([os.path.basename(f) for f in files],
                         ["common.config", "x86.config", "rust.config", "kasan.config"])
        self.assertTrue(rust.needs_clang(wanted(files)))
        self.assertFalse(rust.needs_clang(wanted(fragments("7.3", "x86", "rust"))))

    def test_what_one_architecture_needs(self):
        self.assertEqual(wanted(fragments("7.3", "s390", "rust"))["CONFIG_EXPOLINE"], "n")

    def test_no_such_variant(self):
        for variant in ("rust+fast", "rust-s390", "common"):
            with self.assertRaisesRegex(CannotRun, "no variant"):
                fragments("7.3", "x86", variant)


class Warnings(unittest.TestCase):
    def test_what_counts(self):
        for line, counts in (("warning: unused variable: `x`", True),
                             ("error[E0080]: evaluation of constant value failed", True),
                             ("warning: 1 warning emitted", False),
                             ("warning: unstable feature specified for `-Ctarget-feature`: "
                              "`backchain`", False),
                             ("  warning: in the middle", False)):
            self.assertEqual(rust.warning(line), counts, line)


class Modules(unittest.TestCase):
    def refused(self, config, reason, crates=True):
        with tempfile.TemporaryDirectory() as kdir:
            with open(os.path.join(kdir, ".config"), "w") as f:
                f.write(config)
            if crates:
                os.mkdir(os.path.join(kdir, "rust"))
                open(os.path.join(kdir, "rust/libkernel.rmeta"), "w").close()
            with mock.patch("build.rust.built", return_value=False), \
                 mock.patch("shutil.which", return_value=None), \
                 self.assertRaisesRegex(CannotRun, reason):
                rust.module_args("x86", kdir)

    def test_a_kernel_without_rust(self):
        self.refused("CONFIG_MODULES=y\n", "does not have CONFIG_RUST=y")

    def test_headers_without_crates(self):
        self.refused("CONFIG_RUST=y\n", "libkernel.rmeta.*a kernel that you have built", False)

    def test_another_compiler(self):
        self.refused('CONFIG_RUST=y\nCONFIG_RUSTC_VERSION_TEXT="rustc 1.99.0"\n',
                     "built by rustc 1.99.0, which is not in PATH")


if __name__ == "__main__":
    unittest.main()
