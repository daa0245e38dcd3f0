// SPDX-License-Identifier: GPL-2.0-only
/// udelay() with interrupts off does not wait in a state that lockdep takes for interrupts on.
///
/// It loads a wait PSW that admits the clock comparator alone. lockdep sees interrupts on while
/// the caller holds a lock of interrupt handlers, the lock of a subchannel for instance, reports
/// "inconsistent lock state" and looks at nothing more until the next boot. Looking at the clock
/// until the time has come is what newer trees do.
//
// Confidence: High
// File: arch/s390/lib/delay.c

virtual patch

@@
identifier usecs;
@@
 __udelay_disabled(unsigned long long usecs)
 {
- ...
+	udelay_simple(usecs);
 }
