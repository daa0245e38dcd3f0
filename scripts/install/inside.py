# SPDX-License-Identifier: GPL-2.0-only
"""This checkout and this machine's package cache inside a minimal system.

They are for root of the system, or for its user "user", who may use sudo.
"""
import contextlib
import os
import tempfile

from lib.common import CACHE, TOP, output, run
from tree.chroot import as_root

PLACE = "/var/cache"


def home(user):
    return "/root" if user == "root" else f"/home/{user}"


def add_user(system, log):
    """Add the user, with the number of the cache's owner unless that is root."""
    system.install("sudo", log=log)
    uid = os.stat(CACHE).st_uid or 1000
    system.run(["useradd", "--create-home", "--uid", str(uid), "--shell", "/bin/bash", "user"])
    system.write("etc/sudoers.d/user", "user ALL=(ALL) NOPASSWD: ALL\n")


def files():
    """The files of this checkout: git's, uncommitted changes included, or all of a tarball."""
    if os.path.exists(os.path.join(TOP, ".git")):
        listed = output(["git", "-C", TOP, "ls-files", "-co", "--exclude-standard", "-z"])
        return [f for f in listed.split("\0") if f and os.path.lexists(os.path.join(TOP, f))]
    found = [os.path.relpath(os.path.join(d, n), TOP) for d, _, ns in os.walk(TOP) for n in ns]
    return [f for f in found if not f.startswith(("build/", "out/"))]


def clone(system, user):
    """Put a clone of this checkout into the system; return its folder as the system sees it."""
    top = os.path.join(home(user), "mdev-lifecycle")
    there = system.root + top
    as_root(["mkdir", "-p", there])
    if os.path.exists(os.path.join(TOP, ".git")):
        git = ["git", "-c", "safe.directory=*", "clone", "-q", "--no-hardlinks", "--no-checkout"]
        as_root([*git, TOP, there])
    with tempfile.NamedTemporaryFile("w") as names, tempfile.NamedTemporaryFile() as packed:
        names.write("\0".join(files()))
        names.flush()
        run(["tar", "-C", TOP, "--null", "-T", names.name, "-cf", packed.name])
        as_root(["tar", "-C", there, "--no-same-owner", "-xf", packed.name])
    if os.path.exists(os.path.join(TOP, ".git")):
        # the checks of the sources take the files that git tracks
        as_root(["git", "-c", "safe.directory=*", "-C", there, "add", "-A"])
    as_root(["chown", "-R", system.ids(user), there])
    return top


@contextlib.contextmanager
def cache(system, user):
    """Give the cache to a user of the system; what comes into it there is in it afterwards.

    It is mounted for its owner. Another user gets a copy in which only folders, locks and apt's
    indexes are new: packages are never written to, and are shared as hard links.
    """
    owner = os.stat(CACHE)
    if system.ids(user) == f"{owner.st_uid}:{owner.st_gid}":
        system.binds.append((CACHE, f"{PLACE}/mdev-lifecycle"))
        yield
        return
    mine = f"{system.root}{PLACE}/mdev-lifecycle"
    as_root(["sh", "-ec", """
        mkdir -p "$1"
        cd "$0"
        for f in *; do case $f in chroot | kernel | *.lock) continue ;; apt) cp -a "$f" "$1" ;;
        *) cp -al "$f" "$1" 2>/dev/null || cp -a "$f" "$1" ;; esac; done
        chown -R "$2" "$1/apt" 2>/dev/null || true
        find "$1" -type d -exec chown "$2" {} +""", CACHE, mine, system.ids(user)])
    try:
        yield
    finally:
        as_root(["sh", "-ec", """
            cd "$1/debs"
            for f in *.deb; do [ -e "$0/debs/$f" ] || { cp "$f" "$0/debs/$f.new" &&
                chown "$2" "$0/debs/$f.new" && mv -n "$0/debs/$f.new" "$0/debs/$f"; }; done""",
                 CACHE, mine, f"{owner.st_uid}:{owner.st_gid}"])
