# SPDX-License-Identifier: GPL-2.0-only
"""Locks, folders that are complete or absent, and free space."""
import contextlib
import fcntl
import glob
import os
import shutil
import tempfile

from lib.base import CannotRun, how_to_free, say

PART = ".part-"


@contextlib.contextmanager
def locked(path):
    """Hold an exclusive lock on the file path: several checkouts share the cache."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        try:
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another run, which holds {path}")
            fcntl.flock(f, fcntl.LOCK_EX)
        yield


@contextlib.contextmanager
def owned(folder):
    """Hold a lock on a folder; it is free when its owner has died. Yield False if not available."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False
        return
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(fd)


def sweep(parent):
    """Delete the unfinished folders in parent whose owner was killed."""
    for left in glob.glob(os.path.join(glob.escape(parent), "*" + PART + "*")):
        with owned(left) as dead:
            if dead:
                shutil.rmtree(left, ignore_errors=True)


@contextlib.contextmanager
def whole(path):
    """Create the folder path completely or not at all.

    The body fills a folder beside it, which is renamed to path at the end.
    """
    parent, name = os.path.split(path)
    os.makedirs(parent, exist_ok=True)
    sweep(parent)
    tmp = tempfile.mkdtemp(prefix=name + PART, dir=parent)
    try:
        os.chmod(tmp, 0o755)
        with owned(tmp):
            yield tmp
            old = tmp + ".old"
            if os.path.exists(path):
                os.rename(path, old)
            os.rename(tmp, path)
            shutil.rmtree(old, ignore_errors=True)
    except BaseException:
        shutil.rmtree(tmp, ignore_errors=True)
        raise


def need_space(path, mib, what):
    """Fail before the work starts if the disk of path has less than mib MiB free."""
    os.makedirs(path, exist_ok=True)
    free = shutil.disk_usage(path).free >> 20
    if free < mib:
        raise CannotRun(f"{what} needs {mib} MiB in {path}, where {free} MiB are free; "
                        f"{how_to_free(path)}")
