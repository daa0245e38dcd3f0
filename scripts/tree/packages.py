# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of another suite, unpacked into the cache and run from there.

Nothing is installed and no rights are needed.
"""
import hashlib
import os

from lib.common import CACHE, CannotRun, call, locked, need_space, run, say, whole


def unpacked(name, suite, packages, mib, why_needed, exclude="./usr/share/doc/*"):
    """The folder of the unpacked packages; another list of packages has another folder.

    @mib: the space that they need; @why_needed: the message if they can't be fetched.
    """
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
    path = os.path.join(CACHE, f"{name}-{key}")
    with locked(path + ".lock"):
        if os.path.isdir(path):
            return path
        need_space(CACHE, mib, name)
        say(f"fetching {name} from Debian's {suite}, once")
        code, debs = call("tree/apt-fetch", suite, *packages)
        if code:
            raise CannotRun(why_needed)
        with whole(path) as tmp:
            for deb in debs.split():
                run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" --exclude="$2"',
                     deb, tmp, exclude], what=f"unpacking {os.path.basename(deb)}")
    return path
