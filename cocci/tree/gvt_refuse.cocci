// SPDX-License-Identifier: GPL-2.0-only
///
/// Tell the mdev core when the apertures are too fragmented for an instance that it admitted, so
/// that available_instances follows.
///
/// i915 gvt allocates a contiguous range of each aperture. The core counts bytes: after instances
/// of different sizes came and went, the sum can suffice and no range be large enough.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: intel_gvt_create_vgpu, mdev_refuse
// Requires: 1.1.1
// File: drivers/gpu/drm/i915/gvt/kvmgt.c

virtual patch
virtual context
virtual org
virtual report

@done@
@@
 mdev_refuse(...)

@depends on patch && !done@
identifier ret, mdev;
expression vgpu, conf;
@@
 {
	...
	struct mdev_device *mdev = ...;
	...
	ret = intel_gvt_create_vgpu(vgpu, conf);
+	if (ret == -ENOSPC)
+		ret = mdev_refuse(mdev);
	if (ret)
		return ret;
	...
 }

@kept depends on (org || report) && !done@
expression ret, vgpu, conf;
position p;
@@
 ret = intel_gvt_create_vgpu@p(vgpu, conf);
 if (ret)
	return ret;

@depends on context && !done@
expression ret, vgpu, conf;
@@
* ret = intel_gvt_create_vgpu(vgpu, conf);
 if (ret)
	return ret;

@script:python depends on report@
p << kept.p;
@@
coccilib.report.print_report(p[0], "no contiguous range is left: tell the core by mdev_refuse()")

@script:python depends on org@
p << kept.p;
@@
coccilib.org.print_todo(p[0], "no contiguous range is left: tell the core by mdev_refuse()")
