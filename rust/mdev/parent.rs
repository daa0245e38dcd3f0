// SPDX-License-Identifier: GPL-2.0-only

//! Parents, their types and their budgets.

use crate::{
    bindings,
    driver::{
        Driver,
        Registration, //
    },
};
use core::ptr;
use kernel::{
    device::{
        Bound,
        Device, //
    },
    devres,
    error::to_result,
    faux, fmt,
    prelude::*,
    str::Formatter,
    sync::{
        aref::ARef,
        Arc, //
    },
    types::Opaque,
};

/// A type that a parent offers.
pub struct TypeInfo<T> {
    /// The second half of the type's folder in sysfs.
    pub name: &'static CStr,
    /// The attribute `name`, if there is to be one.
    pub pretty_name: Option<&'static CStr>,
    /// Data of the driver for this type.
    pub data: T,
}

/// A resource that the devices of a parent share: `struct mdev_pool`.
///
/// The core admits a device if everything that its type costs is free, and refuses it with `EUSERS`
/// otherwise. A parent with `N` types has `N` costs: another number does not compile.
pub struct Budget<const N: usize> {
    /// A word for the log and for debugfs.
    pub name: &'static CStr,
    /// How much there is, in units of the driver's choice.
    pub total: u64,
    /// How much one device of each type takes.
    pub costs: [u64; N],
}

/// The device behind a [`Parent`], which keeps it bound.
pub trait Owner: Send + Sync + 'static {
    /// The device that is sliced.
    fn device(&self) -> &Device<Bound>;
}

impl Owner for faux::Registration {
    fn device(&self) -> &Device<Bound> {
        self.as_ref().as_ref()
    }
}

/// The owner of a [`Parent`] that devres unregisters, before the device's driver is unbound.
struct Managed(ARef<Device>);

impl Owner for Managed {
    fn device(&self) -> &Device<Bound> {
        // SAFETY: only `register_managed()` makes a value, of a bound device; devres drops it
        // before that device is unbound.
        unsafe { self.0.as_bound() }
    }
}

/// A type and its data. C has the address of `raw`, and so of the slot.
#[repr(C)]
struct Slot<D: Driver> {
    raw: Opaque<bindings::mdev_type>,
    data: D::Type,
}

/// Memory behind `mdev_type.parent`, as callbacks find it.
#[repr(C)]
struct Shared<D: Driver> {
    raw: Opaque<bindings::mdev_parent>,
    data: D::Parent,
}

/// Everything that `mdev_register_parent_pools()` gets an address of; in this order it is dropped.
struct Memory<D: Driver, O: Owner> {
    shared: Shared<D>,
    slots: KVec<Slot<D>>,
    types: KVec<*mut bindings::mdev_type>,
    owner: O,
    // the last one: the driver may go when its parents are gone
    driver: Arc<Registration<D>>,
}

/// A registered parent: `mdev_register_parent_pools()`. Dropping it unregisters the parent.
///
/// Unregistering removes all its mediated devices, and waits until their users have closed them.
/// Afterwards C has no pointer to the parent's memory, which is freed. The value owns the device
/// (`O`) and a reference on the driver: both outlive the registration, also if the value is leaked.
pub struct Parent<D: Driver, O: Owner> {
    memory: Pin<KBox<Memory<D, O>>>,
}

// SAFETY: the pointers in `types` are to `slots` of the same value, which are not accessed through
// them after the registration. The rest is `Send`.
unsafe impl<D: Driver, O: Owner> Send for Parent<D, O> {}

// SAFETY: the methods with `&self` call functions of C that any task may call. The rest is `Sync`.
unsafe impl<D: Driver, O: Owner> Sync for Parent<D, O> {}

impl<D: Driver, O: Owner> Parent<D, O> {
    /// Offers `types` of the device of `owner`. Without budgets, [`Driver::MAX_INSTANCES`] is the
    /// limit.
    ///
    /// User space may create devices before this returns.
    ///
    /// # Errors
    ///
    /// `EINVAL` if a type or a budget is invalid, and the kernel log says why; `EEXIST` if the
    /// device is a parent already; `ENOMEM`, and errors of sysfs.
    pub fn register<const N: usize>(
        driver: Arc<Registration<D>>,
        owner: O,
        data: D::Parent,
        types: [TypeInfo<D::Type>; N],
        budgets: &[Budget<N>],
    ) -> Result<Self> {
        let memory = Memory::new(driver, owner, data, types)?;
        let pools = pools(budgets)?;
        let (parent, device, driver, types, count) = memory.arguments();

        // SAFETY: mdev_register_parent(), mdev_register_parent_pools(): parent and types are pinned
        // and stay until `drop()` has unregistered the parent, names are `'static`, and `owner`
        // keeps the device; pools and costs are only read during the call.
        to_result(unsafe {
            if pools.is_empty() {
                bindings::mdev_register_parent(parent, device, driver, types, count)
            } else {
                let (pools, nr) = (pools.as_ptr(), pools.len() as u32);

                bindings::mdev_register_parent_pools(
                    parent, device, driver, types, count, pools, nr,
                )
            }
        })?;
        Ok(Self { memory })
    }

    /// The types, in the order of the registration.
    pub fn types(&self) -> impl Iterator<Item = Type<'_, D>> {
        self.memory.slots.iter().map(|slot| Type { slot })
    }

    /// Data of the driver for this parent.
    pub fn data(&self) -> &D::Parent {
        &self.memory.shared.data
    }

    /// Changes how much of a budget there is: `mdev_set_total()`.
    ///
    /// # Errors
    ///
    /// `EBUSY` if more is in use; `EINVAL` if there is no such budget.
    pub fn set_total(&self, budget: u32, total: u64) -> Result {
        let parent = self.memory.shared.raw.get();

        // SAFETY: mdev_set_total(): the parent is registered.
        to_result(unsafe { bindings::mdev_set_total(parent, budget, total) })
    }

    /// Unregisters the parent.
    pub fn unregister(self) {}
}

impl<D: Driver, O: Owner> Drop for Parent<D, O> {
    fn drop(&mut self) {
        // SAFETY: mdev_unregister_parent(): a value exists only while the parent is registered.
        unsafe { bindings::mdev_unregister_parent(self.memory.shared.raw.get()) };
    }
}

/// Offers `types` of a device that the caller's driver is bound to, until it is unbound.
///
/// As [`Parent::register`]. This is the form for the probe function of a bus driver.
pub fn register_managed<D: Driver, const N: usize>(
    driver: Arc<Registration<D>>,
    device: &Device<Bound>,
    data: D::Parent,
    types: [TypeInfo<D::Type>; N],
    budgets: &[Budget<N>],
) -> Result {
    let owner = Managed(ARef::from(&**device));
    let parent = Parent::register(driver, owner, data, types, budgets)?;

    devres::register(device, parent, GFP_KERNEL)
}

impl<D: Driver, O: Owner> Memory<D, O> {
    fn new<const N: usize>(
        driver: Arc<Registration<D>>,
        owner: O,
        data: D::Parent,
        infos: [TypeInfo<D::Type>; N],
    ) -> Result<Pin<KBox<Self>>> {
        let mut slots = KVec::with_capacity(N, GFP_KERNEL)?;
        for info in infos {
            let raw = Opaque::<bindings::mdev_type>::zeroed();

            // SAFETY: `raw` is memory for a `struct mdev_type` that nobody else has.
            unsafe {
                (*raw.get()).sysfs_name = info.name.as_char_ptr();
                (*raw.get()).pretty_name = info
                    .pretty_name
                    .map_or(ptr::null(), |name| name.as_char_ptr());
            }
            slots.push(
                Slot {
                    raw,
                    data: info.data,
                },
                GFP_KERNEL,
            )?;
        }
        // the slots do not move any more
        let mut types = KVec::with_capacity(N, GFP_KERNEL)?;
        for slot in slots.iter() {
            types.push(slot.raw.get(), GFP_KERNEL)?;
        }
        let memory = Self {
            shared: Shared {
                raw: Opaque::zeroed(),
                data,
            },
            slots,
            types,
            owner,
            driver,
        };
        Ok(KBox::into_pin(KBox::new(memory, GFP_KERNEL)?))
    }

    /// The first five arguments of `mdev_register_parent()`.
    fn arguments(
        &self,
    ) -> (
        *mut bindings::mdev_parent,
        *mut kernel::bindings::device,
        *mut bindings::mdev_driver,
        *mut *mut bindings::mdev_type,
        u32,
    ) {
        (
            self.shared.raw.get(),
            // `Device` is a transparent wrapper of `struct device`
            ptr::from_ref(self.owner.device()).cast_mut().cast(),
            self.driver.as_raw(),
            self.types.as_ptr().cast_mut(),
            self.types.len() as u32,
        )
    }
}

/// The budgets for C. The pools point to the costs of `budgets`.
fn pools<const N: usize>(budgets: &[Budget<N>]) -> Result<KVec<bindings::mdev_pool>> {
    let mut pools = KVec::with_capacity(budgets.len(), GFP_KERNEL)?;
    for budget in budgets {
        let pool = bindings::mdev_pool {
            name: budget.name.as_char_ptr(),
            total: budget.total,
            costs: budget.costs.as_ptr().cast(),
            cost_size: size_of::<u64>() as u32,
            cost_stride: size_of::<u64>() as i32,
        };
        pools.push(pool, GFP_KERNEL)?;
    }
    Ok(pools)
}

/// A type of a registered parent. Its lifetime ends with the parent's registration.
pub struct Type<'a, D: Driver> {
    slot: &'a Slot<D>,
}

impl<D: Driver> Clone for Type<'_, D> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<D: Driver> Copy for Type<'_, D> {}

impl<'a, D: Driver> Type<'a, D> {
    /// # Safety
    ///
    /// `raw` is a type of a `Parent<D, _>` that is registered for the duration of `'a`.
    pub(crate) unsafe fn from_raw(raw: *mut bindings::mdev_type) -> Self {
        // SAFETY: by the requirement of this function, `raw` is the first member of a `Slot<D>`.
        let slot = unsafe { &*raw.cast::<Slot<D>>() };

        Self { slot }
    }

    /// The second half of its folder's name in sysfs.
    pub fn name(&self) -> &'static CStr {
        // SAFETY: `Memory::new()` has set the member to a `&'static CStr`, and C only reads it.
        unsafe { CStr::from_char_ptr((*self.slot.raw.get()).sysfs_name) }
    }

    /// Data of the driver for this type.
    pub fn data(&self) -> &'a D::Type {
        &self.slot.data
    }

    /// Data of the driver for the parent of this type.
    pub fn parent(&self) -> &'a D::Parent {
        // SAFETY: mdev.h: the core has set the member to the parent that offers the type, which is
        // the first member of a `Shared<D>` and valid as long as the type.
        unsafe { &(*(*self.slot.raw.get()).parent.cast::<Shared<D>>()).data }
    }
}

/// Lets `write` fill a page of sysfs; the number of bytes, or a negative error number.
pub(crate) fn show(
    page: &mut [u8],
    write: impl FnOnce(&mut Formatter<'_>) -> fmt::Result,
) -> isize {
    let mut out = Formatter::new(page);

    match write(&mut out) {
        Ok(()) => out.bytes_written() as isize,
        Err(_) => EMSGSIZE.to_errno() as isize,
    }
}
