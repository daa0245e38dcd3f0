# SPDX-License-Identifier: GPL-2.0-only
"""The kernel's reports of faults (splats), as they stand in a console log."""
import re

# kind -> patterns of its first line. The particular kinds come first: a line is of the first kind
# with a match.
BANNERS = {
    "kasan": [r"BUG: KASAN: ", r"KASAN: (?!.*(enabled|shadow|initialized))\S+-ptr-deref"],
    "kfence": [r"BUG: KFENCE: "],
    "kcsan": [r"BUG: KCSAN: "],
    "kmsan": [r"BUG: KMSAN: "],
    "ubsan": [r"\bUBSAN: "],
    "lockdep": [
        r"WARNING: possible (circular locking|recursive locking|irq lock inversion)",
        r"WARNING: inconsistent lock state",
        r"WARNING: \S+-safe -> \S+-unsafe lock order",
        r"WARNING: bad (unlock balance|contention) detected",
        r"WARNING: held lock freed",
        r"WARNING: lock held when returning to user space",
        r"WARNING: Nested lock was not taken",
        r"WARNING: possible bad bit-dependency",
        r"(WARNING|BUG): .*still has locks held",
        r"\[ BUG: ",
        r"BUG: Invalid wait context",
        r"DEBUG_LOCKS_WARN_ON",
        r"INFO: trying to register non-static key",
        r"INFO: possible (circular|recursive) locking",
        r"BUG: MAX_(LOCK|STACK_TRACE)",
        r"BUG: looking up invalid subclass",
        r"turning off the locking correctness validator",
        r"BUG: (spin|rw)lock |BUG: (mutex|rwsem|rwlock|spinlock)\b",
    ],
    "rcu usage": [r"suspicious RCU usage", r"RCU used illegally"],
    "atomic": [
        r"BUG: sleeping function called from invalid context",
        r"BUG: scheduling while atomic",
        r"BUG: workqueue leaked",
        r"BUG: using \S+ in preemptible",
        r"do not call blocking ops when",
        r"preemption imbalance",
        r"voluntary context switch within RCU",
    ],
    "stall": [
        r"rcu: INFO: \S+ (self-)?detected|INFO: rcu\S* (self-)?detected",
        r"detected expedited stalls",
        r"rcu:.*kthread starved",
        r"BUG: soft lockup|hard LOCKUP|BUG: workqueue lockup",
    ],
    "hung task": [
        r"INFO: task .* blocked (for more than|in I/O wait)",
        r"blocked for more than \d+ seconds",
    ],
    "refcount": [r"refcount_t: ", r"percpu ref .* <= 0", r"refcount .* underflow"],
    "kmemleak": [r"unreferenced object 0x", r"kmemleak: \d+ new suspected memory leak"],
    "list": [r"list_(add|del) (corruption|double add)"],
    "odebug": [r"ODEBUG: (?!selftest|\d+ of \d+ active|Out of memory)"],
    "slab": [
        r"\bBUG [\w.,:+ -]+ \((Not tainted|Tainted|[GP ]).*\): ",
        r"Poison overwritten|Redzone overwritten|Object padding overwritten",
        r"Object already free",
        r"Slab cache still has objects|Objects remaining in \S+ on|kmem_cache_destroy \S+: Slab",
    ],
    "sysfs": [
        r"sysfs: cannot create duplicate filename",
        r"kobject_add_internal failed(?!.*error: -12\b)",
        r"debugfs: .* already present",
        r"does not have a release\(\) function",
        r"is not initialized, yet kobject_|tried to init an initialized object",
        r"kernfs: can not remove",
    ],
    "oops": [
        r"Unable to handle kernel|BUG: unable to handle",
        r"BUG: kernel NULL pointer",
        r"kernel BUG at",
        r"general protection fault",
        r"stack segment: |double fault|invalid opcode: ",
        r"Internal error: |Oops: |Oops\b.*\[#\d+\]|\bcode: .*\[#\d+\]",
        r"Kernel stack overflow|stack-protector: Kernel stack",
        # s390's program checks
        r"(specification|addressing|protection|operand|data|privileged operation"
        r"|illegal operation|monitor event)( exception)?: [0-9a-f]{4} ilc:",
    ],
    "panic": [r"Kernel panic - not syncing"],
    "leftover": [
        r"left allocated",
        r"Trying to (free already-free IRQ|vfree\(\) )|which is not allocated",
        r"Bad page state|Bad rss-counter",
        r"objects? still in use|still in use\b.*refcount",
        r"DMA-API: ",
    ],
    "memory": [r"page allocation failure: |invoked oom-killer|Out of memory: Killed"],
    "warning": [r"WARNING: "],
    "bug": [r"\bBUG: "],
}
PATTERNS = {kind: re.compile("|".join(banners)) for kind, banners in BANNERS.items()}
ANY = re.compile("|".join(p.pattern for p in PATTERNS.values()))

# Lines of the tests themselves, and kernel messages with such words that report no fault.
NOT_KERNEL = re.compile(r"(ok |not ok |# |TAP version |\d+\.\.\d+|@@)")
HARMLESS = re.compile(r"(?i)Spectre|mitigation|retpoline|MDS CPU bug|CPU bug present"
                      r"|BUG: KCSAN: (?!.*\[)"       # neither access is by a module
                      r"|WARNING: CPU speculat|Command line:|blocked for more than.*sysctl"
                      r"|# CONFIG_")
# The time of a kernel message: one may follow on half a line of a test's output.
STAMP = re.compile(r"\[ *\d+\.\d{6}\]")
TRACE = re.compile(r"\bCall Trace:")
# Fault injection prints a trace for each failure, which is no report.
INJECTED = re.compile(r"FAULT_INJECTION: forcing a failure")
REACH = 60      # a trace belongs to a report at most so many lines before it


def kind_of(line):
    """The kind of the report that begins in a line, or None."""
    # one search for all kinds: few lines are reports
    if not ANY.search(line) or HARMLESS.search(line):
        return None
    return next(kind for kind, pattern in PATTERNS.items() if pattern.search(line))


def find(lines):
    """[(index, kind)] of the reports in a console log.

    A stack trace without a report before it is a report of the kind "trace".
    """
    found, near = [], -REACH - 1
    for i, line in enumerate(lines):
        if NOT_KERNEL.match(line) and not STAMP.search(line):
            continue
        if INJECTED.search(line):
            near = i
        elif kind := kind_of(line):
            near = i
            found.append((i, kind))
        elif TRACE.search(line):
            if i - near > REACH:
                found.append((i, "trace"))
            near = i
    return found


def read(path):
    """The lines of a log."""
    with open(path, errors="replace") as f:
        return f.read().splitlines()
