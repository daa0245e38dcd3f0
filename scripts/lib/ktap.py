# SPDX-License-Identifier: GPL-2.0-only
"""Print results as KTAP: what every check of this project prints, whatever runs it."""
import concurrent.futures
import itertools
import sys
import time


class Plan:
    """Run named checks; each is a function that returns None, or a text that says what is wrong."""

    def __init__(self, title):
        self.title, self.checks = title, []

    def add(self, name, function, *args):
        self.checks.append((name, function, args))

    def run(self, jobs=1):
        """Run them, jobs at a time but the first, which makes what all share; results come in order.

        Exit code: 0 if all passed, 1 otherwise.
        """
        print(f"TAP version 13\n1..{len(self.checks)}", flush=True)
        bad = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = itertools.chain(map(one, self.checks[:1]), later(pool, self.checks[1:]))
            for n, (name, wrong, seconds) in enumerate(results, 1):
                if wrong:
                    bad += 1
                    print("\n".join("# " + x for x in wrong.strip().splitlines()[:40]))
                print(f"{'not ok' if wrong else 'ok'} {n} {self.title}.{name}", flush=True)
                print(f"# {seconds:.1f} s", file=sys.stderr)
        return 1 if bad else 0


def later(pool, checks):
    """Start when the first result of these is asked for."""
    yield from pool.map(one, checks)


def one(check):
    """A check's name, what is wrong, and how long it took."""
    name, function, args = check
    start = time.monotonic()
    try:
        wrong = function(*args)
    except Exception as e:      # a check that could not run has not passed
        wrong = f"could not run: {e}"
    return name, wrong, time.monotonic() - start
