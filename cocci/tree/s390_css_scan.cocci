// SPDX-License-Identifier: GPL-2.0-only
///
/// Call cond_resched() in the scan of all subchannels.
///
/// After a channel report css scans 262144 subchannel ids and skips most of them without a break.
/// With lockdep, or in a guest that shares a processor, the scan takes longer than RCU's stall
/// timeout.
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
coccilib.report.print_report(p[0],
    "this scan of all subchannels never reschedules: call cond_resched() here")

@script:python depends on org@
p << scan.p;
@@
coccilib.org.print_todo(p[0],
    "this scan of all subchannels never reschedules: call cond_resched() here")
