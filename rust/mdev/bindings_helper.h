/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The C interface that rust/mdev is written on. bindgen reads it at build time, with the flags of
 * the kernel that the module is for; nothing of it is declared by hand in Rust.
 */
#include <linux/eventfd.h>
#include <linux/mdev.h>
#include <linux/mm.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <linux/vmalloc.h>

/*
 * Constants that bindgen does not evaluate, or has in enumerations without a name. Kbuild drops the
 * prefix.
 */
#define MDEV_RUST_CONST(name) static const unsigned int MDEV_RUST_##name = name
MDEV_RUST_CONST(VFIO_DEVICE_GET_INFO);
MDEV_RUST_CONST(VFIO_DEVICE_GET_IRQ_INFO);
MDEV_RUST_CONST(VFIO_DEVICE_SET_IRQS);
MDEV_RUST_CONST(VFIO_DEVICE_RESET);
MDEV_RUST_CONST(VFIO_PCI_BAR0_REGION_INDEX);
MDEV_RUST_CONST(VFIO_PCI_BAR2_REGION_INDEX);
MDEV_RUST_CONST(VFIO_PCI_CONFIG_REGION_INDEX);
MDEV_RUST_CONST(VFIO_PCI_NUM_REGIONS);
MDEV_RUST_CONST(VFIO_PCI_INTX_IRQ_INDEX);
MDEV_RUST_CONST(VFIO_PCI_REQ_IRQ_INDEX);
MDEV_RUST_CONST(VFIO_PCI_NUM_IRQS);
