// SPDX-License-Identifier: GPL-2.0-only
/// A driver may hold its registered vfio device: export the reference and its counterpart.
///
/// css calls a driver at any time, so that vfio-ccw needs a reference that is only there while the
/// device is registered. The eighth patch of the series of 2021. Trees that export both already
/// stay as they are.
//
// Confidence: High
// File: drivers/vfio/vfio_main.c
// File: include/linux/vfio.h

# spatch --disable-worth-trying-opt

virtual patch

@exported@
declarer name EXPORT_SYMBOL_GPL;
@@
 EXPORT_SYMBOL_GPL(vfio_device_try_get_registration);

@depends on !exported@
identifier device;
@@
 void vfio_device_put_registration(struct vfio_device *device)
 {
 ...
 }
+EXPORT_SYMBOL_GPL(vfio_device_put_registration);

@depends on !exported@
typedef bool;
identifier device;
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

@depends on !declared@
identifier device;
@@
 int vfio_register_emulated_iommu_dev(struct vfio_device *device);
+bool vfio_device_try_get_registration(struct vfio_device *device);
+void vfio_device_put_registration(struct vfio_device *device);
