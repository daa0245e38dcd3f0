# SPDX-License-Identifier: GPL-2.0-only
"""rust/layout.py: the assertions that it makes of a table of abi/layout."""
import os
import subprocess
import sys
import tempfile
import unittest

TOP = os.path.abspath(os.path.join(__file__, "../../../.."))
BINDINGS = """
pub struct mdev_thing {
    pub name: *const ffi::c_char,
    pub probe: ::core::option::Option<
        unsafe extern "C" fn(dev: *mut mdev_device) -> ffi::c_int,
    >,
    pub dev: device,
    pub type_: *mut mdev_type,
}
"""
TABLE = """# a comment
mdev_thing        832
mdev_thing.dev     16
mdev_thing.name     0
mdev_thing.probe    8
mdev_thing.type   824
mdev_unused         8
mdev_unused.a       0
"""


def layout(bindings):
    with tempfile.TemporaryDirectory() as tmp:
        paths = [os.path.join(tmp, name) for name in ("bindings.rs", "7.3-x86")]
        for path, text in zip(paths, (bindings, TABLE)):
            with open(path, "w") as f:
                f.write(text)
        return subprocess.run([sys.executable, os.path.join(TOP, "rust/layout.py"), *paths],
                              check=True, capture_output=True, text=True).stdout


class Layout(unittest.TestCase):
    def test_assertions(self):
        """What stands behind a structure of the kernel has no offset of its own."""
        self.assertEqual(layout(BINDINGS).splitlines()[1:], [
            "stands!(mdev_thing: name, 0);",
            "follows!(mdev_thing: probe, name);",
            "stands!(mdev_thing: probe, 8);",
            "follows!(mdev_thing: dev, probe);",
            "stands!(mdev_thing: dev, 16);",
            "follows!(mdev_thing: type_, dev);",
            "ends!(mdev_thing: type_);"])

    def test_new_member(self):
        """Also one that moves nothing."""
        text = layout(BINDINGS.replace("    pub dev", "    pub hot: u8,\n    pub dev"))
        self.assertIn("C: struct mdev_thing has the member hot", text)


if __name__ == "__main__":
    unittest.main()
