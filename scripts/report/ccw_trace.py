# SPDX-License-Identifier: GPL-2.0-only
"""Guest instructions of round trips through vfio-ccw, from QEMU's log of executed instructions.

ccw_bench trace prints a line for each program that it runs n times; QEMU logs the address of each
instruction meanwhile (log exec, one-insn-per-tb). An address belongs to a module of /proc/modules,
to user space, or to the rest of the kernel.
"""
import re
from dataclasses import dataclass, field

# Functions that both drivers have, and the one of this driver that gives back what a program has.
WRITE, START, IRQ, SIGNAL = ("vfio_ccw_mdev_write", "ssch", "vfio_ccw_sch_irq",
                             "eventfd_signal_mask")
COLLECT = "vfio_ccw_fsm_collect"
OWNERS = ("vfio_ccw", "vfio", "kernel", "user")
KERNEL = 1 << 32        # user programs are static, and linked below this address
LIMIT = 1 << 21         # instructions; a round trip after which the guest has something else to do


@dataclass
class Program:
    """One program in one column: its round trips as lists of addresses."""
    column: str
    name: str
    number: int
    symbols: dict
    modules: list
    trips: list = field(default_factory=list)


def programs(log):
    """The programs that the guest announced, in order."""
    found, symbols, modules = [], {}, []
    with open(log, errors="replace") as f:
        for line in f:
            if m := re.match(r"@module (\w+) (\d+) 0x(\w+)", line):
                if m[1] == "vfio_ccw":
                    symbols, modules = {}, []
                modules.append((m[1], int(m[3], 16), int(m[2])))
            elif m := re.match(r"@symbol (\w+) \w (\S+)", line):
                symbols.setdefault(m[2], int(m[1], 16))
            elif m := re.match(r"@trace column=(\w+) program=(\w+) n=(\d+)", line):
                found.append(Program(m[1], m[2], int(m[3]), symbols, modules))
    return found


def addresses(trace):
    """The addresses of executed instructions."""
    last = None
    with open(trace, "rb") as f:
        for line in f:
            if line.startswith(b"Stopped"):
                # the instruction was logged, but an interrupt came first
                last = None
                continue
            if last is not None:
                yield last
            m = re.match(rb"Trace [^[]*\[\w+/(\w+)/", line)
            last = int(m[1], 16) if m else None
    if last is not None:
        yield last


def fill(found, trace):
    """Divide the trace among the programs: a round trip begins with a write."""
    order = [p for p in found for _ in range(p.number)]
    writes = {p.symbols[WRITE] for p in found}
    trip, number = None, 0
    for pc in addresses(trace):
        if pc in writes:
            if number == len(order):
                break
            trip = []
            order[number].trips.append(trip)
            number += 1
        if trip is not None and len(trip) < LIMIT:
            trip.append(pc)


def returned(trip, entry):
    """The index at which the function entered at @entry has returned."""
    # a call through a pointer passes through one or two instructions that jump
    after = {trip[entry - k] + size for k in (1, 2, 3) for size in (2, 4, 6) if entry >= k}
    return next(i for i in range(entry + 1, len(trip)) if trip[i] in after)


def owner(program, pc):
    if pc < KERNEL:
        return "user"
    for name, base, size in program.modules:
        if base <= pc < base + size:
            return "vfio_ccw" if name == "vfio_ccw" else "vfio"
    return "kernel"


@dataclass
class Parts:
    """Instructions of one round trip."""
    total: int
    start: int          # from the write to START SUBCHANNEL
    end: int            # from the interrupt to the signal, and until the program is given back
    owners: dict        # of start and end: whose code it was

    @property
    def own(self):
        return self.start + self.end


def parts(program, trip):
    at = program.symbols
    start = trip.index(at[START])
    irq = trip.index(at[IRQ], start)
    windows = [(0, start)]
    if COLLECT in at:
        # signals in the interrupt, and gives back when the user reads
        collect = trip.index(at[COLLECT], irq)
        windows += [(irq, returned(trip, irq)), (collect, returned(trip, collect))]
    else:
        windows.append((irq, trip.index(at[SIGNAL], irq)))
    owners = dict.fromkeys(OWNERS, 0)
    for first, last in windows:
        for pc in trip[first:last]:
            owners[owner(program, pc)] += 1
    return Parts(len(trip), start, sum(last - first for first, last in windows[1:]), owners)


def measure(log, trace):
    """{(column, program): Parts of the shortest round trip}.

    The last one of each program is left out: what follows it in the trace is no round trip.
    """
    found = programs(log)
    fill(found, trace)
    return {(p.column, p.name): min((parts(p, t) for t in p.trips[:-1]), key=lambda x: x.total)
            for p in found if len(p.trips) > 1}
