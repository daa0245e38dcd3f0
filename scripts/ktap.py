# SPDX-License-Identifier: GPL-2.0-only
"""Print results as KTAP: what every check of this project prints, whatever runs it."""
import sys
import time


class Plan:
    """Run named checks one after another; each is a function that returns None, or a text that says what is wrong."""

    def __init__(self, title):
        self.title, self.checks = title, []

    def add(self, name, function, *args):
        self.checks.append((name, function, args))

    def run(self):
        """Exit code: 0 if all passed, 1 otherwise."""
        print(f"TAP version 13\n1..{len(self.checks)}", flush=True)
        bad = 0
        for n, (name, function, args) in enumerate(self.checks, 1):
            start = time.monotonic()
            try:
                wrong = function(*args)
            except Exception as e:      # a check that could not run has not passed
                wrong = f"could not run: {e}"
            if wrong:
                bad += 1
                print("\n".join("# " + x for x in wrong.strip().splitlines()[:40]))
            print(f"{'not ok' if wrong else 'ok'} {n} {self.title}.{name}", flush=True)
            print(f"# {time.monotonic() - start:.1f} s", file=sys.stderr)
        return 1 if bad else 0
