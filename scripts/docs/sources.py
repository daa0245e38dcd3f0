# SPDX-License-Identifier: GPL-2.0-only
"""Runs Sphinx over pages, with kernel-doc and the extensions of the newest fetched tree."""
import os
import subprocess
import tempfile

from lib.common import BUILD, OUT, TOP, CannotRun, ask, locked, whole

NEWEST = "7.3"
# of the kernel tree: the Sphinx extensions, and the Python package behind them
NEEDED = ("Documentation/sphinx", "tools/lib/python")


class Warned(Exception):
    """Sphinx warned; the text of the exception is all that it printed."""


def kernel_source():
    """The newest tree; not KSRC, whose kernel-doc may be older than the pages."""
    env = {k: v for k, v in os.environ.items() if k != "KSRC"}
    source = ask("tree/fetch", "source", NEWEST, "x86", env=env)
    for name in (*NEEDED, "Documentation/sphinx/kerneldoc.py", "tools/lib/python/kdoc"):
        if not os.path.exists(os.path.join(source, name)):
            raise CannotRun(f"{source} has no {name}, which kernel-doc for Sphinx needs")
    return source


def link(target, name):
    """Make name a symbolic link to target; a second run may race with this one."""
    os.makedirs(os.path.dirname(name), exist_ok=True)
    if os.path.islink(name) and os.readlink(name) == target:
        return
    tmp = f"{name}.{os.getpid()}"
    os.symlink(target, tmp)
    os.replace(tmp, name)


def srctree():
    """What the extensions take for a kernel tree: their own code, and this project's ABI folder."""
    folder, source = os.path.join(BUILD, "docs", "srctree"), kernel_source()
    for name in NEEDED:
        link(os.path.join(source, name), os.path.join(folder, name))
    link(os.path.join(TOP, "Documentation/ABI"), os.path.join(folder, "Documentation/ABI"))
    return folder


def sphinx(pages, folder):
    """Run Sphinx over pages. Returns the warnings and errors as text, empty if there were none."""
    # Debian's Python has Debian's Sphinx
    cmd = ["/usr/bin/python3", "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html",
           "-c", os.path.join(TOP, "Documentation")]
    # the fetched tree stays as it is: no compiled Python beside its modules
    env = dict(os.environ, srctree=srctree(), PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8")
    # nothing is kept from run to run: pages also depend on C files and on this room
    with tempfile.TemporaryDirectory(prefix="doctrees.") as doctrees:
        p = subprocess.run([*cmd, "-d", doctrees, pages, folder], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env)
    text = p.stdout.strip()
    if p.returncode and ("No module named" in text or "Could not import extension" in text):
        raise CannotRun(f"Sphinx did not start; run scripts/lib/host-setup docs:\n{text[-800:]}")
    silent = f"Sphinx ended with {p.returncode} and no message" if p.returncode else ""
    return text or silent


def html():
    """Make out/htmldocs anew; if Sphinx warns, the old pages stay."""
    with locked(os.path.join(BUILD, "docs", "lock")), whole(os.path.join(OUT, "htmldocs")) as tmp:
        warnings = sphinx(os.path.join(TOP, "Documentation"), tmp)
        if warnings:
            raise Warned(warnings)
