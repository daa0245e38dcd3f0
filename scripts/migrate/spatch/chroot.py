# SPDX-License-Identifier: GPL-2.0-only
"""A chroot of the other Debian release with its Coccinelle: 12 has 1.1.1, 13 has 1.3.0."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from lib.common import CACHE, TOP, CannotRun, host_release, locked
from tree.chroot import AS_ROOT, System

OTHER = {"bookworm": "trixie", "trixie": "bookworm"}
PACKAGES = {"bookworm": ["coccinelle", "libpython3.11", "python3", "python3-clang"],
            "trixie": ["coccinelle", "libpython3.13-dev", "python3", "python3-clang"]}


def other_debian():
    """The system of the other release; its folder in the cache is made on first use."""
    if host_release() not in OTHER:
        raise CannotRun(f"the host is {host_release() or 'no Debian'}: this comparison needs "
                        "Debian 12 or 13")
    suite = OTHER[host_release()]
    path = os.path.join(CACHE, "chroot", suite + "-coccinelle")
    with locked(path + ".lock"), System(suite, keep=path) as system:
        if not os.path.exists(os.path.join(path, "usr/bin/spatch")):
            system.install(*PACKAGES[suite], log=path + ".log")
    return system


class Workspace:
    """A folder in the chroot with this checkout's scripts and rules in top/."""
    def __init__(self, system, path):
        self.system, self.root, self.path = system, system.root, path
        self.inside = path[len(system.root):]

    def command(self, *args, cwd="/"):
        """The command line that runs a command in the chroot; args may start with top/."""
        args = [f"{self.inside}/{x}" if x.startswith("top/") else x for x in args]
        return self.system.command(["env", "-C", cwd, *args])


@contextlib.contextmanager
def workspace():
    system = other_debian()
    path = tempfile.mkdtemp(prefix="cocci-compare.", dir=os.path.join(system.root, "tmp"))
    try:
        os.chmod(path, 0o755)
        for name in ("scripts", "cocci"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(path, "top", name),
                            ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(os.path.join(TOP, "series.conf"), os.path.join(path, "top"))
        yield Workspace(system, path)
    finally:
        subprocess.run([*AS_ROOT, "rm", "-rf", path], check=False)
