# SPDX-License-Identifier: GPL-2.0-only
"""The time limit of a guest, scaled by the speed of the host, which the guest's boot shows."""
import re

# Seconds from the start of QEMU to the guest's init, on the reference host: two cores with no other
# load, on which the limits of vm/suite were chosen. A boot that takes three times as long triples
# the limit. Measured, but for s390 kasan.
BOOT = {"x86": {"debian": 4, "kasan": 8}, "s390": {"debian": 4, "lock": 8, "kasan": 12}}
USUAL = 5               # for a kernel that is not in the table
SLOWEST = 8             # largest factor: a slower boot has another cause than the host


def boot_seconds(arch, variant):
    """Seconds to init of a kernel on the reference host."""
    return max(BOOT[arch].get(v, USUAL) for v in variant.split("+"))


class Pace:
    """The time limit of one guest, and its progress."""

    def __init__(self, limit, boot):
        """@limit, @boot: seconds on the reference host, for the run and for its boot."""
        self.limit, self.usual = limit, boot
        self.factor, self.booted = 1.0, None
        self.heard = 0.0                # time of the last line
        self.program, self.last, self.planned, self.ended = None, None, 0, 0

    def boot(self, seconds):
        """Note that init runs, @seconds after the start of QEMU."""
        self.booted = seconds
        self.factor = min(SLOWEST, max(1.0, seconds / self.usual))

    def hear(self, text, now):
        """Note a line of the guest, @now seconds after the start of QEMU."""
        self.heard = now
        if text.startswith("@@TEST "):
            self.program = text[7:]
        elif m := re.match(r"1\.\.(\d+)", text):
            self.planned += int(m[1])
        elif m := re.match(r"(?:not )?ok \d+ *-? *([^#]*)", text):
            self.ended += 1
            self.last = m[1].strip()

    def over(self, now):
        """Whether to give up the guest, @now seconds after the start of QEMU.

        The limit ends a guest that has been silent for half of it. A guest that still prints lines
        goes on for up to three times the limit.
        """
        limit = self.limit * self.factor
        return now > 3 * limit or (now > limit and now - self.heard > limit / 2)

    def progress(self):
        """The limit and the progress of the guest, for a message."""
        words = f"limit {self.limit:.0f} s"
        if self.factor > 1:
            words += (f" x {self.factor:.1f}: its boot took {self.booted:.1f} s, "
                      f"{self.usual:g} s are usual")
        if self.program:
            words += f"; in {self.program}, {self.ended} of {self.planned} tests had ended"
        return words + (f", the last was {self.last}" if self.last else "")
