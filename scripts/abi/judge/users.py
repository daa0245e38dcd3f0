# SPDX-License-Identifier: GPL-2.0-only
"""The drivers of a kernel tree that a change reaches: they include our public headers and name
what has changed."""
import glob
import json
import os
import re
import subprocess

from abi.build import public_headers
from abi.kdir import ABI_BUILD
from lib.common import TOP

PLACES = ["drivers", "samples", "virt"]


def _words(path):
    with open(path, errors="replace") as f:
        text = re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.S)
    return sorted(set(re.findall(r"[A-Za-z_]\w{2,}", text)))


def _sources_of(src, header):
    """The source files beside a private header that include it."""
    folder, name = os.path.split(header)
    include = rf'#include "(?:[\w./]*/)?{re.escape(name)}"'
    for n in os.listdir(os.path.join(src, folder)):
        if n.endswith(".c"):
            with open(os.path.join(src, folder, n), errors="replace") as f:
                if re.search(include, f.read()):
                    yield f"{folder}/{n}"


def index(src):
    """{source file: its words} of all users; searched once for each tree."""
    names = [os.path.basename(h) for h in public_headers()]
    keep = os.path.join(ABI_BUILD, "users", f"{os.path.basename(src)}.json")
    if os.path.exists(keep):
        with open(keep) as f:
            kept = json.load(f)
        if kept["headers"] == names:
            return kept["users"]
    pattern = "#include <linux/(" + "|".join(re.escape(n) for n in names) + ")>"
    p = subprocess.run(["grep", "-rlE", "--include=*.[ch]", pattern, *PLACES], cwd=src,
                       capture_output=True, text=True)
    users = {}
    for path in p.stdout.split():
        if not path.startswith("drivers/vfio/mdev/"):
            for source in [path] if path.endswith(".c") else _sources_of(src, path):
                users[source] = _words(os.path.join(src, source))
    os.makedirs(os.path.dirname(keep), exist_ok=True)
    with open(keep, "w") as f:
        json.dump({"headers": names, "users": users}, f)
    return users


def reached(users, names):
    """Files of the tree that use one of these names."""
    return sorted(path for path, has in users.items() if names & set(has))


def patches(subject, names):
    """Our semantic patches that remove from a driver what has changed: [(file, purpose)].

    names are the subject's own and those of its members. Fixes of stock files are not for drivers.
    """
    owner = subject.split()[-1]
    speaks = re.compile(rf"\b{re.escape(owner)}\b")
    members = [rf"(?:\.|->){re.escape(n)}\b" for n in sorted(names - {owner})]
    found = []
    everything = glob.glob(os.path.join(TOP, "cocci/**/*.cocci"), recursive=True)
    for path in sorted(set(everything) - set(glob.glob(os.path.join(TOP, "cocci/fixes/*/*")))):
        with open(path) as f:
            text = f.read()
        removed = "\n".join(x[1:] for x in text.splitlines() if x.startswith("-"))
        # a member's name alone is ambiguous: the patch must name its struct too
        if speaks.search(removed) or (speaks.search(text)
                                      and any(re.search(m, removed) for m in members)):
            purpose = re.search(r"^/// ?(\S.*)", text, re.M)
            found.append((os.path.relpath(path, TOP), purpose[1] if purpose else ""))
    return found
