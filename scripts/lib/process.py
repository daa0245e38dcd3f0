# SPDX-License-Identifier: GPL-2.0-only
"""Running commands and other programs of scripts/, so that an interrupt stops all of them."""
import collections
import contextlib
import os
import signal
import subprocess
import sys
import threading
import time

from lib.base import SCRIPTS, CannotRun, full_disks

# process groups that run now; no new one starts once the program is stopping
_running = set()
_stopping = False
_here = threading.local()
GRACE = 5       # seconds between SIGTERM and SIGKILL
NOTED = 12      # lines of a program's messages that a caller keeps


def stop(*_):
    """Signal handler: end every child and what it started, then this program."""
    global _stopping    # pylint: disable=global-statement
    _stopping = True
    for p in list(_running):
        end(p)
    # an exception inside Popen() would lose a child that runs already
    if not getattr(_here, "starting", False):
        raise KeyboardInterrupt


def end(p, number=signal.SIGTERM):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(p.pid, number)


@contextlib.contextmanager
def child(cmd, **kw):
    """A running command in a process group of its own, which does not outlive the body."""
    if _stopping:
        raise KeyboardInterrupt
    _here.starting = True
    try:
        p = subprocess.Popen(cmd, process_group=0, **kw)
        _running.add(p)
    finally:
        _here.starting = False
    try:
        if _stopping:
            raise KeyboardInterrupt
        yield p
    except BaseException:
        end(p)
        with contextlib.suppress(subprocess.TimeoutExpired):
            p.wait(GRACE)
        end(p, signal.SIGKILL)
        p.wait()
        raise
    finally:
        _running.discard(p)
        for pipe in (p.stdout, p.stderr):
            if pipe:
                pipe.close()


def finished(cmd, **kw):
    """Run a command to its end; like subprocess.run() without its check and input."""
    kw.setdefault("stdin", subprocess.DEVNULL)
    with child(cmd, **kw) as p:
        out, err = p.communicate()
        return subprocess.CompletedProcess(cmd, p.returncode, out, err)


def run(cmd, log=None, what=None, check=True, **kw):
    """Run a command. Its output is appended to the file log; a failure names the log."""
    start = time.monotonic()
    if log:
        os.makedirs(os.path.dirname(log), exist_ok=True)
        with open(log, "ab") as f:
            f.write(("+ " + " ".join(cmd) + "\n").encode())
            f.flush()
            p = finished(cmd, stdout=f, stderr=subprocess.STDOUT, **kw)
    else:
        p = finished(cmd, **kw)
    if check and p.returncode:
        raise CannotRun(f"{what or cmd[0]} failed (exit {p.returncode})"
                        + (tail(log) if log else "") + full_disks())
    p.seconds = time.monotonic() - start
    return p


def tail(log, lines=12):
    """The name and the end of a log, for a message."""
    with open(log, errors="replace") as f:
        return f"; log: {log}\n" + "".join("    " + x for x in f.readlines()[-lines:])


def output(cmd, **kw):
    """Return what a command prints, or raise CannotRun."""
    p = finished(cmd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **kw)
    if p.returncode:
        raise CannotRun(f"{' '.join(cmd)} failed (exit {p.returncode}): {p.stderr.strip()[-600:]}")
    return p.stdout


def program(name):
    """The path of a program by its name in scripts/, such as "tree/fetch"."""
    return os.path.join(SCRIPTS, name)


def call(name, *args, **kw):
    """Run a program of scripts/; return its exit code and output. Messages go to the terminal."""
    p = finished([program(name), *args], stdout=subprocess.PIPE, text=True, **kw)
    return p.returncode, p.stdout.strip()


def ask(name, *args, **kw):
    """Return the output of a program of scripts/, or raise CannotRun; messages tell the cause."""
    code, text = call(name, *args, **kw)
    if code:
        raise CannotRun(f"{' '.join((name, *args))} failed (exit {code}); the cause is above")
    return text


def call_noting(name, *args, **kw):
    """As call(), with a third value: the last messages of the program, which are shown as well."""
    notes = collections.deque(maxlen=NOTED)

    def forward(pipe):
        for line in pipe:
            print(line, end="", file=sys.stderr, flush=True)
            notes.append(line.rstrip("\n"))

    with child([program(name), *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
               stderr=subprocess.PIPE, text=True, errors="replace", **kw) as p:
        reader = threading.Thread(target=forward, args=(p.stderr,), daemon=True)
        reader.start()
        text = p.stdout.read()
        p.wait()
        reader.join(GRACE)
    return p.returncode, text.strip(), list(notes)
