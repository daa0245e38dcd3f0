// SPDX-License-Identifier: GPL-2.0-only

//! Mediated devices: drivers in Rust on the C core.
//!
//! A driver implements [`Driver`], registers it with [`Registration`], and offers types of mediated
//! devices with [`Parent`]. It has no unsafe code: what C promises about lifetime is expressed by
//! the types of this crate. `Documentation/rust.rst` has the C call beside each of them.
//!
//! C headers: `include/linux/mdev.h` of this project, and `include/linux/vfio.h` of the kernel.

mod bindings;
mod contract;
mod driver;
mod instance;
mod ioctl;
mod irq;
mod parent;
mod ram;

pub use driver::{
    Charge,
    DeviceApi,
    Driver,
    Mdev,
    Region,
    Registration, //
};
pub use instance::{
    Mapping,
    Open, //
};
pub use irq::{
    EventFd,
    Irq,
    IrqAction,
    IrqData,
    IrqSet, //
};
pub use parent::{
    register_managed,
    Budget,
    Owner,
    Parent,
    Type,
    TypeInfo, //
};
pub use ram::Ram;

/// Constants of `include/uapi/linux/vfio.h` and `include/uapi/linux/pci_regs.h`.
pub mod uapi {
    pub use super::bindings::{
        PCI_BASE_ADDRESS_0,
        PCI_BASE_ADDRESS_2,
        PCI_BASE_ADDRESS_MEM_MASK,
        PCI_BASE_ADDRESS_MEM_PREFETCH,
        PCI_CLASS_DEVICE,
        PCI_COMMAND,
        PCI_COMMAND_INTX_DISABLE,
        PCI_COMMAND_MASTER,
        PCI_COMMAND_MEMORY,
        PCI_DEVICE_ID,
        PCI_INTERRUPT_LINE,
        PCI_INTERRUPT_PIN,
        PCI_STATUS,
        PCI_STATUS_INTERRUPT,
        PCI_SUBSYSTEM_ID,
        PCI_SUBSYSTEM_VENDOR_ID,
        PCI_VENDOR_ID,
        VFIO_IRQ_INFO_AUTOMASKED,
        VFIO_IRQ_INFO_EVENTFD,
        VFIO_IRQ_INFO_MASKABLE,
        VFIO_PCI_BAR0_REGION_INDEX,
        VFIO_PCI_BAR2_REGION_INDEX,
        VFIO_PCI_CONFIG_REGION_INDEX,
        VFIO_PCI_INTX_IRQ_INDEX,
        VFIO_PCI_NUM_IRQS,
        VFIO_PCI_NUM_REGIONS,
        VFIO_PCI_REQ_IRQ_INDEX,
        VFIO_REGION_INFO_FLAG_MMAP,
        VFIO_REGION_INFO_FLAG_READ,
        VFIO_REGION_INFO_FLAG_WRITE, //
    };
}
