// SPDX-License-Identifier: GPL-2.0-only
///
/// Export the function that takes a reference on a registered vfio device, and its
/// counterpart. A driver that delivers callbacks to registered devices only needs both.
/// The function is static in vfio.c, and not exported in vfio_main.c, where it may be
/// static; trees that export it already stay as they are.
///
//# Pass drivers/vfio/vfio.c or vfio_main.c together with include/linux/vfio.h.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: vfio_device_try_get, vfio_device_try_get_registration
// Requires: 1.1.1

# spatch --disable-worth-trying-opt

virtual patch
virtual context
virtual org
virtual report

// ---- vfio.c: the function is static

@hidden@
typedef bool;
identifier d;
position p;
@@
 static bool vfio_device_try_get@p(struct vfio_device *d)
 { ... }

@depends on patch && hidden@
identifier d;
declarer name EXPORT_SYMBOL_GPL;
@@
-static
 bool vfio_device_try_get(struct vfio_device *d)
 { ... }
+EXPORT_SYMBOL_GPL(vfio_device_try_get);

@declared_get@
typedef bool;
identifier device;
@@
 bool vfio_device_try_get(struct vfio_device *device);

@depends on patch && hidden && !declared_get@
identifier d;
@@
+extern bool vfio_device_try_get(struct vfio_device *device);
 extern void vfio_device_put(struct vfio_device *d);

@depends on context && hidden@
typedef bool;
identifier d;
@@
* static bool vfio_device_try_get(struct vfio_device *d)
 { ... }

// ---- vfio_main.c: the function is not exported

@exported@
declarer name EXPORT_SYMBOL_GPL;
@@
 EXPORT_SYMBOL_GPL(vfio_device_try_get_registration);

@inner depends on !exported@
typedef bool;
identifier device;
position p;
@@
 bool vfio_device_try_get_registration@p(struct vfio_device *device)
 { ... }

// in 6.1 both are static
@depends on patch && !exported@
identifier device;
@@
-static
 void vfio_device_put_registration(struct vfio_device *device)
 { ... }

@depends on patch && !exported@
typedef bool;
identifier device;
@@
-static
 bool vfio_device_try_get_registration(struct vfio_device *device)
 { ... }

@depends on patch && !exported@
identifier device;
declarer name EXPORT_SYMBOL_GPL;
@@
 void vfio_device_put_registration(struct vfio_device *device)
 {
 ...
 }
+EXPORT_SYMBOL_GPL(vfio_device_put_registration);

@depends on patch && !exported@
typedef bool;
identifier device;
declarer name EXPORT_SYMBOL_GPL;
@@
 bool vfio_device_try_get_registration(struct vfio_device *device)
 {
 ...
 }
+EXPORT_SYMBOL_GPL(vfio_device_try_get_registration);

@declared@
typedef bool;
identifier device;
position p;
@@
 bool vfio_device_try_get_registration@p(struct vfio_device *device);

// spatch never matches code added after a prototype, so add it before one
@depends on patch && !declared@
typedef bool;
identifier device;
@@
+bool vfio_device_try_get_registration(struct vfio_device *device);
+void vfio_device_put_registration(struct vfio_device *device);
 int vfio_register_emulated_iommu_dev(struct vfio_device *device);

@depends on context && !exported@
typedef bool;
identifier device;
@@
* bool vfio_device_try_get_registration(struct vfio_device *device)
 { ... }

// ---- reports

@script:python depends on report@
p << hidden.p;
@@
coccilib.report.print_report(p[0], "vfio_device_try_get() is not exported: export it for drivers")

@script:python depends on org@
p << hidden.p;
@@
coccilib.org.print_todo(p[0], "vfio_device_try_get() is not exported: export it for drivers")

@script:python depends on report@
p << inner.p;
@@
coccilib.report.print_report(p[0],
    "vfio_device_try_get_registration() is not exported: export it for drivers")

@script:python depends on org@
p << inner.p;
@@
coccilib.org.print_todo(p[0],
    "vfio_device_try_get_registration() is not exported: export it for drivers")
