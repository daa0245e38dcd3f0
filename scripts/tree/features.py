# SPDX-License-Identifier: GPL-2.0-only
"""The feature tests of compat/ over a kernel source, without a build."""
import os
import re
import subprocess

from lib.common import TOP, CannotRun

# the tests are conditions of make; the goal does nothing
TESTS = """
include $(compat)/Kbuild.include
compat-dir := $(compat)
src := drivers/s390/cio
include $(compat)/vfio_ccw/Kbuild.include
all:;@:
"""


def check_features(source):
    """Refuse a kernel source that lacks something for which compat/ has no back-port."""
    p = subprocess.run(["make", "-s", "-f", "-", f"compat={os.path.join(TOP, 'compat')}",
                        f"srctree={source}"], input=TESTS, capture_output=True, text=True)
    m = re.search(r"\*\*\* (.+?)\.? +Stop\.", p.stderr, re.S)
    if m:
        raise CannotRun(m[1])
    if p.returncode:
        raise CannotRun(f"the feature tests of compat/ failed for {source}:\n{p.stderr.strip()}")
