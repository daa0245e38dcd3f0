// SPDX-License-Identifier: GPL-2.0-only
///
/// A driver that hands callbacks to a registered vfio device only needs to take a
/// reference on it if it is registered. vfio has that function: where it is static,
/// it is exported. Where vfio exports one already, by this or by its later name,
/// vfio_device_try_get_registration, nothing is done.
///
//# Give drivers/vfio/vfio.c and include/linux/vfio.h.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: vfio_device_try_get
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@hidden@
typedef bool;
identifier d;
position p;
@@
 static bool vfio_device_try_get(struct vfio_device *d@p)
 { ... }

@depends on patch && hidden@
identifier d;
declarer name EXPORT_SYMBOL_GPL;
@@
-static
 bool vfio_device_try_get(struct vfio_device *d)
 { ... }
+EXPORT_SYMBOL_GPL(vfio_device_try_get);

@declared@
@@
 bool vfio_device_try_get(struct vfio_device *device);

@depends on patch && hidden && !declared@
identifier d;
@@
+extern bool vfio_device_try_get(struct vfio_device *device);
 extern void vfio_device_put(struct vfio_device *d);

@depends on context@
identifier d;
@@
* static bool vfio_device_try_get(struct vfio_device *d)
 { ... }

@script:python depends on report@
p << hidden.p;
@@
coccilib.report.print_report(p[0], "vfio_device_try_get is not exported")

@script:python depends on org@
p << hidden.p;
@@
coccilib.org.print_todo(p[0], "vfio_device_try_get is not exported")
