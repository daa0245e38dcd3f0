// SPDX-License-Identifier: GPL-2.0-only
///
/// Poll the clock in udelay() with interrupts off, as newer trees do.
///
/// Old trees load a wait PSW that enables the clock comparator alone. lockdep then sees interrupts
/// enabled under a lock of interrupt handlers, such as a subchannel's, reports "inconsistent lock
/// state" and turns itself off until the next boot.
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
coccilib.report.print_report(p[0],
    "this wait state makes lockdep see interrupts on: poll the clock instead")

@script:python depends on org@
p << waits.p;
@@
coccilib.org.print_todo(p[0],
    "this wait state makes lockdep see interrupts on: poll the clock instead")
