# SPDX-License-Identifier: GPL-2.0-only
"""Minimal Debian systems to run commands in.

debootstrap makes each system once and the cache keeps it as a tarball. A command runs in mount and
process namespaces of its own: no mount and no process outlives the command, however it ends.
"""
import contextlib
import fcntl
import glob
import os
import re
import shutil
import subprocess
import tempfile

from lib.common import BUILD, CACHE, CannotRun, locked, need_space, output, run, say
from tree.apt import mirrors

FOLDER = os.path.join(CACHE, "chroot")
WORK = os.path.join(BUILD, "chroot")
AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]
# apt keeps here what it has downloaded and verified
ARCHIVES = "/var/cache/apt/archives"
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# root, user:group, SOURCE:TARGET... until --, the command
ENTER = """
set -e
root=$1 user=$2
shift 2
# a root that is a mount: systems can be made in the system, too
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount --rbind /dev "$root/dev"
while [ "$1" != -- ]; do
	mkdir -p "$root/${1#*:}"
	mount --bind "${1%%:*}" "$root/${1#*:}"
	shift
done
shift
exec chroot --userspec="$user" "$root" "$@"
"""


def need_tools():
    for tool in ("debootstrap", "unshare", "zstd"):
        if not shutil.which(tool, path=f"{os.environ['PATH']}:{PATH}"):
            raise CannotRun(f"no {tool} on this machine; scripts/lib/host-setup chroot installs it")
    with open("/proc/self/mountinfo") as f:
        if all(line.split()[4] != "/" for line in f):
            raise CannotRun("this is a chroot whose root is no mount, and Linux makes no mount "
                            "namespace there; outside: mount --bind DIR DIR, then chroot again")


def sources(suite, deb=""):
    """The mirror of this machine, and the apt sources of a new installation of suite on it.

    Debian has no security updates of suite for @deb any more; the kernels are in backports.
    """
    main, security = mirrors()
    if deb:
        return main, f"deb {main} {suite} main\ndeb {main} {suite}-backports main\n"
    return main, (f"deb {main} {suite} main\ndeb {main} {suite}-updates main\n"
                  f"deb {security} {suite}-security main\n")


def apt_proxy():
    """The proxy settings of this machine's apt, which a system inside needs as well."""
    shown = output(["apt-config", "dump", "--format", '%f "%v";%n'])
    wanted = r'(?m)^Acquire::https?::Proxy(?:-Auto-Detect)?(?:::\S+)? "[^"]+";\n'
    return "".join(re.findall(wanted, shown))


def as_root(cmd, **kw):
    return run([*AS_ROOT, "env", f"PATH={PATH}", "DEBIAN_FRONTEND=noninteractive", *cmd], **kw)


def minimal(suite, deb=""):
    """The tarball of a minimal system; @deb: of another architecture, see tree/foreign.py."""
    path = os.path.join(FOLDER, f"{suite}{'-' * bool(deb)}{deb}.tar.zst")
    with locked(path + ".lock"):
        if os.path.exists(path):
            return path
        need_tools()
        need_space(FOLDER, 900, f"a minimal system of {suite}")
        mirror, apt_sources = sources(suite, deb)
        say(f"making a minimal system of {suite} {deb}, once")
        log, tmp = path + ".log", tempfile.mkdtemp(prefix=f"{suite}.part.", dir=FOLDER)
        try:
            root = os.path.join(tmp, "root")
            as_root(["debootstrap", "--variant=minbase", *[f"--arch={deb}"] * bool(deb), suite,
                     root, mirror], log=log, what="debootstrap")
            write(root, "etc/apt/sources.list", apt_sources)
            as_root(["sh", "-c", 'rm -f "$0"/var/cache/apt/archives/*.deb', root])
            tar, packed = (os.path.join(tmp, n) for n in ("root.tar", "root.tar.zst"))
            as_root(["tar", "-C", root, "-cf", tar, "."], log=log, what="tar")
            run(["zstd", "-q", "-3", "-T0", tar, "-o", packed], log=log, what="zstd")
            os.rename(packed, path)
        finally:
            as_root(["rm", "-rf", tmp])
    return path


def write(root, name, text):
    """Write a file of root's inside a system."""
    with tempfile.NamedTemporaryFile("w") as f:
        f.write(text)
        f.flush()
        as_root(["install", "-D", "-m", "644", f.name, os.path.join(root, name)])


def sweep():
    """Remove the systems of runs that were killed: nobody holds their lock."""
    for lock in glob.glob(os.path.join(WORK, "*.lock")):
        with open(lock) as f, contextlib.suppress(BlockingIOError):
            fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
            as_root(["rm", "-rf", lock.removesuffix(".lock"), lock])


class System:
    """A fresh minimal system of a Debian release, removed at the end of a with statement."""

    def __init__(self, suite, keep=None, deb=""):
        """With @keep, a folder, the system stays there and the next run finds it.

        @deb: another architecture, whose programs this machine runs (tree/foreign.py).
        """
        self.suite, self.keep, self.deb, self.lock = suite, keep, deb, None
        self.root = keep
        # packages that the system downloads are kept beside its tarball
        self.kept = os.path.join(FOLDER, f"{suite}{'-' * bool(deb)}{deb}-archives")
        self.binds = []

    def __enter__(self):
        if not (self.keep and os.path.isdir(self.keep)):
            self._unpack()
        return self

    def _unpack(self):
        tarball = minimal(self.suite, self.deb)
        os.makedirs(WORK, exist_ok=True)
        os.makedirs(self.kept, exist_ok=True)
        need_space(WORK, 1000, f"a system of {self.suite}")
        # another run's sweep() must not see the folder before it is locked
        with locked(os.path.join(WORK, "sweep")):
            sweep()
            root = tempfile.mkdtemp(prefix=f"{self.suite}.", dir=WORK)
            # commands do not inherit the file: the lock ends with this process
            self.lock = open(root + ".lock", "w")   # pylint: disable=consider-using-with
            fcntl.flock(self.lock, fcntl.LOCK_EX)
        try:
            as_root(["tar", "-C", root, "-I", "zstd", "-xpf", tarball], what=f"unpacking {tarball}")
            self._give(self.kept, root + ARCHIVES)
            write(root, "etc/apt/apt.conf.d/90mirror", apt_proxy())
            # a system that is thrown away need not survive a power cut
            write(root, "etc/dpkg/dpkg.cfg.d/90fast", "force-unsafe-io\n")
            for name in ("etc/resolv.conf", "etc/hosts"):
                with open("/" + name) as f:
                    write(root, name, f.read())
            if self.keep:
                os.makedirs(os.path.dirname(self.keep), exist_ok=True)
                as_root(["mv", "-T", root, self.keep])
                os.unlink(root + ".lock")
            self.root = self.keep or root
        except BaseException:
            as_root(["rm", "-rf", root, root + ".lock"])
            raise

    def _give(self, source, to):
        """Give the packages of a folder to another one, as links, for the owner of the cache.

        Each system has a folder of its own, for apt locks it.
        """
        owner = os.stat(FOLDER)
        as_root(["sh", "-ec", """
            for f in "$0"/*.deb; do
                new="$1/${f##*/}"
                [ -e "$f" ] && [ ! -e "$new" ] || continue
                ln "$f" "$new" 2>/dev/null || { cp "$f" "$new.$$" && mv "$new.$$" "$new"; }
                chown "$2" "$new"
            done""", source, to, f"{owner.st_uid}:{owner.st_gid}"])

    def __exit__(self, *_):
        try:
            self._give(self.root + ARCHIVES, self.kept)
        finally:
            if not self.keep:
                as_root(["rm", "-rf", self.root, self.root + ".lock"])

    def write(self, name, text):
        write(self.root, name, text)

    def command(self, cmd, user="root", env=()):
        """The command line that runs cmd inside, as a user of the system."""
        uid = "0:0" if user == "root" else self.ids(user)
        home = "/root" if user == "root" else f"/home/{user}"
        given = [f"PATH={PATH}", f"HOME={home}", f"USER={user}", "LANG=C.UTF-8",
                 "DEBIAN_FRONTEND=noninteractive", *env]
        binds = [f"{source}:{target}" for source, target in self.binds]
        return [*AS_ROOT, "env", f"PATH={PATH}", "unshare", "--mount", "--pid", "--fork",
                "--kill-child", "sh", "-c", ENTER, "enter", self.root, uid, *binds, "--",
                "env", "-i", *given, *cmd]

    def ids(self, user):
        with open(os.path.join(self.root, "etc/passwd")) as f:
            return next(":".join(x.split(":")[2:4]) for x in f if x.startswith(user + ":"))

    def run(self, cmd, user="root", env=(), **kw):
        """Run a command inside to its end, as lib.common.run() does."""
        return run(self.command(cmd, user, env), **kw)

    def output(self, cmd, user="root", env=()):
        p = subprocess.run(self.command(cmd, user, env), capture_output=True, text=True,
                           errors="replace", stdin=subprocess.DEVNULL)
        if p.returncode:
            raise CannotRun(f"{' '.join(cmd)} in {self.suite} failed (exit {p.returncode}): "
                            f"{p.stderr.strip()[-600:]}")
        return p.stdout

    def install(self, *packages, log=None):
        self.run(["apt-get", "-q", "update"], log=log, what=f"apt-get update in {self.suite}")
        self.run(["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages], log=log,
                 what=f"installing {' '.join(packages)} in {self.suite}")
