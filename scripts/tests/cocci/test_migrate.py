# SPDX-License-Identifier: GPL-2.0-only
"""migrate as a user calls it: exit codes, the patch it prints, links, line ends, parts, time."""
import os
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
GOLDEN = os.path.join(TOP, "cocci/tests")


class Migrate(unittest.TestCase):
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
        self.assertIn(f"{path}: converted", p.stderr)
        with open(path) as f:
            self.assertIn(".device_api = VFIO_DEVICE_API_PCI_STRING", f.read())
        self.assertIn(f"{path}: nothing to do", self.migrate(path).stderr)

    def test_one_not_converted(self):
        right, wrong = self.driver("api_attr"), self.driver("refuse_count_bitmap")
        p = self.migrate("--in-place", right, wrong)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn(f"{right}: converted", p.stderr)
        self.assertRegex(p.stderr, wrong + r":\d+: converted in part: .*: a bitmap counts the "
                                          "instances")

    def test_converted_in_part(self):
        path = self.driver("refuse_open_counts")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertRegex(p.stderr, path + r":\d+: converted in part: device_api is on the core, "
                                          r"the number of instances is not: toy_open\(\) changes")
        with open(path) as f:
            text = f.read()
        self.assertIn(".device_api = VFIO_DEVICE_API_PCI_STRING", text)
        self.assertIn("available_instances_show", text)
        again = self.migrate("--in-place", path)
        self.assertRegex(again.stderr, path + r":\d+: not converted: toy_open\(\) changes")
        with open(path) as f:
            self.assertEqual(f.read(), text, "a second run changes nothing")

    def test_the_current_folder(self):
        self.driver("api_attr")
        p = subprocess.run([os.path.join(TOP, "scripts/migrate/migrate"), "."], cwd=self.tmp,
                           capture_output=True, text=True)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn("api_attr.c: converted", p.stderr)

    def test_two_words_of_the_owner(self):
        path = self.driver("refuse_parents_probe")
        self.assertEqual(self.migrate(path).returncode, 1)
        p = self.migrate("--limit", "shown", "--limit", "parent", path)
        self.assertEqual(p.returncode, 0, p.stderr)

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
        path = self.driver("refuse_give_back_if")
        p = self.migrate("--in-place", path)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertRegex(p.stderr, r":\d+: not converted: could not be verified: ")
        with open(path) as f, open(os.path.join(GOLDEN, "refuse_give_back_if.c")) as g:
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

    def git_apply(self, patch, folder, *args):
        return subprocess.run(["git", "apply", *args], input=patch, cwd=folder, text=True,
                              capture_output=True)

    def test_the_patch_is_alone_on_stdout(self):
        self.driver("api_attr"), self.driver("refuse_count_bitmap")
        p = self.migrate(self.tmp)
        self.assertTrue(p.stdout.startswith("--- a/api_attr.c\n+++ b/api_attr.c\n@@"), p.stdout)
        self.assertNotIn("converted", p.stdout)
        self.assertIn(f"apply it with patch -p1 -d {self.tmp}\n", p.stderr)
        applied = self.git_apply(p.stdout, self.tmp)
        self.assertEqual(applied.returncode, 0, applied.stderr)

    def test_the_patch_starts_in_the_work_tree(self):
        folder = os.path.join(self.tmp, "drivers/toy")
        os.makedirs(folder)
        subprocess.run(["git", "init", "-q", self.tmp], check=True)
        shutil.move(self.driver("api_attr"), folder)
        patch = self.migrate(folder).stdout
        self.assertIn("+++ b/drivers/toy/api_attr.c\n", patch)
        self.assertEqual(self.git_apply(patch, self.tmp, "--check").returncode, 0)

    def test_the_patch_starts_here(self):
        self.driver("api_attr")
        p = subprocess.run([os.path.join(TOP, "scripts/migrate/migrate"), self.tmp],
                           capture_output=True, text=True, cwd=os.path.dirname(self.tmp))
        self.assertIn(f"+++ b/{os.path.basename(self.tmp)}/api_attr.c\n", p.stdout)
        self.assertNotIn("patch -p1 -d", p.stderr)

    def test_no_newline_at_the_end(self):
        path = self.driver("api_attr")
        with open(path) as f:
            text = f.read()
        # the structure that changes comes last
        probe = text[text.index("int toy_probe"):]
        text = text.replace(probe, "").rstrip("\n")
        text = text.replace("THIS_MODULE,\n", "THIS_MODULE,").replace("create,\n", "create,")
        ops = text.index("static const struct mdev_parent_ops")
        text = text[:ops] + "extern struct mdev_parent_ops toy_ops;\n\n" + probe + "\n" + text[ops:]
        with open(path, "w") as f:
            f.write(text)
        p = self.migrate(path)
        self.assertIn("\n\\ No newline at end of file\n", p.stdout)
        applied = self.git_apply(p.stdout, self.tmp, "--check")
        self.assertEqual(applied.returncode, 0, applied.stderr)

    def test_links_are_followed_once(self):
        folder = os.path.join(self.tmp, "real")
        os.makedirs(folder)
        path = os.path.join(folder, "toy.c")
        shutil.move(self.driver("api_attr"), path)
        os.chmod(path, 0o640)
        os.symlink("toy.c", os.path.join(folder, "alias.c"))
        os.symlink(folder, os.path.join(folder, "loop"))
        os.symlink("real", os.path.join(self.tmp, "link"))
        p = self.migrate("--in-place", os.path.join(self.tmp, "link"))
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(p.stderr.count(": converted"), 1, p.stderr)
        self.assertTrue(os.path.islink(os.path.join(folder, "alias.c")))
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o640)
        with open(path) as f:
            self.assertIn(".device_api = VFIO_DEVICE_API_PCI_STRING", f.read())

    def test_a_link_to_a_file_elsewhere(self):
        path, folder = self.driver("api_attr"), os.path.join(self.tmp, "linked")
        os.makedirs(folder)
        os.symlink(path, os.path.join(folder, "toy.c"))
        p = self.migrate("--in-place", folder)
        self.assertIn("linked/toy.c: converted", p.stderr)
        self.assertTrue(os.path.islink(os.path.join(folder, "toy.c")))
        with open(path) as f:
            self.assertIn(".device_api =", f.read())

    def test_line_ends_stay(self):
        path = self.driver("count_attr")
        with open(path, "rb") as f:
            text = f.read()
        for raw in (text.replace(b"\n", b"\r\n"),
                    b"/* mixed */\n/* \xe9 \f */\n" + text.replace(b"\n", b"\r\n")):
            with open(path, "wb") as f:
                f.write(raw)
            p = subprocess.run([os.path.join(TOP, "scripts/migrate/migrate"), path],
                               capture_output=True)
            self.assertEqual(p.returncode, 0, p.stderr)
            applied = subprocess.run(["git", "apply", "--check"], input=p.stdout, cwd=self.tmp,
                                     capture_output=True)
            self.assertEqual(applied.returncode, 0, applied.stderr)
            self.migrate("--in-place", path)
            with open(path, "rb") as f:
                new = f.read()
            self.assertEqual(new.count(b"\n") - new.count(b"\r\n"),
                             raw.count(b"\n") - raw.count(b"\r\n"))
            self.assertIn(b".max_instances", new)

    def test_a_part_of_a_driver(self):
        for name in ("api_attr", "count_attr"):
            self.driver(name)
        with open(os.path.join(self.tmp, "Makefile"), "w") as f:
            f.write("obj-m += toy.o\ntoy-y := api_attr.o count_attr.o\n")
        path = os.path.join(self.tmp, "count_attr.c")
        p = self.migrate(path)
        self.assertEqual((p.returncode, p.stdout), (1, ""), p.stderr)
        self.assertRegex(p.stderr, path + r":\d+: not converted: part of a driver, which has API "
                                          r"or counter in api_attr\.c too: give all its files")

    def test_the_row_has_a_path(self):
        for folder in ("a", "b"):
            os.makedirs(os.path.join(self.tmp, folder))
            shutil.copy(os.path.join(GOLDEN, "api_attr.c"), os.path.join(self.tmp, folder))
        p = self.migrate("--mode", "report", self.tmp)
        for folder in ("a", "b"):
            self.assertRegex(p.stdout, rf"(?m)^{self.tmp}/{folder}/api_attr +core ")

    def test_spatch_that_does_not_end(self):
        fake = os.path.join(self.tmp, "spatch")
        with open(fake, "w") as f:
            f.write('#!/bin/sh\ncase "$*" in *available_instances*) exec sleep 60;; esac\n'
                    'exec spatch "$@"\n')
        os.chmod(fake, 0o755)
        slow, quick = self.driver("count_attr"), self.driver("api_attr")
        p = self.migrate("--timeout", "5", slow, quick, SPATCH=fake)
        self.assertEqual(p.returncode, 1, p.stderr)
        self.assertIn(f"{slow}:1: not converted: timed out: ", p.stderr)
        self.assertIn(f"{quick}: converted", p.stderr)

    def test_every_mode_through_make(self):
        path = self.driver("api_attr")
        for mode in ("patch", "report", "explain"):
            p = subprocess.run(["make", "-s", "migrate", f"SRC={path}", f"MODE={mode}"], cwd=TOP,
                               capture_output=True, text=True)
            self.assertEqual(p.returncode, 0, p.stderr)


if __name__ == "__main__":
    unittest.main()
