// SPDX-License-Identifier: GPL-2.0-only

//! Drivers of mediated devices, and the devices that they are bound to.

use crate::{
    bindings,
    instance::{
        self,
        Mapping,
        Open, //
    },
    irq::{
        Irq,
        IrqSet, //
    },
    parent::{
        self,
        Type, //
    },
};
use core::{
    marker::PhantomData,
    ptr, //
};
use kernel::{
    device::Device,
    error::{
        from_result,
        to_result, //
    },
    fmt,
    page::PAGE_SIZE,
    prelude::*,
    str::Formatter,
    sync::Arc,
    types::Opaque,
    uaccess::UserPtr,
    ThisModule, //
};

/// The bus of a mediated device in the virtual machine: the attribute `device_api`.
#[derive(Clone, Copy)]
pub enum DeviceApi {
    /// `vfio-pci`.
    Pci,
    /// `vfio-ccw`.
    Ccw,
    /// `vfio-ap`.
    Ap,
}

impl DeviceApi {
    /// The string for C.
    const fn as_ptr(self) -> *const u8 {
        match self {
            Self::Pci => bindings::VFIO_DEVICE_API_PCI_STRING.as_ptr(),
            Self::Ccw => bindings::VFIO_DEVICE_API_CCW_STRING.as_ptr(),
            Self::Ap => bindings::VFIO_DEVICE_API_AP_STRING.as_ptr(),
        }
    }

    /// The flag in `struct vfio_device_info`.
    pub(crate) const fn flag(self) -> u32 {
        match self {
            Self::Pci => bindings::VFIO_DEVICE_FLAGS_PCI,
            Self::Ccw => bindings::VFIO_DEVICE_FLAGS_CCW,
            Self::Ap => bindings::VFIO_DEVICE_FLAGS_AP,
        }
    }
}

/// A region of a device: the answer to `VFIO_DEVICE_GET_REGION_INFO`.
#[derive(Clone, Copy, Default)]
pub struct Region {
    /// Bytes; 0 if the device does not have this region.
    pub size: u64,
    /// `VFIO_REGION_INFO_FLAG_*`.
    pub flags: u32,
}

/// A driver of mediated devices. A value of the type is one mediated device.
///
/// The value is made by [`probe`](Driver::probe), and dropped when the last reference on the vfio
/// device goes, which is after the removal of the mediated device. `'static` keeps a driver from
/// storing a [`Type`], which is valid until the removal only.
///
/// The functions with an [`Open`] are called between [`open`](Driver::open) and
/// [`close`](Driver::close). Every function may sleep.
#[vtable]
pub trait Driver: Sized + Send + Sync + 'static {
    /// The name of the driver, in `/sys/bus/mdev/drivers`.
    const NAME: &'static CStr;

    /// The bus in the virtual machine.
    const DEVICE_API: DeviceApi;

    /// How many devices a parent admits, all types together. 0: the budgets are the only limit.
    const MAX_INSTANCES: u32 = 0;

    /// Number of regions; a region's index is smaller.
    const REGIONS: u32;

    /// Number of interrupts; an interrupt's index is smaller.
    const IRQS: u32;

    /// Data of the driver for each parent.
    type Parent: Send + Sync + 'static;

    /// Data of the driver for each type.
    type Type: Send + Sync + 'static;

    /// Makes the device. The write to `create` fails with the error.
    fn probe(mdev: &Mdev<'_, Self>) -> impl PinInit<Self, Error>;

    /// Writes the attribute `description` of a type.
    fn description(_kind: &Type<'_, Self>, _out: &mut Formatter<'_>) -> fmt::Result {
        Ok(())
    }

    /// The first user opens the device.
    fn open(_this: &Open<'_, Self>) -> Result {
        Ok(())
    }

    /// The last user closes the device.
    fn close(_this: &Open<'_, Self>) {}

    /// The region of an index smaller than [`Self::REGIONS`].
    fn region(&self, index: u32) -> Region;

    /// Reads from a region: 1, 2, 4 or 8 bytes, aligned by their number, within the region.
    fn read(this: &Open<'_, Self>, index: u32, at: u64, data: &mut [u8]) -> Result;

    /// Writes to a region: as for [`read`](Driver::read).
    fn write(this: &Open<'_, Self>, index: u32, at: u64, data: &[u8]) -> Result;

    /// Maps a part of a region with `VFIO_REGION_INFO_FLAG_MMAP` into a process.
    fn mmap(_this: &Open<'_, Self>, _mapping: &Mapping<'_>) -> Result {
        Err(ENODEV)
    }

    /// The interrupt of an index smaller than [`Self::IRQS`].
    fn irq(&self, index: u32) -> Irq;

    /// Masks, unmasks, triggers or connects interrupts, after the checks of vfio.
    fn set_irqs(this: &Open<'_, Self>, set: IrqSet) -> Result;

    /// Resets the device.
    fn reset(_this: &Open<'_, Self>) -> Result {
        Err(ENOTTY)
    }

    /// Any other ioctl.
    fn ioctl(_this: &Open<'_, Self>, _cmd: u32, _arg: UserPtr) -> Result<isize> {
        Err(ENOTTY)
    }

    /// The host wants the device back: ask the user to close it. Called until it is closed.
    fn request(&self, _count: u32) {}
}

/// A mediated device that is being probed.
pub struct Mdev<'a, D: Driver> {
    raw: *mut bindings::mdev_device,
    _mdev: PhantomData<(&'a Device, &'a D)>,
}

impl<'a, D: Driver> Mdev<'a, D> {
    /// # Safety
    ///
    /// For the duration of `'a`, the probe callback is running for `raw`, of the driver that a
    /// [`Registration<D>`] registered.
    pub(crate) unsafe fn from_raw(raw: *mut bindings::mdev_device) -> Self {
        Self {
            raw,
            _mdev: PhantomData,
        }
    }

    /// The device on the mdev bus. Its name is the UUID.
    pub fn device(&self) -> &'a Device {
        // SAFETY: mdev.h: `dev` is a member of the device, which is valid for `'a`.
        unsafe { Device::from_raw(&raw mut (*self.raw).dev) }
    }

    /// The type that user space chose.
    pub fn kind(&self) -> Type<'a, D> {
        // SAFETY: mdev.h: `type` is valid until the remove callback has returned, which is after
        // `'a`; every type of the driver was registered by `Parent<D, _>`.
        unsafe { Type::from_raw((*self.raw).type_) }
    }

    /// Refuses the device although the budgets suffice for it: `mdev_refuse()`.
    ///
    /// For a driver whose own allocator can fail: memory that fragments, for instance. Returns
    /// `EUSERS`, for [`Driver::probe`] to return.
    pub fn refuse(&self) -> Error {
        // SAFETY: mdev_refuse(): the probe callback is running, for all of `'a`.
        Error::from_errno(unsafe { bindings::mdev_refuse(self.raw) })
    }

    /// Keeps what the device takes of the budgets beyond its removal: `mdev_charge_get()`.
    ///
    /// A [`Driver`] is dropped after the removal, and so is the memory that it has. A value of this
    /// type as its last field gives the charge back when that memory is free.
    pub fn charge(&self) -> Charge {
        // SAFETY: mdev_charge_get(): the probe callback is running, for all of `'a`.
        unsafe { bindings::mdev_charge_get(self.raw) };
        Charge(self.raw)
    }
}

/// The charge of a device: its part of the parent's budgets. Dropping it gives that back.
pub struct Charge(*mut bindings::mdev_device);

// SAFETY: mdev_charge_put(): any task may call it.
unsafe impl Send for Charge {}

// SAFETY: there is nothing to do with a reference to it.
unsafe impl Sync for Charge {}

impl Drop for Charge {
    fn drop(&mut self) {
        // SAFETY: mdev_charge_put(): pairs with the mdev_charge_get() of `Mdev::charge()`, which
        // keeps the device until now.
        unsafe { bindings::mdev_charge_put(self.0) };
    }
}

/// A registered driver: `mdev_register_driver()`. Dropping it unregisters the driver.
///
/// Each [`Parent`](crate::Parent) holds a reference: `mdev_unregister_driver()` may be called when
/// the parents are unregistered, not before.
#[pin_data(PinnedDrop)]
pub struct Registration<D: Driver> {
    #[pin]
    raw: Opaque<bindings::mdev_driver>,
    _driver: PhantomData<D>,
}

// SAFETY: the functions that take a `struct mdev_driver` may be called by any task.
unsafe impl<D: Driver> Send for Registration<D> {}

// SAFETY: there is no way to change the `struct mdev_driver` through a reference.
unsafe impl<D: Driver> Sync for Registration<D> {}

impl<D: Driver> Registration<D> {
    /// Registers the driver of a module.
    pub fn new(module: &'static ThisModule) -> Result<Arc<Self>> {
        Arc::pin_init(
            try_pin_init!(Self {
                raw <- Opaque::try_ffi_init(|raw: *mut bindings::mdev_driver| {
                    // SAFETY: `raw` is memory for a `struct mdev_driver`, of which every bit pattern
                    // that is zero is valid.
                    unsafe { ptr::write_bytes(raw, 0, 1) };
                    // SAFETY: as above; `raw` is pinned, so that C may keep pointers to it.
                    unsafe {
                        (*raw).device_api = D::DEVICE_API.as_ptr();
                        (*raw).max_instances = D::MAX_INSTANCES;
                        (*raw).probe = Some(probe::<D>);
                        (*raw).remove = Some(remove);
                        if D::HAS_DESCRIPTION {
                            (*raw).show_description = Some(show_description::<D>);
                        }
                        (*raw).driver.name = D::NAME.as_char_ptr();
                        (*raw).driver.owner = module.as_ptr();
                    }
                    // SAFETY: mdev_register_driver(): the driver stays in memory until it is
                    // unregistered, by `drop()`.
                    to_result(unsafe { bindings::mdev_register_driver(raw) })
                }),
                _driver: PhantomData,
            }),
            GFP_KERNEL,
        )
    }

    /// The driver for a parent's registration.
    pub(crate) fn as_raw(&self) -> *mut bindings::mdev_driver {
        self.raw.get()
    }
}

#[pinned_drop]
impl<D: Driver> PinnedDrop for Registration<D> {
    fn drop(self: Pin<&mut Self>) {
        // SAFETY: mdev_unregister_driver(): the driver is registered, or there would be no value,
        // and no parent is, because each one holds a reference on this.
        unsafe { bindings::mdev_unregister_driver(self.raw.get()) };
    }
}

/// `mdev_driver.probe`: makes and registers the vfio device.
///
/// # Safety
///
/// To be called by the core, as `include/linux/mdev.h` says.
unsafe extern "C" fn probe<D: Driver>(mdev: *mut bindings::mdev_device) -> c_int {
    from_result(|| {
        // SAFETY: mdev.h: the core passes a valid device whose attributes exist, and which it
        // binds to this driver.
        unsafe { instance::bind::<D>(mdev) }.map(|()| 0)
    })
}

/// `mdev_driver.remove`: waits for the user, and gives up the vfio device.
///
/// # Safety
///
/// To be called by the core, as `include/linux/mdev.h` says.
unsafe extern "C" fn remove(mdev: *mut bindings::mdev_device) {
    // SAFETY: mdev.h: the core calls this once for each probe that succeeded.
    unsafe { instance::unbind(mdev) };
}

/// `mdev_driver.show_description`.
///
/// # Safety
///
/// To be called by the core, as `include/linux/mdev.h` says.
unsafe extern "C" fn show_description<D: Driver>(
    kind: *mut bindings::mdev_type,
    buffer: *mut c_char,
) -> isize {
    // SAFETY: mdev.h: the type is registered as long as its attribute is read, and all types of
    // this driver are those of `Parent<D, _>`.
    let kind = unsafe { Type::<D>::from_raw(kind) };
    // SAFETY: Documentation/filesystems/sysfs.rst: a show function gets a page, which sysfs has
    // cleared, for itself.
    let page = unsafe { core::slice::from_raw_parts_mut(buffer.cast::<u8>(), PAGE_SIZE) };
    parent::show(page, |out| D::description(&kind, out))
}
