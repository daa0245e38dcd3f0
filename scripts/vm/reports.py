# SPDX-License-Identifier: GPL-2.0-only
"""What a kernel says when something is wrong, as it stands in a console log."""
import re

# kind -> the banners of its reports, the particular ones first: a line counts once, for the first kind that knows it
BANNERS = {
    "kasan": r"BUG: KASAN: |KASAN: (?!.*(enabled|shadow|initialized))\S+-ptr-deref",
    "kfence": r"BUG: KFENCE: ",
    "kcsan": r"BUG: KCSAN: ",
    "kmsan": r"BUG: KMSAN: ",
    "ubsan": r"\bUBSAN: ",
    "lockdep": r"WARNING: possible (circular locking|recursive locking|irq lock inversion)|WARNING: inconsistent lock state"
               r"|WARNING: \S+-safe -> \S+-unsafe lock order|WARNING: bad (unlock balance|contention) detected"
               r"|WARNING: held lock freed|WARNING: lock held when returning to user space|WARNING: Nested lock was not taken"
               r"|WARNING: possible bad bit-dependency|WARNING: .*still has locks held|BUG: .*still has locks held"
               r"|\[ BUG: |BUG: Invalid wait context|DEBUG_LOCKS_WARN_ON|INFO: trying to register non-static key"
               r"|INFO: possible (circular|recursive) locking|BUG: MAX_LOCK|BUG: MAX_STACK_TRACE|BUG: looking up invalid subclass"
               r"|turning off the locking correctness validator|BUG: (spin|rw)lock |BUG: (mutex|rwsem|rwlock|spinlock)\b",
    "rcu usage": r"suspicious RCU usage|RCU used illegally",
    "atomic": r"BUG: sleeping function called from invalid context|BUG: scheduling while atomic|BUG: workqueue leaked"
              r"|BUG: using \S+ in preemptible|do not call blocking ops when|preemption imbalance|voluntary context switch within RCU",
    "stall": r"rcu: INFO: \S+ (self-)?detected|INFO: rcu\S* (self-)?detected|detected expedited stalls|rcu:.*kthread starved"
             r"|BUG: soft lockup|hard LOCKUP|BUG: workqueue lockup",
    "hung task": r"INFO: task .* blocked (for more than|in I/O wait)|blocked for more than \d+ seconds",
    "refcount": r"refcount_t: |percpu ref .* <= 0|refcount .* underflow",
    "kmemleak": r"unreferenced object 0x|kmemleak: \d+ new suspected memory leak",
    "list": r"list_(add|del) (corruption|double add)|list_(add|del) corruption",
    "odebug": r"ODEBUG: (?!selftest|\d+ of \d+ active|Out of memory)",
    "slab": r"\bBUG [\w.,:+ -]+ \((Not tainted|Tainted|[GP ]).*\): |Poison overwritten|Redzone overwritten|Object already free"
            r"|Object padding overwritten|Slab cache still has objects|Objects remaining in \S+ on|kmem_cache_destroy \S+: Slab",
    "sysfs": r"sysfs: cannot create duplicate filename|kobject_add_internal failed(?!.*error: -12\b)|debugfs: .* already present"
             r"|does not have a release\(\) function|is not initialized, yet kobject_|tried to init an initialized object"
             r"|kernfs: can not remove",
    "oops": r"Unable to handle kernel|BUG: unable to handle|BUG: kernel NULL pointer|kernel BUG at|general protection fault"
            r"|stack segment: |double fault|invalid opcode: |Internal error: |Oops: |Oops\b.*\[#\d+\]|Kernel stack overflow|\bcode: .*\[#\d+\]"
            r"|(specification|addressing|protection|operand|data|privileged operation|illegal operation|monitor event)"
            r"( exception)?: [0-9a-f]{4} ilc:|stack-protector: Kernel stack",
    "panic": r"Kernel panic - not syncing",
    "leftover": r"left allocated|Trying to (free already-free IRQ|vfree\(\) )|which is not allocated|Bad page state|Bad rss-counter"
                r"|objects? still in use|still in use\b.*refcount|DMA-API: ",
    "memory": r"page allocation failure: |invoked oom-killer|Out of memory: Killed",
    "warning": r"WARNING: ",
    "bug": r"\bBUG: ",
}
PATTERNS = [(kind, re.compile(banner)) for kind, banner in BANNERS.items()]
ANY = re.compile("|".join(BANNERS.values()))

# what the tests themselves print, and what says WARNING without meaning that something went wrong
NOT_KERNEL = re.compile(r"(ok |not ok |# |TAP version |\d+\.\.\d+|@@)")
HARMLESS = re.compile(r"(?i)Spectre|mitigation|retpoline|MDS CPU bug|CPU bug present|WARNING: CPU speculat|Command line:"
                      r"|blocked for more than.*sysctl|# CONFIG_")
# a kernel message that followed on half a line of a test's
STAMP = re.compile(r"\[ *\d+\.\d{6}\]")
TRACE = re.compile(r"\bCall Trace:")
# a trace that belongs to something which is no report: an injected failure that was asked for
INJECTED = re.compile(r"FAULT_INJECTION: forcing a failure")
REACH = 60      # lines after a report in which a trace is its own


def find(lines):
    """[(index, kind)] of the reports in a console log. A trace that nothing announces is one, of the kind "trace"."""
    found, near = [], -REACH - 1
    for i, line in enumerate(lines):
        if NOT_KERNEL.match(line) and not STAMP.search(line):
            continue
        if INJECTED.search(line):
            near = i
        elif ANY.search(line) and not HARMLESS.search(line):
            near = i
            found.append((i, next(kind for kind, pattern in PATTERNS if pattern.search(line))))
        elif TRACE.search(line):
            if i - near > REACH:
                found.append((i, "trace"))
            near = i
    return found


def read(path):
    with open(path, errors="replace") as f:
        return f.read().splitlines()
