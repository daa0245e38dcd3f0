# SPDX-License-Identifier: GPL-2.0-only
"""The state of a user's files, as git tells it."""
import os
import subprocess


def git(folder, *args):
    """Run git in a folder; it fails where git is not installed, so it keeps no file there."""
    try:
        return subprocess.run(["git", "-C", folder, *args], capture_output=True, text=True,
                              errors="surrogateescape", stdin=subprocess.DEVNULL)
    except FileNotFoundError:
        return subprocess.CompletedProcess(args, 127, "", "git is not installed")


def status(folder, names):
    """{name: the two letters of git status} for names below folder; None where git fails.

    A file that is as in the last commit has no entry; "??" is an untracked one.
    """
    p = git(folder, "status", "--porcelain=v1", "-z", "--no-renames", "--ignored=matching",
            "--untracked-files=all", "--", *names)
    if p.returncode:
        return None
    # paths are those of the repository, of which the folder may be a part
    prefix = git(folder, "rev-parse", "--show-prefix").stdout.strip()
    return {x[3:].removeprefix(prefix): x[:2] for x in p.stdout.split("\0") if x}


def modified(paths):
    """Those files that git keeps and that differ from the last commit."""
    found = []
    for folder in sorted({os.path.dirname(p) for p in paths}):
        names = {os.path.basename(p) for p in paths if os.path.dirname(p) == folder}
        letters = status(folder or ".", names) or {}
        found += [os.path.join(folder, n) for n in sorted(letters)
                  if n in names and letters[n] not in ("??", "!!")]
    return found
