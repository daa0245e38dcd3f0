# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of another suite, unpacked into the cache and run from there: nothing is installed, no rights are needed."""
import hashlib
import os

from lib.common import CACHE, CannotRun, call, locked, need_space, run, say, whole


def unpacked(name, suite, packages, mib, why_needed, exclude="./usr/share/doc/*"):
    """The folder of the unpacked packages, which another set of packages does not share. @mib: the room they need."""
    path = os.path.join(CACHE, f"{name}-" + hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8])
    with locked(path + ".lock"):
        if not os.path.isdir(path):
            need_space(CACHE, mib, name)
            say(f"fetching {name} from Debian's {suite}, once")
            code, debs = call("tree/apt-fetch", suite, *packages)
            if code:
                raise CannotRun(why_needed)
            with whole(path) as tmp:
                for deb in debs.split():
                    run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" --exclude="$2"', deb, tmp, exclude],
                        what=f"unpacking {os.path.basename(deb)}")
    return path
