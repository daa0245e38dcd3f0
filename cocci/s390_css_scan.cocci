// SPDX-License-Identifier: GPL-2.0-only
/// css lets others run while it looks through all the subchannels that there could be.
///
/// After a channel report the numbers of all subchannels are looked through, 262144 of them, and
/// those that are not meant are passed over without a break. With lockdep, or as a guest that has
/// to share a processor, that is longer than RCU waits before it reports a stall.
//
// Confidence: High
// File: drivers/s390/cio/css.c

virtual patch

@done@
expression E;
@@
 slow_eval_unknown_fn(...)
 {
 ... when any
 cond_resched();
 return E;
 }

@depends on !done@
expression E;
@@
 slow_eval_unknown_fn(...)
 {
 ... when any
+cond_resched();
 return E;
 }
