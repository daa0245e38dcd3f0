# SPDX-License-Identifier: GPL-2.0-only
"""The exit codes of migrate: 0 all on the core, 1 one not converted, 2 could not run."""
import os
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
GOLDEN = os.path.join(TOP, "cocci/tests")


class ExitCodes(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.mkdtemp(prefix="test_migrate.")
        self.addCleanup(shutil.rmtree, self.tmp)

    def migrate(self, *args, top=TOP, **env):
        return subprocess.run([os.path.join(top, "scripts/migrate/migrate"), *args],
                              capture_output=True, text=True, env={**os.environ, **env})

    def driver(self, name, old="", new=""):
        """A copy of a golden test's driver, with one change."""
        path = os.path.join(self.tmp, name + ".c")
        with open(os.path.join(GOLDEN, name + ".c")) as f:
            text = f.read()
        self.assertIn(old, text)
        with open(path, "w") as f:
            f.write(text.replace(old, new, 1))
        return path

    def test_all_converted(self):
        path = self.driver("api_attr")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn(f"{path}: converted", p.stdout)
        with open(path) as f:
            self.assertIn(".device_api = VFIO_DEVICE_API_PCI_STRING", f.read())
        self.assertIn(f"{path}: nothing to do", self.migrate(path).stdout)

    def test_one_not_converted(self):
        right, wrong = self.driver("api_attr"), self.driver("refuse_count_bitmap")
        p = self.migrate("--in-place", right, wrong)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn(f"{right}: converted", p.stdout)
        self.assertRegex(p.stdout, wrong + r":\d+: not converted: a bitmap counts the instances")

    def test_a_patch_leaves_the_source(self):
        for name in ("api_attr", "refuse_half", "count_attr"):
            path = self.driver(name)
            with open(path) as f:
                before = f.read()
            self.migrate(path)
            with open(path) as f:
                self.assertEqual(f.read(), before, "only --in-place may write")

    def test_out_leaves_the_source(self):
        path, out = self.driver("api_attr"), os.path.join(self.tmp, "out")
        with open(path) as f:
            before = f.read()
        self.assertEqual(self.migrate("--out", out, path).returncode, 0)
        with open(path) as f:
            self.assertEqual(f.read(), before)
        self.assertTrue(os.path.exists(out + path))

    def test_bracket_missing(self):
        path = self.driver("api_attr", "API_PCI_STRING);", "API_PCI_STRING;")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 2, p.stdout)
        with open(path) as f:
            line = next(n for n, x in enumerate(f, 1) if "VFIO_DEVICE_API_PCI_STRING;" in x)
        self.assertIn(f"{path}:{line}: this bracket has no partner: fix it", p.stderr)

    def test_semicolon_missing(self):
        path = self.driver("api_attr", "API_PCI_STRING);", "API_PCI_STRING)")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertRegex(p.stderr, path + r":\d+: spatch can't parse this line: fix it")

    def test_unreadable_and_not_converted(self):
        broken = self.driver("api_attr", "API_PCI_STRING);", "API_PCI_STRING;")
        p = self.migrate(broken, self.driver("refuse_count_bitmap"))
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn("2 of 2 drivers not converted", p.stderr)

    def test_not_verified(self):
        path = self.driver("refuse_amount_call")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertRegex(p.stdout, r":\d+: not converted: could not be verified: ")
        with open(path) as f, open(os.path.join(GOLDEN, "refuse_amount_call.c")) as g:
            self.assertEqual(f.read(), g.read())

    def test_explain(self):
        path = self.driver("count_mutex")
        p = self.migrate("--mode", "explain", path)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn(f"{path}:14: removed: counter: static int toy_left = TOY_MAX", p.stdout)
        self.assertIn(f"{path}:25: removed: use of the counter: toy_left--", p.stdout)
        self.assertNotIn("+++", p.stdout)

    def test_missing_libclang(self):
        os.makedirs(os.path.join(self.tmp, "clang"))
        with open(os.path.join(self.tmp, "clang/__init__.py"), "w"):
            pass
        p = self.migrate(self.driver("api_attr"), PYTHONPATH=self.tmp)
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn("scripts/lib/host-setup cocci", p.stderr)

    def test_missing_spatch(self):
        p = self.migrate(self.driver("api_attr"), SPATCH=os.path.join(self.tmp, "spatch"))
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn("host-setup cocci", p.stderr)

    def test_broken_rule(self):
        top = os.path.join(self.tmp, "top")
        for name in ("scripts", "cocci"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(top, name),
                            ignore=shutil.ignore_patterns("tests", "__pycache__"))
        with open(os.path.join(top, "cocci/device_api.cocci"), "a") as f:
            f.write("\n@broken@\n@@\n- f(;\n")
        p = self.migrate(self.driver("api_attr"), top=top)
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn("cocci/device_api.cocci fails on", p.stderr)

    def test_no_such_folder(self):
        p = self.migrate(os.path.join(self.tmp, "nowhere"))
        self.assertEqual(p.returncode, 2, p.stdout)
        self.assertIn("there is no", p.stderr)


if __name__ == "__main__":
    unittest.main()
