# SPDX-License-Identifier: GPL-2.0-only
"""Names for the programs of scripts/: folders, commands, exit codes, architectures, series."""
import configparser
import errno
import os
import re
import signal
import sys
import traceback

# pylint: disable=unused-import
from lib.base import BUILD, CACHE, OUT, SCRIPTS, TOP, CannotRun, how_to_free, say
from lib.files import locked, need_space, replace_all, whole
from lib.process import ask, call, call_noting, output, program, run, stop

# the kernel's name for an architecture -> Debian's, the compiler's prefix and the boot image
ARCHES = {
    "x86": {"deb": "amd64", "kbuild": "x86", "cross": "x86_64-linux-gnu-",
            "image": "arch/x86/boot/bzImage"},
    "s390": {"deb": "s390x", "kbuild": "s390", "cross": "s390x-linux-gnu-",
             "image": "arch/s390/boot/bzImage"},
}
REMEDIES = {
    errno.EROFS: "the file system is read-only; O= and XDG_CACHE_HOME= name other folders",
    errno.EACCES: "check its owner and mode; a run as root may have created it",
}


def remedy(e):
    """The remedy for an OSError, as the end of a message."""
    if e.errno == errno.ENOSPC:
        return "; " + how_to_free(e.filename or BUILD)
    return "; " + REMEDIES[e.errno] if e.errno in REMEDIES else ""


def main(function):
    """Run a program's main function with the exit codes that all programs share.

    0: success, 1: a verdict of failure, 2: nothing was decided.
    """
    name = os.path.relpath(os.path.realpath(sys.argv[0]), SCRIPTS)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    try:
        sys.exit(function() or 0)
    except CannotRun as e:
        say(f"{name}: {e}")
    except OSError as e:
        say(f"{name}: {e.strerror}: {e.filename or 'no file named'}{remedy(e)}")
    except KeyboardInterrupt:
        say(f"{name}: interrupted; rerun to continue")
    except Exception:   # pylint: disable=broad-except
        # Python's own exit code is 1, that of a verdict
        traceback.print_exc()
        say(f"{name}: internal error; nothing was decided. Report it with the lines above")
    sys.exit(2)


def arch_conf(arch):
    if arch not in ARCHES:
        raise CannotRun(f"no architecture '{arch}'; choose from: {' '.join(ARCHES)}")
    return ARCHES[arch]


def host_release():
    """The codename of the Debian release of the host."""
    with open("/etc/os-release") as f:
        m = re.search(r"^VERSION_CODENAME=(\w+)", f.read(), re.M)
    return m.group(1) if m else ""


def series(name="series.conf"):
    """The steps of a file of steps, series.conf or fixes.conf, in order."""
    conf = configparser.ConfigParser(interpolation=None)
    conf.read(os.path.join(TOP, name))
    return conf


def series_files():
    """Files and folders (with a / at the end) that the series replaces in a tree."""
    return {name for step in series().values() for name in step.get("files", "").split()}


def jobs():
    return str(os.cpu_count() or 1)
