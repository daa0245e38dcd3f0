// SPDX-License-Identifier: GPL-2.0-only

//! The ioctls of a vfio device, as `include/uapi/linux/vfio.h` describes them.

use crate::{
    bindings,
    driver::Driver,
    instance::Open,
    irq::{
        EventFd,
        Irq,
        IrqAction,
        IrqData,
        IrqSet, //
    },
};
use core::{
    mem::{
        offset_of,
        MaybeUninit, //
    },
    slice, //
};
use kernel::{
    error::to_result,
    prelude::*,
    uaccess::{
        UserPtr,
        UserSlice, //
    },
};

/// A structure of the UAPI that is made of integers, without padding.
///
/// # Safety
///
/// Any bytes are a valid value, and every byte of a value is initialised.
unsafe trait Plain: Sized {
    /// A value of zeros.
    fn zeroed() -> Self {
        // SAFETY: by the requirement of the trait.
        unsafe { MaybeUninit::zeroed().assume_init() }
    }

    /// The first `len` bytes.
    fn bytes(&mut self, len: usize) -> &mut [u8] {
        let all = core::ptr::from_mut(self).cast::<u8>();

        // SAFETY: by the requirement of the trait; the length is at most that of the structure.
        unsafe { slice::from_raw_parts_mut(all, len.min(size_of::<Self>())) }
    }

    /// Reads the first `len` bytes of the user's structure.
    fn read(arg: UserPtr, len: usize) -> Result<Self> {
        let mut value = Self::zeroed();

        UserSlice::new(arg, len)
            .reader()
            .read_slice(value.bytes(len))?;
        Ok(value)
    }

    /// Writes the first `len` bytes to the user's structure.
    fn write(mut self, arg: UserPtr, len: usize) -> Result {
        UserSlice::new(arg, len)
            .writer()
            .write_slice(self.bytes(len))
    }
}

// SAFETY: vfio.h: integers, the first ones of 4 bytes each, the 8-byte ones aligned.
unsafe impl Plain for bindings::vfio_device_info {}

// SAFETY: vfio.h: four integers of 4 bytes.
unsafe impl Plain for bindings::vfio_irq_info {}

// SAFETY: vfio.h: five integers of 4 bytes and an array without a length.
unsafe impl Plain for bindings::vfio_irq_set {}

/// Answers an ioctl of an open device.
pub(crate) fn ioctl<D: Driver>(this: &Open<'_, D>, cmd: u32, arg: UserPtr) -> Result<isize> {
    match cmd {
        bindings::VFIO_DEVICE_GET_INFO => device_info::<D>(arg),
        bindings::VFIO_DEVICE_GET_IRQ_INFO => irq_info(this, arg),
        bindings::VFIO_DEVICE_SET_IRQS => D::set_irqs(this, irq_set(this, arg)?),
        bindings::VFIO_DEVICE_RESET => D::reset(this),
        _ => return D::ioctl(this, cmd, arg),
    }
    .map(|()| 0)
}

fn device_info<D: Driver>(arg: UserPtr) -> Result {
    // what the structure had in its first version
    let len = offset_of!(bindings::vfio_device_info, num_irqs) + size_of::<u32>();
    let mut info = bindings::vfio_device_info::read(arg, len)?;

    if (info.argsz as usize) < len {
        return Err(EINVAL);
    }
    info.flags = D::DEVICE_API.flag();
    if D::HAS_RESET {
        info.flags |= bindings::VFIO_DEVICE_FLAGS_RESET;
    }
    info.num_regions = D::REGIONS;
    info.num_irqs = D::IRQS;
    info.write(arg, len)
}

fn irq_info<D: Driver>(this: &Open<'_, D>, arg: UserPtr) -> Result {
    let len = size_of::<bindings::vfio_irq_info>();
    let mut info = bindings::vfio_irq_info::read(arg, len)?;

    if (info.argsz as usize) < len || info.index >= D::IRQS {
        return Err(EINVAL);
    }
    Irq {
        count: info.count,
        flags: info.flags,
    } = this.irq(info.index);
    info.write(arg, len)
}

/// Reads the user's `struct vfio_irq_set` and the data behind it.
fn irq_set<D: Driver>(this: &Open<'_, D>, arg: UserPtr) -> Result<IrqSet> {
    let len = offset_of!(bindings::vfio_irq_set, data);
    let mut head = bindings::vfio_irq_set::read(arg, len)?;
    let irqs = match head.index {
        index if index < D::IRQS => this.irq(index).count,
        _ => 0,
    };
    let mut size = 0;

    // SAFETY: vfio_set_irqs_validate_and_prepare(): checks a structure, and writes a number.
    to_result(unsafe {
        bindings::vfio_set_irqs_validate_and_prepare(
            &mut head,
            i32::try_from(irqs)?,
            i32::try_from(D::IRQS)?,
            &mut size,
        )
    })?;
    let action = match head.flags & bindings::VFIO_IRQ_SET_ACTION_TYPE_MASK {
        bindings::VFIO_IRQ_SET_ACTION_MASK => IrqAction::Mask,
        bindings::VFIO_IRQ_SET_ACTION_UNMASK => IrqAction::Unmask,
        bindings::VFIO_IRQ_SET_ACTION_TRIGGER => IrqAction::Trigger,
        _ => return Err(EINVAL),
    };
    let mut user = UserSlice::new(arg.wrapping_byte_add(len), size).reader();
    let data = match head.flags & bindings::VFIO_IRQ_SET_DATA_TYPE_MASK {
        bindings::VFIO_IRQ_SET_DATA_BOOL => {
            let mut all = KVec::with_capacity(head.count as usize, GFP_KERNEL)?;
            for _ in 0..head.count {
                all.push(user.read::<u8>()? != 0, GFP_KERNEL)?;
            }
            IrqData::Bool(all)
        }
        bindings::VFIO_IRQ_SET_DATA_EVENTFD => {
            let mut all = KVec::with_capacity(head.count as usize, GFP_KERNEL)?;
            for _ in 0..head.count {
                let fd = match user.read::<i32>()? {
                    -1 => None,
                    fd => Some(EventFd::from_fd(fd)?),
                };
                all.push(fd, GFP_KERNEL)?;
            }
            IrqData::EventFds(all)
        }
        _ => IrqData::None(head.count),
    };
    Ok(IrqSet {
        index: head.index,
        start: head.start,
        action,
        data,
    })
}
