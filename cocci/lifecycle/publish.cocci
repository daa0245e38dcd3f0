// SPDX-License-Identifier: GPL-2.0-only
///
/// Report private data that is published after the vfio device is registered. A user may
/// open a registered device and start I/O, and an early interrupt finds no private data:
/// publish, then register.
///
//# Report only: the fix depends on the driver.
//
// Confidence: Moderate
// Options: --no-includes
// Keywords: dev_set_drvdata, vfio_register_group_dev, vfio_register_emulated_iommu_dev
// Requires: 1.1.1

virtual context
virtual org
virtual report

@late depends on org || report@
expression d, e, ret;
identifier reg = {vfio_register_group_dev, vfio_register_emulated_iommu_dev};
position p;
@@
 ret = reg(...);
 ... when != vfio_unregister_group_dev(...)
     when any
 dev_set_drvdata@p(d, e);

@late_context depends on context@
expression d, e, ret;
identifier reg = {vfio_register_group_dev, vfio_register_emulated_iommu_dev};
@@
 ret = reg(...);
 ... when != vfio_unregister_group_dev(...)
     when any
* dev_set_drvdata(d, e);

@script:python depends on report@
p << late.p;
@@
coccilib.report.print_report(p[0],
    "private data is published after the vfio device is registered: publish, then register")

@script:python depends on org@
p << late.p;
@@
coccilib.org.print_todo(p[0],
    "private data is published after the vfio device is registered: publish, then register")
