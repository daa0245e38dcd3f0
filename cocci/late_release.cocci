// SPDX-License-Identifier: GPL-2.0-only
///
/// Keep the charge of an mdev until the release callback of its vfio device has run: the
/// driver frees there what the core has counted, and somebody may hold the vfio device
/// longer than the driver's remove lasts.
///
//# For drivers that register their parent with pools. mdev_charge_get() goes to the end of
//# the init callback, mdev_charge_put() to the end of release.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_register_parent_pools, vfio_device_ops, mdev_charge_get, mdev_charge_put
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@pools@
@@
 mdev_register_parent_pools(...)

@done@
@@
 mdev_charge_put(...)

@ops depends on pools && !done@
identifier x, start, end;
position p;
@@
 struct vfio_device_ops x = { ..., .init = start, ..., .release = end@p, ... };

@given depends on patch@
identifier ops.start, vdev;
@@
 start(struct vfio_device *vdev)
 {
	... when any
+	mdev_charge_get(to_mdev_device(vdev->dev));
	return 0;
 ... when any
 }

// release may free the vfio device
@depends on given@
identifier ops.end, vdev;
@@
 end(struct vfio_device *vdev)
 {
+	struct mdev_device *charged = to_mdev_device(vdev->dev);
	...
+	mdev_charge_put(charged);
 }

@depends on context@
identifier ops.end;
@@
* end(...) { ... }

@script:python depends on report@
p << ops.p;
@@
coccilib.report.print_report(p[0], "the core counts what this callback frees: keep the charge of "
                                   "the mdev until then")

@script:python depends on org@
p << ops.p;
@@
coccilib.org.print_todo(p[0], "the core counts what this callback frees: keep the charge of the "
                              "mdev until then")
