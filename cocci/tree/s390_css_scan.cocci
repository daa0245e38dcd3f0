// SPDX-License-Identifier: GPL-2.0-only
///
/// css lets others run while it looks through all the subchannels that there could be.
///
/// After a channel report the numbers of all subchannels are looked through, 262144 of them, and
/// those that are not meant are passed over without a break. With lockdep, or as a guest that has
/// to share a processor, that is longer than RCU waits before it reports a stall.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: slow_eval_unknown_fn, cond_resched
// Requires: 1.1.1
// File: drivers/s390/cio/css.c

virtual patch
virtual context
virtual org
virtual report

@done@
expression E;
@@
 slow_eval_unknown_fn(...)
 {
 ... when any
 cond_resched();
 return E;
 }

@depends on patch && !done@
expression E;
@@
 slow_eval_unknown_fn(...)
 {
 ... when any
+cond_resched();
 return E;
 }

@scan depends on (org || report) && !done@
position p;
@@
 slow_eval_unknown_fn@p(...)
 { ... }

@depends on context && !done@
expression E;
@@
 slow_eval_unknown_fn(...)
 {
 ... when any
*return E;
 }

@script:python depends on report@
p << scan.p;
@@
coccilib.report.print_report(p[0], "subchannels that are not meant are passed over without a break")

@script:python depends on org@
p << scan.p;
@@
coccilib.org.print_todo(p[0], "subchannels that are not meant are passed over without a break")
