# SPDX-License-Identifier: GPL-2.0-only
"""A chroot of the other Debian release with its Coccinelle: 12 has 1.1.1, 13 has 1.3.0."""
import contextlib
import os
import shutil
import subprocess
import tempfile

from lib.common import (CACHE, SCRIPTS, TOP, CannotRun, host_release, locked, need_space, output,
                        run, say, whole)

OTHER = {"bookworm": "trixie", "trixie": "bookworm"}
PACKAGES = {"bookworm": ["coccinelle", "libpython3.11", "python3", "python3-clang"],
            "trixie": ["coccinelle", "python3", "python3-clang"]}
INSTALLED = "usr/bin/spatch", "usr/lib/python3/dist-packages/clang"
AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]
PATH = "PATH=" + os.environ["PATH"] + ":/usr/sbin:/sbin"


def debootstrap(suite, path, log):
    if not shutil.which("debootstrap", path=PATH.removeprefix("PATH=")):
        raise CannotRun("debootstrap is missing: apt-get install debootstrap")
    need_space(CACHE, 900, f"a chroot of {suite}")
    mirror = output([os.path.join(SCRIPTS, "tree/apt-fetch"), "--mirror", suite]).strip()
    say(f"making a chroot of Debian {suite} with Coccinelle (420 MB, once)")
    with whole(path) as tmp:
        run([*AS_ROOT, "env", PATH, "debootstrap", "--variant=minbase", suite, tmp, mirror],
            log=log, what="debootstrap")
        # debootstrap can't resolve the virtual packages that Coccinelle depends on
        run([*AS_ROOT, "env", PATH, "DEBIAN_FRONTEND=noninteractive", "chroot", tmp, "apt-get",
             "install", "-y", "--no-install-recommends", *PACKAGES[suite]],
            log=log, what=f"installing Coccinelle of {suite}")


def other_debian():
    """The chroot's folder; made on first use."""
    if host_release() not in OTHER:
        raise CannotRun(f"the host is {host_release() or 'no Debian'}: this comparison needs "
                        "Debian 12 or 13")
    suite = OTHER[host_release()]
    path = os.path.join(CACHE, "chroot", suite + "-coccinelle")
    with locked(path + ".lock"):
        if not all(os.path.exists(os.path.join(path, x)) for x in INSTALLED):
            debootstrap(suite, path, path + ".log")
    return path


class Workspace:
    """A folder in the chroot with this checkout's scripts and rules in top/."""
    def __init__(self, root, path):
        self.root, self.path, self.inside = root, path, path[len(root):]

    def command(self, *args, cwd="/"):
        """The command line that runs a command in the chroot; args may start with top/."""
        args = [f"{self.inside}/{x}" if x.startswith("top/") else x for x in args]
        return [*AS_ROOT, "chroot", self.root, "env", "-C", cwd, *args]


@contextlib.contextmanager
def workspace():
    root = other_debian()
    path = tempfile.mkdtemp(prefix="cocci-compare.", dir=os.path.join(root, "tmp"))
    try:
        os.chmod(path, 0o755)
        for name in ("scripts", "cocci"):
            shutil.copytree(os.path.join(TOP, name), os.path.join(path, "top", name),
                            ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(os.path.join(TOP, "series.conf"), os.path.join(path, "top"))
        yield Workspace(root, path)
    finally:
        subprocess.run([*AS_ROOT, "rm", "-rf", path], check=False)
