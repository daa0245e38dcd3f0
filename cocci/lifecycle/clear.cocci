// SPDX-License-Identifier: GPL-2.0-only
///
/// Report private data that is cleared before the vfio device is unregistered.
/// vfio_unregister_group_dev() waits for the user, and events are lost meanwhile:
/// unregister, then clear, then free.
///
//# Report only: the fix depends on the driver.
//
// Confidence: Moderate
// Options: --no-includes
// Keywords: dev_set_drvdata, vfio_unregister_group_dev
// Requires: 1.1.1

virtual context
virtual org
virtual report

@early depends on org || report@
expression d;
position p;
@@
 dev_set_drvdata@p(d, NULL);
 ... when != dev_set_drvdata(...)
 vfio_unregister_group_dev(...);

@early_context depends on context@
expression d;
@@
* dev_set_drvdata(d, NULL);
 ... when != dev_set_drvdata(...)
 vfio_unregister_group_dev(...);

@script:python depends on report@
p << early.p;
@@
coccilib.report.print_report(p[0],
    "private data is cleared before the vfio device is unregistered: unregister, then clear")

@script:python depends on org@
p << early.p;
@@
coccilib.org.print_todo(p[0],
    "private data is cleared before the vfio device is unregistered: unregister, then clear")
