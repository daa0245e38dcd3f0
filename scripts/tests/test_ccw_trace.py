# SPDX-License-Identifier: GPL-2.0-only
"""Unit tests of scripts/report/ccw_trace.py: a log of instructions is divided into parts."""
import os
import sys
import tempfile
import unittest

SCRIPTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, SCRIPTS)
from report import ccw_trace  # noqa: E402

MODULE, VFIO, KERNEL = 0x3ff00010000, 0x3ff00020000, 0x3ffe0000000
# symbols of the guest, by offset
WRITE, IRQ, COLLECT = MODULE, MODULE + 0x100, MODULE + 0x200
START, SIGNAL = KERNEL + 0x1000, KERNEL + 0x2000


def guest(column, *more):
    """What the guest prints before it runs a program twice."""
    symbols = (("vfio_ccw_mdev_write", WRITE), ("vfio_ccw_sch_irq", IRQ), ("ssch", START),
               ("eventfd_signal_mask", SIGNAL), *more)
    return "\n".join([f"@module vfio_ccw 4096 0x{MODULE:x}", f"@module vfio 4096 0x{VFIO:x}",
                      *(f"@symbol {address:016x} t {name}\t[vfio_ccw]"
                        for name, address in symbols),
                      f"@trace column={column} program=nop n=2"]) + "\n"


def executed(*addresses):
    return "".join(f"Trace 0: 0x7f00 [00000000/{a:016x}/0801800f/ff002201] \n" for a in addresses)


# five instructions up to START SUBCHANNEL, of which one is vfio's and one the kernel's
BEGIN = (WRITE, WRITE + 4, VFIO + 8, KERNEL, WRITE + 8, START)


class Parts(unittest.TestCase):
    def measure(self, log, trace):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("log", log), ("trace", trace)):
                with open(os.path.join(folder, name), "w") as f:
                    f.write(text)
            return ccw_trace.measure(*(os.path.join(folder, n) for n in ("log", "trace")))

    def test_a_driver_that_signals_at_its_end(self):
        trip = executed(*BEGIN, IRQ, IRQ + 4, KERNEL + 4, SIGNAL, 0x1000)
        parts = self.measure(guest("own"), trip * 2)["own", "nop"]
        self.assertEqual((parts.total, parts.start, parts.end, parts.own), (11, 5, 3, 8))
        self.assertEqual(parts.owners, {"vfio_ccw": 5, "vfio": 1, "kernel": 2, "user": 0})

    def test_a_driver_that_gives_back_later(self):
        # an instruction of 6 bytes calls the interrupt handler, one of 4 in the module collects
        trip = executed(*BEGIN, KERNEL + 0x10, IRQ, SIGNAL, IRQ + 4, KERNEL + 0x16,
                        MODULE + 0x300, COLLECT, VFIO, MODULE + 0x304, 0x1000)
        parts = self.measure(guest("ours", (ccw_trace.COLLECT, COLLECT)), trip * 2)["ours", "nop"]
        self.assertEqual((parts.total, parts.start, parts.end), (16, 5, 5))

    def test_an_instruction_that_an_interrupt_stopped_counts_once(self):
        stopped = executed(KERNEL) + f"Stopped execution of TB chain before 0x7f00 [{KERNEL:x}]\n"
        trip = executed(*BEGIN[:3]) + stopped + executed(*BEGIN[3:], IRQ, SIGNAL)
        self.assertEqual(self.measure(guest("own"), trip * 2)["own", "nop"].start, 5)

    def test_one_round_trip_is_too_few(self):
        log = guest("own").replace("n=2", "n=1")
        self.assertEqual(self.measure(log, executed(*BEGIN, IRQ, SIGNAL)), {})


if __name__ == "__main__":
    unittest.main()
