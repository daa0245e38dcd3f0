/* SPDX-License-Identifier: GPL-2.0-only */
/* device_driver_attach(): bind a device to the driver that the caller names */
#ifndef COMPAT_DEVICE_DRIVER_ATTACH_H
#define COMPAT_DEVICE_DRIVER_ATTACH_H

struct device;
struct device_driver;

int compat_device_driver_attach(struct device_driver *drv, struct device *dev);

#define device_driver_attach compat_device_driver_attach

#endif /* COMPAT_DEVICE_DRIVER_ATTACH_H */
