# SPDX-License-Identifier: GPL-2.0-only
"""How long a guest may run, by the speed of the host as the guest's own boot shows it."""
import re

# Seconds from the start of QEMU to the guest's init, on a host with two quiet cores on which the
# limits of vm/suite were chosen. A guest that boots three times as slowly has three times as long.
BOOT = {"x86": {"debian": 3, "kasan": 15}, "s390": {"debian": 4, "lock": 5, "kasan": 12}}
USUAL = 5               # of a kernel that is not in the table
SLOWEST = 8             # a boot that is slower than that is not a measurement


def boot_seconds(arch, variant):
    """The usual time to init of a kernel."""
    return BOOT[arch].get(variant, USUAL)


class Pace:
    """The time that one guest has, and how far it is."""

    def __init__(self, limit, boot):
        """@limit: seconds on the reference host; @boot: seconds that this kernel's boot takes there."""
        self.limit, self.usual = limit, boot
        self.factor, self.booted = 1.0, None
        self.heard = 0.0                # when the guest last said something
        self.program, self.last, self.planned, self.ended = None, None, 0, 0

    def boot(self, seconds):
        """The guest's init runs, @seconds after the start of QEMU."""
        self.booted = seconds
        self.factor = min(SLOWEST, max(1.0, seconds / self.usual))

    def hear(self, text, now):
        """A line of the guest, @now seconds after the start of QEMU."""
        self.heard = now
        if text.startswith("@@TEST "):
            self.program = text[7:]
        elif m := re.match(r"1\.\.(\d+)", text):
            self.planned += int(m[1])
        elif m := re.match(r"(?:not )?ok \d+ *-? *([^#]*)", text):
            self.ended += 1
            self.last = m[1].strip()

    def over(self, now):
        """Whether to give the guest up.

        The limit ends a guest that has fallen silent. One that still says something goes on, up to
        three times the limit.
        """
        limit = self.limit * self.factor
        return now > 3 * limit or (now > limit and now - self.heard > limit / 2)

    def progress(self):
        """How far the guest was, for a message."""
        words = f"limit {self.limit:.0f} s"
        if self.factor > 1:
            words += f" x {self.factor:.1f}: its boot took {self.booted:.1f} s, {self.usual} s are usual"
        if self.program:
            words += f"; in {self.program}, {self.ended} of {self.planned} tests had ended"
        return words + (f", the last was {self.last}" if self.last else "")
