// SPDX-License-Identifier: GPL-2.0-only
///
/// Report an error path of a probe that leaves its vfio device behind: registered, so that users
/// can open a device whose driver has failed, or allocated and never freed.
///
//# Report only: the fix depends on the driver.
//
// Confidence: Moderate
// Options: --no-includes
// Keywords: vfio_register_group_dev, vfio_register_emulated_iommu_dev, vfio_alloc_device
// Requires: 1.1.1

virtual context
virtual org
virtual report

@registered depends on org || report exists@
identifier reg = {vfio_register_group_dev, vfio_register_emulated_iommu_dev};
expression ret, e;
constant c;
position p;
@@
 ret = reg(...);
 if (\(ret\|ret < 0\|ret != 0\)) { ... }
 ... when != vfio_unregister_group_dev(...)
     when any
 if (e@p) {
	... when != vfio_unregister_group_dev(...)
(
	return -c;
|
	return PTR_ERR(...);
|
	return ret;
)
 }

@registered_context depends on context exists@
identifier reg = {vfio_register_group_dev, vfio_register_emulated_iommu_dev};
expression ret, e;
constant c;
@@
 ret = reg(...);
 if (\(ret\|ret < 0\|ret != 0\)) { ... }
 ... when != vfio_unregister_group_dev(...)
     when any
 if (e) {
	... when != vfio_unregister_group_dev(...)
(
*	return -c;
|
*	return PTR_ERR(...);
|
*	return ret;
)
 }

@allocated depends on org || report exists@
expression v, ret, e;
constant c;
position p;
@@
 v = vfio_alloc_device(...);
 if (IS_ERR(v)) { ... }
 ... when != vfio_put_device(...)
     when any
 if (e@p) {
	... when != vfio_put_device(...)
(
	return -c;
|
	return PTR_ERR(...);
|
	return ret;
)
 }

@allocated_context depends on context exists@
expression v, ret, e;
constant c;
@@
 v = vfio_alloc_device(...);
 if (IS_ERR(v)) { ... }
 ... when != vfio_put_device(...)
     when any
 if (e) {
	... when != vfio_put_device(...)
(
*	return -c;
|
*	return PTR_ERR(...);
|
*	return ret;
)
 }

@script:python depends on report@
p << registered.p;
@@
coccilib.report.print_report(p[0],
    "this error path leaves the vfio device registered: unregister it before its return")

@script:python depends on org@
p << registered.p;
@@
coccilib.org.print_todo(p[0],
    "this error path leaves the vfio device registered: unregister it before its return")

@script:python depends on report@
p << allocated.p;
@@
coccilib.report.print_report(p[0],
    "this error path leaks the vfio device: call vfio_put_device() before its return")

@script:python depends on org@
p << allocated.p;
@@
coccilib.org.print_todo(p[0],
    "this error path leaks the vfio device: call vfio_put_device() before its return")
