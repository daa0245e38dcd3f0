# SPDX-License-Identifier: GPL-2.0-only
"""Arguments of make are checked before anything is installed, fetched or built.

make runs in a copy of the Makefile whose programs note that they were called.
"""
import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
# what mainline's headers of a version have; the lines are those that the feature tests look for
PARENT, OPS = "int mdev_register_parent(struct mdev_parent *);\n", "struct mdev_parent_ops {\n"
EMULATED = "int vfio_register_emulated_iommu_dev(struct vfio_device *);\n"
ALLOC = EMULATED + "struct vfio_device *_vfio_alloc_device(size_t);\n"
SOURCES = {     # (mdev.h, vfio.h, words of the refusal)
    "5.11": (OPS, "", "vfio.h> has neither|vfio_init_group_dev() with the argument device_data"),
    "5.15": (OPS + "struct mdev_driver *device_driver;\n", "void vfio_init_group_dev(\n",
             "struct mdev_parent_ops has a member device_driver"),
    "5.18": (OPS + "struct mdev_driver *device_driver;\n", EMULATED, "a member device_driver"),
    "6.0": ("int mdev_register_device(struct device *, struct mdev_driver *);\n", ALLOC,
            "mdev.h> has neither mdev_register_parent() nor struct mdev_parent_ops"),
    "6.5": (PARENT, EMULATED, "vfio.h> has no vfio_alloc_device()"),
    "6.6": (PARENT, ALLOC, ""),
    "6.18": (PARENT, ALLOC, ""),
}
STUB = '#!/bin/sh\necho "${0##*/} $*" >>"%s"\nenv | grep -E "^(MAKEFLAGS|O)=" >>"%s"\nexit 0\n'


class Make(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.tmp, self.top = tmp.name, os.path.join(tmp.name, "checkout")
        self.checkout()

    def checkout(self):
        self.called = os.path.join(self.tmp, "called")
        for name in ("Makefile", "compat", "configs", "scripts/tree", "scripts/lib"):
            os.makedirs(os.path.dirname(os.path.join(self.top, name)), exist_ok=True)
            copy = shutil.copytree if os.path.isdir(os.path.join(TOP, name)) else shutil.copy
            copy(os.path.join(TOP, name), os.path.join(self.top, name))
        for name in ("lib/host-setup", "report/build-all", "build/for-kdir", "build/export-kernel",
                     "series/apply", "series/patches", "migrate/migrate", "check/check"):
            path = os.path.join(self.top, "scripts", name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w") as f:
                f.write(STUB % (self.called, self.called))
            os.chmod(path, 0o755)

    def make(self, *args, **env):
        """make's exit code, and its messages or the calls of programs."""
        for old in glob.glob(self.called):
            os.unlink(old)
        p = subprocess.run(["make", "-C", self.top, *args], capture_output=True, text=True,
                           env={"PATH": os.environ["PATH"], "HOME": self.tmp, **env})
        if not os.path.exists(self.called):
            return p.returncode, p.stderr
        with open(self.called) as f:
            return p.returncode, f.read()

    def refused(self, *args):
        """make ends in 2 with all words of the last argument, and has called nothing."""
        *args, words = args
        code, text = self.make(*args)
        self.assertEqual(code, 2, text)
        for word in words.split("|"):
            self.assertIn(word, text)
        self.assertFalse(os.path.exists(self.called), text)

    def kernel(self, makefile, *files, config=""):
        folder = tempfile.mkdtemp(dir=self.tmp)
        for name, text in (("Makefile", makefile), ("include/config/auto.conf", config),
                           *((f, "") for f in files)):
            os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
            with open(os.path.join(folder, name), "w") as f:
                f.write(text)
        return folder

    def test_a_misspelt_variable(self):
        self.refused("TRESS=6.12", "TRESS= is not used|TREES")
        self.refused("kernel", "TREES=7.3", "TREES= is not used|TREE|VARIANT")
        self.refused("check", "TREES=6.12", "TREES= is not used|ONLY")

    def test_names(self):
        self.refused("TREES=9.9", "TREES=9.9|6.12-rt")
        self.refused("TREES=6.12 7.3-foo", "TREES=7.3-foo")
        self.refused("ARCHES=arm64", "ARCHES=arm64|x86 s390")
        self.refused("kernel", "VARIANT=foo", "VARIANT=foo|plain|lock")
        self.refused("migrate", "SRC=x", "MODE=foo", "MODE=foo|patch report")

    def test_numbers(self):
        for value in ("soon", "-5", "0", "1h"):
            self.refused("soak", f"MINUTES={value}", f"MINUTES={value}: give a number above 0")
            self.refused("migrate", "SRC=.", f"TIMEOUT={value}", "give a number above 0")
        self.assertIn("check --soak --only model --minutes 90",
                      self.make("soak", "ONLY=model", "MINUTES=90")[1])

    def test_every_choice_of_make_help_is_taken(self):
        with open(os.path.join(TOP, "Makefile")) as f:
            targets = re.findall(r"^([a-z-]+):.*## (.*)", f.read(), re.M)
        tried = 0
        for target, text in targets:
            for name, choices in re.findall(r"\b([A-Z_]+)=(\w+(?:\|\w+)+)", text):
                for word in choices.split("|"):
                    if word.islower():
                        code, said = self.make(target, f"{name}={word}", "SRC=x")
                        self.assertNotIn(f"{name}={word}: choose", said)
                        tried += 1
        self.assertGreater(tried, 4)

    def test_flavours_are_not_for_every_target(self):
        """They are headers packages: a kernel, patches and the package are made from a source."""
        for target, word in (("kernel", "TREE"), ("series", "TREE"), ("migrate", "TREE"),
                             ("deb", "TREES"), ("abi-update", "TREES")):
            self.refused(target, f"{word}=6.12-rt", f"{word}=6.12-rt: choose from: 7.3 7.2 6.12")
        self.assertEqual(self.make("TREES=6.12-rt")[0], 0)

    def test_the_singular(self):
        code, text = self.make("TREE=7.3")
        self.assertEqual(code, 0)
        self.assertIn("build-all --trees 7.3 --arches x86 s390\n", text)
        text = self.make("TREE=7.3", "ARCH=s390")[1]
        self.assertIn("build-all --trees 7.3 --arches s390\n", text)

    def test_default_rows(self):
        self.assertIn("build-all --trees 7.3 6.12 --arches x86 s390\n", self.make()[1])

    def test_the_environment_of_a_kernel_developer_is_no_argument(self):
        code, text = self.make(ARCH="arm64", TREE="linus", DIR="/nonsense", VARIANT="x", MODE="y")
        self.assertEqual(code, 0, text)
        self.assertIn("build-all --trees 7.3 6.12 --arches x86 s390\n", text)

    def test_kbuild_does_not_inherit_o(self):
        text = self.make("O=" + os.path.join(self.tmp, "elsewhere"), "V=1")[1]
        self.assertIn("O=" + os.path.join(self.tmp, "elsewhere"), text)
        self.assertNotIn("MAKEFLAGS=", text)

    def test_folders_that_are_not_there(self):
        for name in ("KSRC", "KDIR"):
            self.refused(f"{name}=/nonsense", f"{name}=/nonsense is not a folder")
            self.refused(f"{name}={self.tmp}", f"{name}={self.tmp} has no Makefile")
        self.refused("apply", "DIR=/nonsense", "DIR=/nonsense is not a folder")
        self.refused("apply", "DIR= is required")
        self.refused("modules", "KDIR= is required")

    def test_a_source_that_is_too_old(self):
        old = self.kernel("VERSION = 4\nPATCHLEVEL = 19\n", "kernel/Makefile", "Kconfig")
        self.refused(f"KSRC={old}", "Linux 4.19.0|5.10 is the oldest supported")

    def test_a_source_that_nobody_tried(self):
        between = self.source("6.6")
        p = subprocess.run([os.path.join(self.top, "scripts/tree/describe")], capture_output=True,
                           text=True, env={**os.environ, "KSRC": between}, check=True)
        self.assertIn("Linux 6.6.0", p.stderr)
        self.assertIn("not tested, 6.1 and 6.12 are", p.stderr)
        self.assertEqual(p.stdout, "6.6\n")
        self.assertIn("build-all --trees  --arches", self.make(f"KSRC={between}")[1])

    def source(self, version):
        """A source between those that are tested, with the headers of SOURCES."""
        makefile = "VERSION = {}\nPATCHLEVEL = {}\n".format(*version.split("."))
        folder = self.kernel(makefile, "kernel/Makefile", "Kconfig")
        os.makedirs(os.path.join(folder, "include/linux"))
        for name, text in zip(("mdev.h", "vfio.h"), SOURCES[version]):
            with open(os.path.join(folder, "include/linux", name), "w") as f:
                f.write(text)
        return folder

    def test_features_decide_about_a_source_between(self):
        for version, (*_, words) in SOURCES.items():
            with self.subTest(version):
                source = self.source(version)
                if words:
                    self.refused(f"KSRC={source}", f"{source} is not supported|{words}")
                else:
                    self.assertEqual(self.make(f"KSRC={source}")[0], 0)

    def test_a_source_of_another_tree(self):
        source = self.source("6.18")
        self.refused(f"KSRC={source}", "TREES=6.12", "is Linux 6.18.0, which is not 6.12")

    def test_headers(self):
        text = ("CONFIG_X86=y\nCONFIG_MODULES=y\nCONFIG_VFIO=m\n"
                'CONFIG_CC_VERSION_TEXT="gcc-12 (Debian 12.2.0-14+deb12u1) 12.2.0"\n')
        makefile = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 9\n"
        for config, fault in ((text.replace("CONFIG_VFIO=m\n", ""), "this kernel has no VFIO"),
                              (text.replace("X86", "ARM64"), "arm64; x86 and s390 are supported"),
                              (text.replace("MODULES=y", "X=y"), "loads no modules"),
                              (text + "CONFIG_VFIO_MDEV=y\n", "mdev is built into this kernel"),
                              ("", "is not configured")):
            self.refused("modules", "KDIR=" + self.kernel(makefile, config=config), fault)
        good = self.kernel(makefile, config=text)
        p = subprocess.run([os.path.join(self.top, "scripts/tree/describe")], capture_output=True,
                           text=True, env={**os.environ, "KDIR": good}, check=True)
        self.assertIn("headers of Linux 6.12.9, x86, gcc 12.2.0, CONFIG_VFIO=m", p.stderr)
        self.assertIn("supported, 6.12 is tested", p.stderr)
        self.assertIn("for-kdir", self.make("modules", f"KDIR={good}")[1])

    def test_a_checkout_in_a_folder_with_a_space(self):
        self.top = os.path.join(self.tmp, "my checkout")
        self.checkout()
        self.refused("the path of this checkout has a space")

    def test_other_paths_with_a_space(self):
        odd = os.path.join(self.tmp, "my build")
        os.makedirs(odd)
        self.refused(f"O={odd}", "O= has a space")
        self.refused("apply", f"DIR={odd}", "DIR= has a space")
        code, text = self.make(XDG_CACHE_HOME=odd)
        self.assertEqual((code, "XDG_CACHE_HOME or HOME has a space" in text), (2, True), text)

    def test_files_that_are_not_there(self):
        self.refused("migrate", "SRC=/nonsense", "SRC=/nonsense does not exist")
        self.refused("migrate", f"SRC={self.tmp} /nonsense", "/nonsense does not exist")
        self.refused("abi-check", "OLD=/nonsense.ko", "OLD=/nonsense.ko does not exist")
        self.refused("install", "KVER=9.9.9", "Linux 9.9.9 has no headers|KVER= or KDIR=")
        self.refused("check", "ONLY=statik", "ONLY=statik|static tools docs")
        self.refused("check", "ONLY=static,typo", "ONLY=typo|static tools docs")
        self.assertEqual(self.make("check", "ONLY=static,tools")[0], 0)

    def test_numbers(self):
        for name, value in (("V", "yes"), ("C", "3"), ("W", "all"), ("FORCE", "yes"),
                            ("IN_PLACE", "yes")):
            self.refused("migrate", "SRC=.", f"{name}={value}", f"{name}={value}: choose from")

    def test_in_place(self):
        """0 is no; the unmodified sources, which every target uses, are never changed."""
        self.assertNotIn("--in-place", self.make("migrate", "SRC=.", "IN_PLACE=0")[1])
        self.assertIn("--in-place", self.make("migrate", "SRC=.", "IN_PLACE=1")[1])
        self.refused("migrate", "TREE=5.10", "IN_PLACE=1", "does not change a fetched tree")
        source = os.path.join(self.top, "build/src/linux-source-7.3")
        for name in ("Makefile", "kernel/Makefile", "Kconfig"):
            os.makedirs(os.path.dirname(os.path.join(source, name)), exist_ok=True)
            with open(os.path.join(source, name), "w"):
                pass
        self.refused("migrate", f"SRC={source}", "IN_PLACE=1", "this project's own copy")
        self.refused("apply", f"DIR={source}", "this project's own copy")
        link = os.path.join(self.tmp, "link")
        os.symlink(source, link)
        self.refused("apply", f"DIR={link}", "this project's own copy")
        self.assertEqual(self.make("migrate", f"SRC={source}")[0], 0)

    def test_folders_that_cannot_be_written(self):
        with open(os.path.join(self.top, "out"), "w"):
            pass
        self.refused("out can't be written")
        os.unlink(os.path.join(self.top, "out"))
        self.refused("O=/proc/nonsense", "/proc/nonsense can't be written")


if __name__ == "__main__":
    unittest.main()
