# SPDX-License-Identifier: GPL-2.0-only
"""What every script here needs: where things are, how to say what happened, how to run a command."""
import configparser
import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import traceback

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SCRIPTS = os.path.join(TOP, "scripts")
BUILD = os.path.abspath(os.environ["O"]) if os.environ.get("O") else os.path.join(TOP, "build")
OUT = os.path.join(TOP, "out")
CACHE = os.path.join(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "mdev-lifecycle")

# the kernel's name for an architecture -> Debian's, and what a build and a VM need to know of it
ARCHES = {
    "x86": {"deb": "amd64", "kbuild": "x86", "cross": "x86_64-linux-gnu-", "image": "arch/x86/boot/bzImage"},
    "s390": {"deb": "s390x", "kbuild": "s390", "cross": "s390x-linux-gnu-", "image": "arch/s390/boot/bzImage"},
}


class CannotRun(Exception):
    """Nothing was decided: a tool, a package, the network or the disk failed. Exit code 2."""


def say(text):
    print(text, file=sys.stderr, flush=True)


def main(function):
    """Run a script's main function with the exit codes that all scripts share: 0 well, 1 a verdict of no, 2 could not run."""
    name = os.path.relpath(os.path.realpath(sys.argv[0]), SCRIPTS)
    try:
        sys.exit(function() or 0)
    except CannotRun as e:
        say(f"{name}: {e}")
    except OSError as e:
        say(f"{name}: {e.strerror}: {e.filename or ''}" + ("; free some space and run it again" if e.errno == 28 else ""))
    except KeyboardInterrupt:
        say(f"{name}: interrupted; the next run takes up what is missing")
    except Exception:   # pylint: disable=broad-except
        # Python's own exit code would be that of a verdict
        traceback.print_exc()
        say(f"{name}: this is a bug of {name} itself; nothing was decided")
    sys.exit(2)


def run(cmd, log=None, what=None, check=True, **kw):
    """Run a command to its end. Its output goes to the file log, if any, whose name is said when the command fails."""
    start = time.monotonic()
    if log:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log, "ab") as f:
            f.write(("+ " + " ".join(cmd) + "\n").encode())
            f.flush()
            p = subprocess.run(cmd, stdout=f, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **kw)
    else:
        p = subprocess.run(cmd, stdin=subprocess.DEVNULL, **kw)
    if check and p.returncode:
        tail = ""
        if log:
            with open(log, errors="replace") as f:
                tail = "".join("    " + x for x in f.readlines()[-12:])
        raise CannotRun(f"{what or cmd[0]} failed (exit {p.returncode})" + (f"; its log: {log}\n{tail}" if log else ""))
    p.seconds = time.monotonic() - start
    return p


def output(cmd, **kw):
    """What a command prints, or CannotRun."""
    p = subprocess.run(cmd, capture_output=True, text=True, stdin=subprocess.DEVNULL, **kw)
    if p.returncode:
        raise CannotRun(f"{' '.join(cmd)} failed (exit {p.returncode}): {p.stderr.strip()[-600:]}")
    return p.stdout


def program(name):
    """The path of a program by its name in scripts/, such as "tree/fetch"."""
    return os.path.join(SCRIPTS, name)


def call(name, *args, **kw):
    """Run a program of scripts/; return its exit code and its output. Its messages go to the terminal."""
    p = subprocess.run([program(name), *args], stdout=subprocess.PIPE, text=True,
                       stdin=subprocess.DEVNULL, **kw)
    return p.returncode, p.stdout.strip()


def ask(name, *args, **kw):
    """Return the output of a program of scripts/, or raise CannotRun; the cause is on the terminal."""
    code, text = call(name, *args, **kw)
    if code:
        raise CannotRun(f"{' '.join((name, *args))} failed (exit {code}); the cause is above")
    return text


@contextlib.contextmanager
def locked(path):
    """Hold an exclusive lock on the file path: several checkouts share the cache."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run that holds {path}")
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def whole(path):
    """Make the folder path whole or not at all: the body fills a folder beside it, which takes the name at the end."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    tmp = tempfile.mkdtemp(prefix=os.path.basename(path) + ".part.", dir=os.path.dirname(path))
    os.chmod(tmp, 0o755)
    try:
        yield tmp
        old = None
        if os.path.exists(path):
            old = tmp + ".old"
            os.rename(path, old)
        os.rename(tmp, path)
        if old:
            shutil.rmtree(old)
    except BaseException:
        shutil.rmtree(tmp, ignore_errors=True)
        raise


def need_space(path, mib, what):
    """Say before the work starts that the disk will not do."""
    os.makedirs(path, exist_ok=True)
    free = shutil.disk_usage(path).free >> 20
    if free < mib:
        raise CannotRun(f"{what} needs {mib} MiB under {path}, where {free} MiB are free; "
                        "free some space (make clean drops build/ and out/) and run it again")


def arch_conf(arch):
    if arch not in ARCHES:
        raise CannotRun(f"no architecture '{arch}'; there are: {' '.join(ARCHES)}")
    return ARCHES[arch]


def host_release():
    """The codename of the Debian release that builds."""
    with open("/etc/os-release") as f:
        m = re.search(r"^VERSION_CODENAME=(\w+)", f.read(), re.M)
    return m.group(1) if m else ""


def series():
    """The steps that turn a tree into ours, in order."""
    conf = configparser.ConfigParser()
    conf.read(os.path.join(TOP, "series.conf"))
    return conf


def series_files():
    """Files and folders (with a / at the end) of a tree that the series replaces."""
    return {name for step in series().values() for name in step.get("files", "").split()}


def jobs():
    return str(os.cpu_count() or 1)


def mtime_of_newest(paths):
    return max((os.path.getmtime(p) for p in paths), default=0)
