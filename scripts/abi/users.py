# SPDX-License-Identifier: GPL-2.0-only
"""Which drivers of a kernel tree a change reaches: those that include our public headers and name what has changed."""
import glob
import json
import os
import re
import subprocess

from abi.build import ABI_BUILD, public_headers
from lib.common import TOP

PLACES = ["drivers", "samples", "virt"]


def words(path):
    with open(path, errors="replace") as f:
        text = re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.S)
    return sorted(set(re.findall(r"[A-Za-z_]\w{2,}", text)))


def index(src):
    """{source file: the words in it} of all users; looked for once in each tree."""
    names = [os.path.basename(h) for h in public_headers()]
    keep = os.path.join(ABI_BUILD, "users", f"{os.path.basename(src)}.json")
    if os.path.exists(keep):
        with open(keep) as f:
            kept = json.load(f)
        if kept["headers"] == names:
            return kept["users"]
    pattern = "#include <linux/(" + "|".join(re.escape(n) for n in names) + ")>"
    p = subprocess.run(["grep", "-rlE", "--include=*.[ch]", pattern, *PLACES], cwd=src, capture_output=True, text=True)
    users = {}
    for path in p.stdout.split():
        if path.startswith("drivers/vfio/mdev/"):
            continue
        if path.endswith(".c"):
            users[path] = words(os.path.join(src, path))
            continue
        folder = os.path.dirname(path)
        for name in os.listdir(os.path.join(src, folder)):
            if name.endswith(".c"):
                with open(os.path.join(src, folder, name), errors="replace") as f:
                    if re.search(rf'#include "(?:[\w./]*/)?{re.escape(os.path.basename(path))}"', f.read()):
                        users[f"{folder}/{name}"] = words(os.path.join(src, folder, name))
    os.makedirs(os.path.dirname(keep), exist_ok=True)
    with open(keep, "w") as f:
        json.dump({"headers": names, "users": users}, f)
    return users


def reached(users, names):
    """Files of the tree that use one of these names."""
    return sorted(path for path, has in users.items() if names & set(has))


def patches(subject, names):
    """Our semantic patches that take what has changed out of a driver, a name or a member of a struct: [(file, purpose)]."""
    owner = subject.split()[-1]
    uses = [rf"\b{re.escape(owner)}\b", *(rf"(?:\.|->){re.escape(n)}\b" for n in sorted(names - {owner}))]
    found = []
    for path in sorted(glob.glob(os.path.join(TOP, "cocci/**/*.cocci"), recursive=True)):
        with open(path) as f:
            text = f.read()
        removed = "\n".join(x[1:] for x in text.splitlines() if x.startswith("-"))
        # a member has its name from a struct, of which the patch must speak
        if re.search(uses[0], removed) or re.search(rf"\b{re.escape(owner)}\b", text) and any(re.search(u, removed) for u in uses[1:]):
            purpose = re.search(r"^/// ?(\S.*)", text, re.M)
            found.append((os.path.relpath(path, TOP), purpose[1] if purpose else ""))
    return found
