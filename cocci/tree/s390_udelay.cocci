// SPDX-License-Identifier: GPL-2.0-only
///
/// udelay() with interrupts off does not wait in a state that lockdep takes for interrupts on.
///
/// It loads a wait PSW that admits the clock comparator alone. lockdep sees interrupts on while
/// the caller holds a lock of interrupt handlers, the lock of a subchannel for instance, reports
/// "inconsistent lock state" and looks at nothing more until the next boot. Looking at the clock
/// until the time has come is what newer trees do.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: __udelay_disabled, udelay_simple
// Requires: 1.1.1
// File: arch/s390/lib/delay.c

virtual patch
virtual context
virtual org
virtual report

@depends on patch@
identifier usecs;
@@
 __udelay_disabled(unsigned long long usecs)
 {
- ...
+	udelay_simple(usecs);
 }

@waits depends on org || report@
identifier usecs;
position p;
@@
 __udelay_disabled@p(unsigned long long usecs)
 {
 ...
 set_clock_comparator(...);
 ...
 }

@depends on context@
identifier usecs;
@@
*__udelay_disabled(unsigned long long usecs)
 {
 ...
 set_clock_comparator(...);
 ...
 }

@script:python depends on report@
p << waits.p;
@@
coccilib.report.print_report(p[0], "waits in a state that lockdep takes for interrupts on")

@script:python depends on org@
p << waits.p;
@@
coccilib.org.print_todo(p[0], "waits in a state that lockdep takes for interrupts on")
