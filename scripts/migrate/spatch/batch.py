# SPDX-License-Identifier: GPL-2.0-only
"""Runs one semantic patch over the files of many drivers in one spatch process.

spatch needs 0.7 s to read available_instances.cocci, and 0.04 s for the files of a driver. It
handles the files of each driver as a group of their own (--file-groups).
"""
import functools
import os
import re
import tempfile
from typing import NamedTuple

from migrate.c_text import read
from migrate.driver import Driver, NotConverted
from migrate.patches import (TimedOut, apply_patch, call_spatch, copies, limit_spatch, spatch,
                             tidy, write_files)

# drivers in one process of Coccinelle 1.1.1
MOST = 25


@functools.cache
def most():
    """Drivers in one process at most: Coccinelle 1.3.0 leaves some groups of files as they were."""
    return MOST if call_spatch("--version").stdout.startswith("spatch version 1.1.1") else 1


class Request(NamedTuple):
    """One semantic patch over some files of a driver."""
    driver: Driver
    patch: str
    files: tuple
    options: tuple = ()

    @property
    def size(self):
        return sum(len(self.driver.new[f]) for f in self.files)


def batches(requests, processes):
    """Lists of requests for one process each: of one patch, and of about the same size."""
    by_patch = {}
    for r in requests:
        by_patch.setdefault((r.patch, r.options), []).append(r)
    found = []
    for same in by_patch.values():
        number = min(len(same), max(processes, -(-len(same) // most())))
        parts = [[] for _ in range(number)]
        for r in sorted(same, key=lambda r: -r.size):
            min(parts, key=lambda p: sum(x.size for x in p)).append(r)
        found += [p for p in parts if p]
    return sorted(found, key=lambda p: -sum(r.size for r in p))


def alone(r, timeout):
    """Whether the patch changed the driver's files, or the exception that says why it could not."""
    limit_spatch(timeout)
    try:
        return apply_patch(r.driver, r.patch, r.files, *r.options)
    except (NotConverted, TimedOut) as e:
        return e


def together(requests, timeout):
    """Run one process: {index of a request: changed}, or nothing if the process ended early.

    It goes on behind a driver that it can't handle, and that driver has no answer. It writes the
    files at its end.
    """
    names = [copies(r.files, f"{n}/") for n, r in enumerate(requests)]
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        for r, copy in zip(requests, names):
            write_files(tmp, {copy[f]: r.driver.new[f] for f in r.files})
        write_files(tmp, {"groups": "\n\n".join("\n".join(c.values()) for c in names) + "\n"})
        limit_spatch(timeout)
        try:
            p = spatch(requests[0].patch, ["--file-groups", "groups"], tmp, "patch", "--in-place",
                       *requests[0].options)
        except TimedOut:
            return {}
        if p.returncode:
            return {}
        said = re.split(r"(?m)^HANDLING: (\d+)/", p.stderr)[1:]
        failed = {int(n) for n, text in zip(said[::2], said[1::2]) if "EXN:" in text}
        answers = {}
        for n in set(range(len(requests))) - failed:
            d, before = requests[n].driver, dict(requests[n].driver.new)
            for f in requests[n].files:
                now = read(os.path.join(tmp, names[n][f]))
                if now != before[f]:
                    d.new[f] = tidy(before[f], now)
            answers[n] = d.new != before
    return answers


def apply_batch(requests, timeout):
    """The answers to the requests of one batch, in their order: see alone()."""
    if len(requests) == 1:
        return [alone(requests[0], timeout)]
    answers = together(requests, timeout)
    if not answers:
        half = len(requests) // 2
        return apply_batch(requests[:half], timeout) + apply_batch(requests[half:], timeout)
    return [answers[n] if n in answers else alone(r, timeout) for n, r in enumerate(requests)]
