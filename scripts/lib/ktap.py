# SPDX-License-Identifier: GPL-2.0-only
"""Results as KTAP, the format of every check of this project."""
import concurrent.futures
import itertools
import sys
import time


def third(names):
    """A third of the names; the day selects it, so that three days in a row cover all."""
    day = int(time.time() // 86400) % 3
    print(f"# today every third: {day + 1}, {day + 4}, ... of {len(names)}", flush=True)
    return names[day::3]


class Skipped(Exception):
    """A check that this machine or kernel cannot make; the text is the reason."""


class Plan:
    """Named checks: functions that return None, or the fault as a text, or raise Skipped."""

    def __init__(self, title):
        self.title, self.checks = title, []

    def add(self, name, function, *args):
        self.checks.append((name, function, args))

    def run(self, jobs=1):
        """Run the checks and print the results in order; return 0 if all passed, else 1.

        The first check runs alone, because it builds files that others use; then jobs at a time.
        """
        print(f"TAP version 13\n1..{len(self.checks)}", flush=True)
        bad = 0
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            results = itertools.chain(map(one, self.checks[:1]), later(pool, self.checks[1:]))
            for n, (name, wrong, seconds) in enumerate(results, 1):
                good, why = not wrong, ""
                if isinstance(wrong, Skipped):
                    good, why = True, f" # SKIP {wrong}"
                elif wrong:
                    bad += 1
                    print("\n".join("# " + x for x in wrong.strip().splitlines()[:40]))
                print(f"{'ok' if good else 'not ok'} {n} {self.title}.{name}{why}", flush=True)
                print(f"# {seconds:.1f} s", file=sys.stderr)
        return 1 if bad else 0


def later(pool, checks):
    """Results of the other checks, which start when the first of these is asked for."""
    yield from pool.map(one, checks)


def one(check):
    """Run a check; return its name, its fault and its seconds."""
    name, function, args = check
    start = time.monotonic()
    try:
        wrong = function(*args)
    except Skipped as e:
        wrong = e
    except Exception as e:      # pylint: disable=broad-except
        # a check that could not run has not passed
        wrong = f"could not run: {e}"
    return name, wrong, time.monotonic() - start
