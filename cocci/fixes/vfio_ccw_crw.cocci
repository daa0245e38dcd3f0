// SPDX-License-Identifier: GPL-2.0-only
///
/// Take crw_lock to read the queue of channel reports.
///
/// Trees without the lock dequeue a report and look for further ones while a machine check adds
/// one. vfio_ccw_crw_dequeue() and vfio_ccw_crw_notify() of this project hold the lock.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: vfio_ccw_crw, crw_lock
// Requires: 1.1.1
// File: drivers/s390/cio/vfio_ccw_chp.c

virtual patch
virtual context
virtual org
virtual report

@locked@
position p;
expression E;
@@
 spin_lock_irqsave@p(&E->crw_lock, ...)

@depends on patch && !locked@
expression P, C;
@@
- C = list_first_entry_or_null(&P->crw, struct vfio_ccw_crw, next);
- if (C)
- 	list_del(&C->next);
+ C = vfio_ccw_crw_dequeue(P);

@depends on patch && !locked@
expression P;
@@
- if (!list_empty(&P->crw) && P->crw_trigger)
- 	eventfd_signal(P->crw_trigger, ...);
+ vfio_ccw_crw_notify(P);

@bare depends on (org || report) && !locked@
expression P, C;
position p;
@@
(
 C = list_first_entry_or_null@p(&P->crw, struct vfio_ccw_crw, next);
|
 list_empty@p(&P->crw)
)

@depends on context && !locked@
expression P, C;
@@
(
* C = list_first_entry_or_null(&P->crw, struct vfio_ccw_crw, next);
|
* list_empty(&P->crw)
)

@script:python depends on report@
p << bare.p;
@@
coccilib.report.print_report(p[0], "the queue of channel reports is read without crw_lock: take it")

@script:python depends on org@
p << bare.p;
@@
coccilib.org.print_todo(p[0], "the queue of channel reports is read without crw_lock: take it")
