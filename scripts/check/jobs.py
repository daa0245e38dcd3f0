# SPDX-License-Identifier: GPL-2.0-only
"""Run jobs, as many at a time as the machine has cores, the longest way to the end first."""
import concurrent.futures
import dataclasses
import os
import time
import traceback
from collections.abc import Callable

from lib.common import CannotRun, say

TELL = 60       # seconds without a line on the terminal


@dataclasses.dataclass
class Outcome:
    """The results of one job.

    @boots: of virtual machines: whether each ended well, and its log
    @left: the job did not run, because the time was over
    """

    passed: int = 0
    skipped: int = 0
    failures: list[str] = dataclasses.field(default_factory=list)
    lines: list[str] = dataclasses.field(default_factory=list)     # for the terminal
    boots: list[tuple[bool, str]] = dataclasses.field(default_factory=list)
    left: bool = False


@dataclasses.dataclass
class Job:
    """A piece of work that keeps about one core busy.

    @part: the part of make check that its time and results belong to
    @function: does the work and returns an Outcome
    @needs: names of jobs that must have ended before, well or not
    @lane: jobs of one lane build in the same folders and run one after the other
    @cost: seconds on two quiet cores with a warm cache. The order depends on it, and whether the
        job fits into the time that is left
    @judges: makes a report of what other jobs left, and says nothing without them
    @prepares: fetches or builds for other jobs
    """

    name: str
    part: str
    function: Callable[[], Outcome]
    needs: tuple[str, ...] = ()
    lane: str | None = None
    cost: int = 30
    judges: bool = False
    prepares: bool = False
    outcome: Outcome | None = None
    started: float | None = None
    seconds: float = 0.0


def priorities(jobs):
    """{name: seconds from the start of a job to the end of all that waits for it}."""
    by_name, ways = {j.name: j for j in jobs}, {}

    def way(name):
        if name not in ways:
            waiting = [j.name for j in jobs if name in j.needs]
            ways[name] = by_name[name].cost + max(map(way, waiting), default=0)
        return ways[name]

    return {name: way(name) for name in by_name}


def work(job):
    """Run one job; a job that could not run has failed."""
    try:
        return job.function()
    except (CannotRun, OSError) as e:
        return Outcome(failures=[f"{job.name} could not run: {e}"])
    except Exception:   # pylint: disable=broad-except
        return Outcome(failures=[f"{job.name} could not run, by a fault of its own:\n"
                                 + traceback.format_exc()])


class Schedule:
    """The state of a run.

    @seconds: no job starts after so many, or None
    @ended: is called with each job that has ended
    """

    def __init__(self, jobs, slots, seconds=None, ended=None):
        self.jobs, self.slots, self.seconds, self.ended = jobs, slots, seconds, ended
        self.ways = priorities(jobs)
        self.begin = self.told = time.monotonic()
        self.running = {}               # future -> job

    def ready(self):
        """The jobs that may start, the most urgent first."""
        done = {j.name for j in self.jobs if j.outcome}
        lanes = {j.lane for j in self.running.values() if j.lane}
        return sorted((j for j in self.jobs if j.started is None and not j.outcome
                       and set(j.needs) <= done
                       and j.lane not in lanes), key=lambda j: -self.ways[j.name])

    def tell(self, text):
        """A line for the terminal, with the time since the start."""
        self.told = time.monotonic()
        minutes, seconds = divmod(int(self.told - self.begin), 60)
        say(f"{minutes:3d}:{seconds:02d} {text}")

    def leave(self):
        """End the jobs that don't run: the time is over, or what they wait for did not run."""
        over = time.monotonic() - self.begin
        by_name = {j.name: j for j in self.jobs}
        # a piece that runs nothing would never come to the end
        begun = any(j.started is not None and not (j.prepares or j.judges) for j in self.jobs)
        for job in self.jobs:
            if job.started is not None or job.outcome:
                continue
            needs = [by_name[n].outcome for n in job.needs]
            waits = [o for o in needs if not (o and o.left)]
            late = self.seconds is not None and not job.judges and begun and \
                over + (0 if job.prepares else job.cost) > self.seconds
            if late or (needs and not waits if job.judges else len(waits) < len(needs)):
                job.outcome = Outcome(left=True)
            elif job.prepares and not any(j.outcome is None and job.name in j.needs
                                          for j in self.jobs):
                # nobody waits for it
                job.outcome = Outcome()

    def start(self, pool, job):
        """Hand a job to a free worker."""
        job.started = time.monotonic()
        self.running[pool.submit(work, job)] = job

    def end(self, future):
        """Take the results of a job."""
        job = self.running.pop(future)
        job.outcome, job.seconds = future.result(), time.monotonic() - job.started
        o = job.outcome
        if self.ended:
            self.ended(job)
        done = sum(j.outcome is not None for j in self.jobs)
        counts = f": {o.passed} passed, {len(o.failures)} failed, {o.skipped} skipped"
        self.tell(f"{done}/{len(self.jobs)} {job.name}"
                  + (counts if o.passed or o.failures or o.skipped else "")
                  + f" ({job.seconds:.0f} s)")
        for line in [*o.lines, *o.failures][:60]:
            say("       " + line.replace("\n", "\n       "))

    def run(self):
        """Run all jobs to their end."""
        with concurrent.futures.ThreadPoolExecutor(self.slots) as pool:
            while any(j.outcome is None for j in self.jobs):
                while len(self.running) < self.slots:
                    self.leave()
                    if not self.ready():
                        break
                    self.start(pool, self.ready()[0])
                ended, _ = concurrent.futures.wait(
                    self.running, 10, concurrent.futures.FIRST_COMPLETED)
                for future in ended:
                    self.end(future)
                if time.monotonic() - self.told >= TELL:
                    now = time.monotonic()
                    self.tell("running: " + ", ".join(
                        f"{j.name} ({now - j.started:.0f} s)" for j in self.running.values()))


def run(jobs, slots=None, seconds=None, ended=None):
    """Run @jobs; see Schedule. Each has an outcome afterwards; some may have one before."""
    names = [j.name for j in jobs]
    missing = {n for j in jobs for n in j.needs} - set(names)
    if missing or len(set(names)) != len(names):
        raise ValueError(f"jobs that are needed and not there, or twice there: {missing or names}")
    Schedule(jobs, slots or os.cpu_count() or 1, seconds, ended).run()
