# SPDX-License-Identifier: GPL-2.0-only
"""Locks, folders and files that are complete or absent, and free space."""
import contextlib
import fcntl
import glob
import os
import shutil
import signal
import tempfile

from lib.base import CannotRun, how_to_free, say

PART = ".part-"
NEW = ".new-"       # beside a file, until its content is complete


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


def replace_all(contents):
    """Give files a new content, all or none: {path: text, bytes, or None for a file to delete}.

    A file that has its content already stays as it is. Another one is replaced in one step and
    keeps its mode and owner: a reader sees the old or the new content, and a hard link keeps the
    old one. The file behind a symbolic link is replaced, not the link.
    """
    todo, made = {}, {}
    for path, data in contents.items():
        data = data.encode(errors="surrogateescape") if isinstance(data, str) else data
        if content(path) != data:
            todo[os.path.realpath(path)] = data
    try:
        for path, data in todo.items():
            if data is not None:
                os.makedirs(os.path.dirname(path), exist_ok=True)
                made[path] = f"{path}{NEW}{os.getpid()}"
                with open(made[path], "wb") as f:
                    f.write(data)
                if os.path.exists(path):
                    shutil.copymode(path, made[path])
                    old = os.stat(path)
                    os.chown(made[path], old.st_uid, old.st_gid)
    except BaseException:
        for tmp in made.values():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(tmp)
        raise
    # a signal comes after the last rename
    signals = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        for path in todo:
            if path in made:
                os.rename(made[path], path)
            else:
                os.unlink(path)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def content(path):
    """The bytes of a file, None without one."""
    try:
        with open(path, "rb") as f:
            return f.read()
    except (FileNotFoundError, NotADirectoryError):
        return None


def need_space(path, mib, what):
    """Fail before the work starts if the disk of path has less than mib MiB free."""
    os.makedirs(path, exist_ok=True)
    free = shutil.disk_usage(path).free >> 20
    if free < mib:
        raise CannotRun(f"{what} needs {mib} MiB in {path}, where {free} MiB are free; "
                        f"{how_to_free(path)}")
