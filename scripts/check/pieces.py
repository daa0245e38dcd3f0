# SPDX-License-Identifier: GPL-2.0-only
"""The results of make soak that stay: a later call goes on where an earlier one ended.

They are those of the sources as they are: a changed file, or a log that another run wrote over,
makes a job run again. So does a failure.
"""
import hashlib
import json
import os
import time

from check.jobs import Outcome
from check.results import path_of
from lib.common import OUT, TOP

ASIDE = ("build", "out", ".git", "Documentation")
# these read Documentation/ too, and take minutes: they run in each piece
SHORT = ("static", "tools", "docs")


def sources():
    """A digest of the files that a result depends on."""
    digest = hashlib.sha256()
    for folder, below, files in os.walk(TOP):
        below[:] = sorted(b for b in below
                          if b != "__pycache__" and (folder != TOP or b not in ASIDE))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if not name.endswith((".md", ".rst")) and os.path.isfile(path):
                digest.update(f"{os.path.relpath(path, TOP)}\0{_digest(path)}\0".encode())
    return digest.hexdigest()


def _digest(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


class Kept:
    """The results of earlier calls, in results.json beside the reports."""

    def __init__(self, again=False):
        self.path = os.path.join(os.path.dirname(path_of("results", "")), "results.json")
        self.sources, self.rows = sources(), {}
        try:
            with open(self.path) as f:
                found = json.load(f)
        except (FileNotFoundError, ValueError):
            return
        if not again and found["sources"] == self.sources:
            self.rows = found["jobs"]

    def restore(self, jobs):
        """Give the jobs that have a result their outcome; return how many."""
        for job in jobs:
            row = self.rows.get(job.name)
            if row and not job.judges and all(
                    os.path.isfile(p) and _digest(p) == d for p, d in row["logs"].items()):
                job.outcome = Outcome(row["passed"], row["skipped"], [], row["lines"],
                                      [(ended, log) for ended, log in row["boots"]])
                job.seconds = row["seconds"]
        return sum(j.outcome is not None for j in jobs)

    def keep(self, job):
        """Keep the result of a job that has ended, unless it failed, or takes short or is done for
        others."""
        o = job.outcome
        if o.failures or o.left or job.judges or job.prepares or job.part in SHORT:
            return
        logs = {os.path.join(TOP, log): None for _, log in o.boots}
        self.rows[job.name] = {
            "passed": o.passed, "skipped": o.skipped, "lines": o.lines, "boots": o.boots,
            "logs": {p: _digest(p) for p in logs}, "seconds": round(job.seconds),
            "ended": time.strftime("%Y-%m-%d %H:%M")}
        with open(self.path + ".tmp", "w") as f:
            json.dump({"sources": self.sources, "jobs": self.rows}, f, indent=1)
        os.replace(self.path + ".tmp", self.path)
