# SPDX-License-Identifier: GPL-2.0-only
"""Fixes of mainline that a tree lacks, in the files that our modules take from it: holes.conf."""
import configparser
import os
import re

from lib.common import SCRIPTS

CONF = os.path.join(SCRIPTS, "tree/holes.conf")


def holes(source, arch):
    """[(hole, file, where it is fixed)] of a kernel source."""
    conf, found = configparser.ConfigParser(), []
    conf.optionxform = str
    conf.read(CONF)
    for hole, entry in conf.items():
        path = os.path.join(source, entry.get("file", ""))
        if entry.get("arch") != arch or not os.path.isfile(path):
            continue
        with open(path, errors="replace") as f:
            if not re.search(rf"\b{entry['lacks']}\b", f.read()):
                found.append((hole, entry["file"], entry["fixed"]))
    return found


def text(source, arch):
    """The holes as lines for a person, or nothing."""
    found = holes(source, arch)
    if not found:
        return []
    lines = [f"vfio_ccw.ko has {len(found)} known holes of the tree it is built with; "
             "take a tree with these fixes:"]
    return lines + [f"  {os.path.basename(file)}: {hole} (fixed: {fixed})"
                    for hole, file, fixed in found]
