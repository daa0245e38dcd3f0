#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/static/syzkaller.py: what is wrong with descriptions."""
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
from static.syzkaller import HEADERS, Descriptions, compared  # noqa: E402

TEXT = """# a comment
include <uapi/linux/vfio.h>

resource fd_one[fd]

open$one(file ptr[in, string["/dev/one"]], flags const[O_RDWR]) fd_one
ioctl$one(fd fd_one, cmd const[ONE_CMD], arg ptr[inout, one])

one_flags = ONE_A, ONE_B

# struct one_in_c
one {
	argsz	bytesize[parent, int32]
	flags	flags[one_flags, int16be]
	pad	array[const[0, int8], 2]
	rest	array[int8, 0:4]
}
"""


class Definitions(unittest.TestCase):
    def test_a_good_one(self):
        found = Descriptions(TEXT)
        self.assertEqual(found.wrong, [])
        self.assertEqual(found.constants(), ["ONE_A", "ONE_B", "ONE_CMD", "O_RDWR"])
        self.assertEqual(found.named, {"one": "one_in_c"})
        self.assertEqual(found.size(("one", [])), 8)

    def wrong(self, old, new):
        self.assertIn(old, TEXT)
        return Descriptions(TEXT.replace(old, new)).wrong

    def test_faults(self):
        self.assertEqual(self.wrong("flags[one_flags", "flags[two_flags"),
                         ["nothing is named two_flags", "nothing uses one_flags"])
        self.assertEqual(self.wrong(" fd_one\nioctl", "\nioctl"), ["no call makes fd_one"])
        self.assertEqual(self.wrong("cmd const[ONE_CMD],", "cmd const[ONE_CMD,")[0],
                         "'const[ONE_CMD' has no end")
        self.assertEqual(self.wrong("pad\t", "pad ")[0],
                         "'pad array[const[0, int8], 2]' has no name, or no type")
        self.assertEqual(self.wrong("one_flags = ", "one_flags: ")[0],
                         "not understood: one_flags: ONE_A, ONE_B")


class Headers(unittest.TestCase):
    def errors(self, header):
        with tempfile.TemporaryDirectory() as src:
            os.makedirs(src + "/include/uapi/linux")
            for name in HEADERS:
                with open(f"{src}/include/uapi/linux/{name}", "w") as f:
                    f.write(header if name == "vfio.h" else "")
            return compared(Descriptions(TEXT), src)

    def test_sizes_and_constants(self):
        good = ("enum { ONE_A, ONE_B, ONE_CMD, O_RDWR };\n"
                "struct one_in_c { int argsz; short flags; char pad[2]; };\n")
        self.assertEqual(self.errors(good), [])
        self.assertRegex(self.errors(good.replace("pad[2]", "pad[6]"))[0], "assertion failed.*one")
        self.assertRegex(self.errors(good.replace("ONE_B,", ""))[0], "ONE_B.*undeclared")


if __name__ == "__main__":
    unittest.main()
