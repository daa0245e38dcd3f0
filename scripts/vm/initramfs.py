# SPDX-License-Identifier: GPL-2.0-only
"""An initramfs: files and kernel modules with their dependencies, as a cpio archive."""
import gzip
import os
import re
import stat
import subprocess

from lib.common import CannotRun

UNPACK = {".xz": ["xz", "-dc"], ".zst": ["zstd", "-dcq"], ".gz": ["gzip", "-dc"]}


def read_module(path):
    """The bytes of a module, uncompressed."""
    suffix = os.path.splitext(path)[1]
    if suffix in UNPACK:
        return subprocess.run(UNPACK[suffix] + [path], stdout=subprocess.PIPE, check=True).stdout
    with open(path, "rb") as f:
        return f.read()


def module_name(path):
    """The name of the module in a file, or None if the file is no module."""
    m = re.fullmatch(r"(.+)\.ko(\.xz|\.zst|\.gz)?", os.path.basename(path))
    return m.group(1).replace("-", "_") if m else None


def depends(data):
    """The names of a module's direct dependencies, from its modinfo; @data: its bytes."""
    m = re.search(rb"\0depends=([^\0]*)\0", data)
    if not m:
        return []
    return [d.decode().replace("-", "_") for d in m.group(1).split(b",") if d]


def modules_below(folder):
    """{name: path} of the modules in a folder and its subfolders."""
    where = {}
    for base, _, files in os.walk(folder):
        for f in files:
            if module_name(f):
                where.setdefault(module_name(f), os.path.join(base, f))
    if not where:
        raise CannotRun(f"no kernel modules below {folder}")
    return where


def closure(folder, names):
    """{name: bytes} of the named modules below a folder and of all their dependencies."""
    where = modules_below(folder)
    found, todo = {}, [n.replace("-", "_") for n in names]
    while todo:
        name = todo.pop()
        if name in found:
            continue
        if name not in where:
            raise CannotRun(f"no module {name} below {folder}")
        found[name] = read_module(where[name])
        todo += depends(found[name])
    return found


class Tree:
    """The content of an archive: path in the guest -> (mode, content, device number)."""

    def __init__(self):
        self.entries = {}

    def folder(self, path):
        path = path.strip("/")
        if path and path not in self.entries:
            self.folder(os.path.dirname(path))
            self.entries[path] = (stat.S_IFDIR | 0o755, b"", 0)

    def file(self, path, data, executable=False):
        self.folder(os.path.dirname(path))
        self.entries[path.strip("/")] = (stat.S_IFREG | (0o755 if executable else 0o644), data, 0)

    def link(self, path, target):
        self.folder(os.path.dirname(path))
        self.entries[path.strip("/")] = (stat.S_IFLNK | 0o777, target.encode(), 0)

    def device(self, path, major, minor):
        self.folder(os.path.dirname(path))
        self.entries[path.strip("/")] = (stat.S_IFCHR | 0o600, b"", (major, minor))

    def put(self, to, source):
        """Add a file of the host, or a folder with its content, as @to. Uncompresses modules."""
        if os.path.isdir(source):
            self.folder(to)
            for base, _, files in os.walk(source):
                for f in files:
                    full = os.path.join(base, f)
                    self.put(os.path.join(to, os.path.relpath(full, source)), full)
        elif not os.path.exists(source):
            raise CannotRun(f"{source}, for {to} of the initramfs: there is no such file")
        elif module_name(source):
            name = module_name(to) + ".ko"
            self.file(os.path.join(os.path.dirname(to), name), read_module(source))
        else:
            with open(source, "rb") as f:
                self.file(to, f.read(), os.access(source, os.X_OK))

    def put_deps(self):
        """Add /modules/deps, the dependencies of every module, for the guest's command load."""
        lines = [f"/{path}: {' '.join(depends(data))}".rstrip() + "\n"
                 for path, (_, data, _) in sorted(self.entries.items()) if path.endswith(".ko")]
        self.file("modules/deps", "".join(lines).encode())

    def archive(self):
        """The archive in cpio's newc format, compressed; reproducible to the byte."""
        out = []
        entries = [*sorted(self.entries.items()), ("TRAILER!!!", (0, b"", 0))]
        for number, (path, (mode, data, dev)) in enumerate(entries, 1):
            major, minor = dev or (0, 0)
            name = path.encode() + b"\0"
            fields = (number, mode, 0, 0, 1, 0, len(data), 0, 0, major, minor, len(name), 0)
            head = b"070701" + b"".join(b"%08x" % f for f in fields) + name
            out += [head, b"\0" * (-len(head) % 4), data, b"\0" * (-len(data) % 4)]
        return gzip.compress(b"".join(out), 1, mtime=0)
