// SPDX-License-Identifier: GPL-2.0-only

//! The vfio device of a mediated device, and the callbacks of vfio.

use crate::{
    bindings,
    driver::{
        Driver,
        Mdev,
        Region, //
    },
    ioctl,
};
use core::{
    marker::PhantomData,
    mem::MaybeUninit,
    ops::Deref,
    ptr, //
};
use kernel::{
    error::{
        from_err_ptr,
        from_result,
        to_result, //
    },
    mm::virt::{
        flags,
        VmaNew, //
    },
    page::PAGE_SHIFT,
    prelude::*,
    types::Opaque,
    uaccess::{
        UserPtr,
        UserSlice,
        UserSliceWriter, //
    },
};

/// A file offset is the region's index, shifted by this, plus the offset in the region; vfio-pci
/// uses the same number. User space asks for the offset, so that it is no part of an interface.
pub(crate) const OFFSET_SHIFT: u32 = 40;
const OFFSET_MASK: u64 = (1 << OFFSET_SHIFT) - 1;

/// The memory of a vfio device: `vfio_alloc_device()` wants the `struct vfio_device` first.
#[repr(C)]
pub(crate) struct Instance<D: Driver> {
    vdev: Opaque<bindings::vfio_device>,
    driver: Opaque<D>,
}

impl<D: Driver> Instance<D> {
    /// # Safety
    ///
    /// `vdev` is the first member of an `Instance<D>` whose driver is initialised for `'a`.
    #[inline]
    unsafe fn from_raw<'a>(vdev: *mut bindings::vfio_device) -> &'a Self {
        // SAFETY: by the requirement of this function.
        unsafe { &*vdev.cast::<Self>() }
    }

    #[inline]
    fn driver(&self) -> &D {
        // SAFETY: the requirement of `from_raw()`: it is initialised.
        unsafe { &*self.driver.get() }
    }
}

/// A device that a user has open: the functions of vfio that need an open device are here.
pub struct Open<'a, D: Driver>(&'a Instance<D>);

impl<D: Driver> Deref for Open<'_, D> {
    type Target = D;

    #[inline]
    fn deref(&self) -> &D {
        self.0.driver()
    }
}

impl<D: Driver> Open<'_, D> {
    /// # Safety
    ///
    /// As for `Instance::from_raw()`; and vfio has called open_device, and has not yet returned from
    /// close_device.
    #[inline]
    unsafe fn from_raw(vdev: *mut bindings::vfio_device) -> Self {
        // SAFETY: by the requirement of this function.
        Self(unsafe { Instance::from_raw(vdev) })
    }

    /// Copies from the user's DMA memory: `vfio_dma_rw()`.
    ///
    /// # Errors
    ///
    /// That of the IOMMU backend, if a byte is not mapped for reading.
    pub fn dma_read(&self, iova: u64, data: &mut [u8]) -> Result {
        self.dma(iova, data.as_mut_ptr(), data.len(), false)
    }

    /// Copies to the user's DMA memory: as [`Open::dma_read`].
    pub fn dma_write(&self, iova: u64, data: &[u8]) -> Result {
        self.dma(iova, data.as_ptr().cast_mut(), data.len(), true)
    }

    fn dma(&self, iova: u64, data: *mut u8, len: usize, write: bool) -> Result {
        // SAFETY: vfio_dma_rw(): the device is open, which this type says; `data` are `len` bytes
        // that C may read, and write if `write` is false.
        to_result(unsafe {
            bindings::vfio_dma_rw(self.0.vdev.get(), iova, data.cast(), len, write)
        })
    }
}

/// A part of a region that a process maps: within the region, in whole pages, and shared.
pub struct Mapping<'a> {
    vma: &'a VmaNew,
    index: u32,
    at: u64,
}

impl Mapping<'_> {
    /// The region.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// The first byte, as an offset in the region.
    pub fn at(&self) -> u64 {
        self.at
    }

    /// The process' memory area.
    pub fn vma(&self) -> &VmaNew {
        self.vma
    }
}

/// The callbacks of a driver for vfio.
struct Ops<D>(PhantomData<D>);

impl<D: Driver> Ops<D> {
    const TABLE: bindings::vfio_device_ops = bindings::vfio_device_ops {
        name: D::NAME.to_bytes_with_nul().as_ptr().cast_mut(),
        init: Some(init::<D>),
        release: Some(release::<D>),
        open_device: Some(open_device::<D>),
        close_device: Some(close_device::<D>),
        read: Some(read::<D>),
        write: Some(write::<D>),
        ioctl: Some(ioctl::<D>),
        get_region_info_caps: Some(region_info::<D>),
        mmap: if D::HAS_MMAP { Some(mmap::<D>) } else { None },
        request: if D::HAS_REQUEST {
            Some(request::<D>)
        } else {
            None
        },
        ..IOMMUFD
    };
}

/// The callbacks of an emulated device for iommufd, where the kernel has it.
const IOMMUFD: bindings::vfio_device_ops = {
    // SAFETY: the members are pointers and functions that may be missing: zero is valid for each.
    let none = unsafe { MaybeUninit::<bindings::vfio_device_ops>::zeroed().assume_init() };

    #[cfg(CONFIG_IOMMUFD)]
    let none = bindings::vfio_device_ops {
        bind_iommufd: Some(bindings::vfio_iommufd_emulated_bind),
        unbind_iommufd: Some(bindings::vfio_iommufd_emulated_unbind),
        attach_ioas: Some(bindings::vfio_iommufd_emulated_attach_ioas),
        detach_ioas: Some(bindings::vfio_iommufd_emulated_detach_ioas),
        ..none
    };
    none
};

/// Makes and registers the vfio device of a mediated device. Pairs with [`unbind`].
///
/// # Safety
///
/// To be called by the probe callback of the driver that `Registration<D>` registered.
pub(crate) unsafe fn bind<D: Driver>(mdev: *mut bindings::mdev_device) -> Result {
    // kvzalloc() of vfio aligns to that
    const_assert!(align_of::<Instance<D>>() <= align_of::<u64>());
    // SAFETY: `mdev` is valid.
    let dev = unsafe { &raw mut (*mdev).dev };

    // SAFETY: _vfio_alloc_device(): the size is that of the structure around `struct vfio_device`;
    // the table is static. `init()` initialises the rest of it.
    let vdev = from_err_ptr(unsafe {
        bindings::_vfio_alloc_device(size_of::<Instance<D>>(), dev, &Ops::<D>::TABLE)
    })?;
    // SAFETY: vfio_register_emulated_iommu_dev(): the device is initialised, and not registered.
    let registered = to_result(unsafe { bindings::vfio_register_emulated_iommu_dev(vdev) });
    if registered.is_err() {
        // SAFETY: vfio_put_device(): the reference of the allocation.
        unsafe { kernel::bindings::put_device(&raw mut (*vdev).device) };
        return registered;
    }
    // SAFETY: the driver that is bound to a device owns its drvdata.
    unsafe { kernel::bindings::dev_set_drvdata(dev, vdev.cast()) };
    Ok(())
}

/// Waits until the user has closed the vfio device, and gives it up.
///
/// # Safety
///
/// To be called by the remove callback, once for each [`bind`] that succeeded.
pub(crate) unsafe fn unbind(mdev: *mut bindings::mdev_device) {
    // SAFETY: `bind()` has set the drvdata of this device.
    let vdev = unsafe { kernel::bindings::dev_get_drvdata(&raw const (*mdev).dev) }
        .cast::<bindings::vfio_device>();

    // SAFETY: vfio_unregister_group_dev(): the device is registered. It asks the user by `request()`
    // and waits.
    unsafe { bindings::vfio_unregister_group_dev(vdev) };
    // SAFETY: vfio_put_device(): the reference of the allocation. The last one calls `release()`.
    unsafe { kernel::bindings::put_device(&raw mut (*vdev).device) };
}

/// `vfio_device_ops.init`: called by `_vfio_alloc_device()`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn init<D: Driver>(vdev: *mut bindings::vfio_device) -> c_int {
    // SAFETY: `bind()` passes the `dev` of a struct mdev_device, and runs in the probe callback.
    let mdev = unsafe {
        Mdev::<D>::from_raw(kernel::container_of!(
            (*vdev).dev,
            bindings::mdev_device,
            dev
        ))
    };
    // SAFETY: `vdev` is the first member of an `Instance<D>`.
    let slot = unsafe { Opaque::cast_into(&raw const (*vdev.cast::<Instance<D>>()).driver) };

    from_result(|| {
        // SAFETY: `slot` is memory for a `D`, at an address that it keeps until `release()`. If this
        // fails, vfio frees the memory without a call of `release()`.
        unsafe { pin_init::raw_try_init(slot, D::probe(&mdev)) }?;
        Ok(0)
    })
}

/// `vfio_device_ops.release`: the last reference is gone.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn release<D: Driver>(vdev: *mut bindings::vfio_device) {
    // SAFETY: vfio calls this once for each device that `init()` has initialised, and nobody uses
    // the device any more.
    unsafe { ptr::drop_in_place(Instance::<D>::from_raw(vdev).driver.get()) };
}

/// `vfio_device_ops.open_device`: called with `dev_set->lock` held, for the first user.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn open_device<D: Driver>(vdev: *mut bindings::vfio_device) -> c_int {
    // SAFETY: vfio is opening the device; it undoes that if this fails.
    let this = unsafe { Open::<D>::from_raw(vdev) };

    from_result(|| D::open(&this).map(|()| 0))
}

/// `vfio_device_ops.close_device`: called with `dev_set->lock` held, for the last user.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn close_device<D: Driver>(vdev: *mut bindings::vfio_device) {
    // SAFETY: the device is open until this returns.
    D::close(unsafe { &Open::<D>::from_raw(vdev) });
}

/// `vfio_device_ops.request`: called by `vfio_unregister_group_dev()`, again and again.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn request<D: Driver>(vdev: *mut bindings::vfio_device, count: c_uint) {
    // SAFETY: the device is registered, and so initialised.
    unsafe { Instance::<D>::from_raw(vdev) }
        .driver()
        .request(count);
}

/// `vfio_device_ops.ioctl`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn ioctl<D: Driver>(
    vdev: *mut bindings::vfio_device,
    cmd: c_uint,
    arg: c_ulong,
) -> c_long {
    // SAFETY: vfio passes calls of an open device only.
    let this = unsafe { Open::<D>::from_raw(vdev) };

    from_result(|| ioctl::ioctl(&this, cmd, UserPtr::from_addr(arg)))
}

/// `vfio_device_ops.get_region_info_caps`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn region_info<D: Driver>(
    vdev: *mut bindings::vfio_device,
    info: *mut bindings::vfio_region_info,
    _caps: *mut bindings::vfio_info_cap,
) -> c_int {
    // SAFETY: vfio passes calls of an open device only, and a structure of its own.
    let (this, info) = unsafe { (Open::<D>::from_raw(vdev), &mut *info) };

    if info.index >= D::REGIONS {
        return EINVAL.to_errno();
    }
    let Region { size, flags } = this.region(info.index);
    info.offset = u64::from(info.index) << OFFSET_SHIFT;
    info.size = size;
    info.flags = flags;
    0
}

/// A place in a region of a device: the index, the offset, and how many bytes follow.
fn locate<D: Driver>(this: &D, offset: u64) -> Result<(u32, u64, u64)> {
    let (index, at) = (offset >> OFFSET_SHIFT, offset & OFFSET_MASK);
    let index = u32::try_from(index)?;

    if index >= D::REGIONS {
        return Err(EINVAL);
    }
    match this.region(index).size {
        size if at < size => Ok((index, at, size - at)),
        _ => Err(EINVAL),
    }
}

/// The largest power of two that `at` is aligned to, and that is not above `left` and 8.
#[inline]
fn access_size(at: u64, left: u64) -> u64 {
    // most accesses are whole: a word of 4 bytes
    if left == 4 && at & 3 == 0 {
        return 4;
    }
    1 << at.trailing_zeros().min(left.ilog2()).min(3)
}

/// Copies the bytes of an access to the user. A copy of a size that is known has fewer checks.
#[inline]
fn put(user: &mut UserSliceWriter, data: &[u8]) -> Result {
    match <&[u8; 4]>::try_from(data) {
        Ok(word) => user.write(word),
        Err(_) => user.write_slice(data),
    }
}

/// Splits an access of `count` bytes at `offset` into aligned ones of 1, 2, 4 or 8 bytes.
///
/// Returns the number of bytes, or the error if the first access fails.
fn accesses<D: Driver>(
    this: &D,
    count: usize,
    offset: &mut i64,
    mut access: impl FnMut(u32, u64, &mut [u8]) -> Result,
) -> Result<isize> {
    let (index, mut at, left) = locate(this, u64::try_from(*offset)?)?;
    let total = left.min(count as u64);
    let mut done = 0;

    while done < total {
        let mut bytes = [0; 8];
        let len = access_size(at, total - done);
        match access(index, at, &mut bytes[..len as usize]) {
            Err(e) if done == 0 => return Err(e),
            Err(_) => break,
            Ok(()) => (),
        }
        at += len;
        done += len;
    }
    *offset += done as i64;
    Ok(done as isize)
}

/// `vfio_device_ops.read`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn read<D: Driver>(
    vdev: *mut bindings::vfio_device,
    buffer: *mut c_char,
    count: usize,
    offset: *mut i64,
) -> isize {
    // SAFETY: vfio passes calls of an open device only, and a position for this call.
    let (this, offset) = unsafe { (Open::<D>::from_raw(vdev), &mut *offset) };
    let mut user = UserSlice::new(UserPtr::from_ptr(buffer.cast()), count).writer();

    from_result(|| {
        accesses(&*this, count, offset, |index, at, data| {
            D::read(&this, index, at, data)?;
            put(&mut user, data)
        })
    })
}

/// `vfio_device_ops.write`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn write<D: Driver>(
    vdev: *mut bindings::vfio_device,
    buffer: *const c_char,
    count: usize,
    offset: *mut i64,
) -> isize {
    // SAFETY: vfio passes calls of an open device only, and a position for this call.
    let (this, offset) = unsafe { (Open::<D>::from_raw(vdev), &mut *offset) };
    let mut user = UserSlice::new(UserPtr::from_ptr(buffer.cast_mut().cast()), count).reader();

    from_result(|| {
        accesses(&*this, count, offset, |index, at, data| {
            user.read_slice(data)?;
            D::write(&this, index, at, data)
        })
    })
}

/// `vfio_device_ops.mmap`.
///
/// # Safety
///
/// To be called by vfio, as `include/linux/vfio.h` says.
unsafe extern "C" fn mmap<D: Driver>(
    vdev: *mut bindings::vfio_device,
    vma: *mut kernel::bindings::vm_area_struct,
) -> c_int {
    // SAFETY: vfio passes calls of an open device only, and an area that is being set up.
    let (this, vma) = unsafe { (Open::<D>::from_raw(vdev), VmaNew::from_raw(vma)) };
    // SAFETY: VmaRef: the area is locked, so that the member does not change.
    let page = unsafe { (*vma.as_ptr()).vm_pgoff } as u64;

    from_result(|| {
        if page > u64::MAX >> PAGE_SHIFT {
            return Err(EINVAL);
        }
        let (index, at, left) = locate(&*this, page << PAGE_SHIFT)?;
        let mappable = this.region(index).flags & bindings::VFIO_REGION_INFO_FLAG_MMAP != 0;

        if !mappable || (vma.end() - vma.start()) as u64 > left || vma.flags() & flags::SHARED == 0
        {
            return Err(EINVAL);
        }
        D::mmap(&this, &Mapping { vma, index, at }).map(|()| 0)
    })
}
