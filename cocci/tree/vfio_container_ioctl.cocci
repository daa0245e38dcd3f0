// SPDX-License-Identifier: GPL-2.0-only
///
/// Keep the data of a container's IOMMU driver while an ioctl uses them.
///
/// An ioctl of a container goes to the IOMMU driver without a lock. The last group that leaves the
/// container frees the driver's data: when its last mdev is removed, or when another thread of the
/// user detaches it. All places that free the data take group_lock for writing.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: vfio_fops_unl_ioctl, iommu_data, group_lock
// Requires: 1.1.1
// File: drivers/vfio/container.c

virtual patch
virtual context
virtual org
virtual report

@done exists@
identifier container;
@@
 vfio_fops_unl_ioctl(...)
 {
	... when any
	down_read(&container->group_lock);
	... when any
 }

@depends on patch && !done@
identifier container, driver, data, ret, cmd, arg;
@@
 vfio_fops_unl_ioctl(...)
 {
 <...
+		down_read(&container->group_lock);
 		driver = container->iommu_driver;
 		data = container->iommu_data;
 		if (driver)
 			ret = driver->ops->ioctl(data, cmd, arg);
+		up_read(&container->group_lock);
 ...>
 }

@passed depends on (org || report) && !done@
expression driver, ret;
position p;
@@
 vfio_fops_unl_ioctl(...)
 {
 <+...
	ret = driver->ops->ioctl@p(...);
 ...+>
 }

@depends on context && !done@
expression driver, ret;
@@
 vfio_fops_unl_ioctl(...)
 {
 <...
*	ret = driver->ops->ioctl(...);
 ...>
 }

@script:python depends on report@
p << passed.p;
@@
coccilib.report.print_report(p[0], "the data may be freed meanwhile: take group_lock for reading")

@script:python depends on org@
p << passed.p;
@@
coccilib.org.print_todo(p[0], "the data may be freed meanwhile: take group_lock for reading")
