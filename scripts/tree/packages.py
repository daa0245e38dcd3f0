# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of another suite, unpacked into the cache and run from there.

Nothing is installed and no rights are needed. A program runs with the C library and the libraries
of its own release: its result does not depend on the release of this machine.
"""
import hashlib
import os
import re

from lib.common import CACHE, CannotRun, call, locked, need_space, output, run, say, whole

LIBRARIES = "usr/lib/x86_64-linux-gnu"
# not the name in lib64: in Debian 12 that is an absolute symlink, to the loader of this machine
LOADER = LIBRARIES + "/ld-linux-x86-64.so.2"
# ${0%/*} and not a fixed path: a cache is also used where it is mounted elsewhere
WRAPPER = f"""#!/bin/sh
top=${{0%/*}}/..
exec "$top/{LOADER}" --inhibit-cache --library-path "$top/{LIBRARIES}" "$top/usr/bin/PROGRAM" "$@"
"""


def unpacked(name, suite, packages, mib, why_needed, exclude="./usr/share/doc/*", programs=(),
             libraries=(), depends=False):
    """Return the folder of the unpacked packages, which another set of packages does not share.

    @mib is the room that they need. Each of @programs, names in usr/bin, gets a wrapper in run/.
    The packages must have every library that the programs, and @libraries that a program loads by
    name, need. @depends: with all packages that they depend on.
    """
    key = " ".join((*packages, *programs))
    path = os.path.join(CACHE, f"{name}-" + hashlib.sha256(key.encode()).hexdigest()[:8])
    with locked(path + ".lock"):
        if not os.path.isdir(path):
            need_space(CACHE, mib, name)
            say(f"fetching {name} from Debian's {suite}, once")
            code, debs = call("tree/apt-fetch", *["--depends"] * depends, suite, *packages)
            if code:
                raise CannotRun(why_needed)
            with whole(path) as tmp:
                for deb in debs.split():
                    run(["sh", "-c", 'dpkg-deb --fsys-tarfile "$0" | tar -x -C "$1" --exclude="$2"',
                         deb, tmp, exclude], what=f"unpacking {os.path.basename(deb)}")
                if programs:
                    wrap(tmp, programs, libraries, f"{name} of {suite}")
    return path


def wrap(top, programs, libraries, name):
    """Write the wrappers, after a look whether the packages are complete."""
    merge_lib(top)
    lost = sorted({x for p in programs for x in not_within(top, f"usr/bin/{p}")}
                  | {x for lib in libraries for x in not_within(top, f"{LIBRARIES}/{lib}")})
    if lost:
        raise CannotRun(f"{name}: the packages that were fetched lack {', '.join(lost)}; "
                        "add the packages that have them to the list in scripts/")
    os.mkdir(os.path.join(top, "run"))
    for p in programs:
        path = os.path.join(top, "run", p)
        with open(path, "w") as f:
            f.write(WRAPPER.replace("PROGRAM", p))
        os.chmod(path, 0o755)


def merge_lib(top):
    """Move /lib and /lib64 of Debian 12's packages to /usr, as an installed system has them."""
    for name in ("lib", "lib64"):
        old = os.path.join(top, name)
        if os.path.isdir(old) and not os.path.islink(old):
            run(["cp", "-a", old, os.path.join(top, "usr")])
            run(["rm", "-rf", old])
            os.symlink("usr/" + name, old)


def not_within(top, name):
    """Libraries of a file that the loader finds outside of the folder top, or not at all."""
    text = output([os.path.join(top, LOADER), "--inhibit-cache", "--library-path",
                   os.path.join(top, LIBRARIES), "--list", os.path.join(top, name)])
    inside = os.path.realpath(top) + "/"
    # the loader itself is named by its full path, whichever one runs
    return [m[1] for m in re.finditer(r"^\s*(\S+) => (.+?)(?: \(0x\w+\))?$", text, re.M)
            if "/" not in m[1] and not os.path.realpath(m[2]).startswith(inside)]
