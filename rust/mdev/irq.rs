// SPDX-License-Identifier: GPL-2.0-only

//! Interrupts of a device: `VFIO_DEVICE_SET_IRQS`, and the eventfds that user space waits on.

use crate::bindings;
use core::ptr::NonNull;
use kernel::{
    error::from_err_ptr,
    prelude::*, //
};

/// The answer to `VFIO_DEVICE_GET_IRQ_INFO`.
#[derive(Clone, Copy, Default)]
pub struct Irq {
    /// How many of this kind; 0 if the device does not have it.
    pub count: u32,
    /// `VFIO_IRQ_INFO_*`.
    pub flags: u32,
}

/// `VFIO_IRQ_SET_ACTION_*`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum IrqAction {
    /// `VFIO_IRQ_SET_ACTION_MASK`.
    Mask,
    /// `VFIO_IRQ_SET_ACTION_UNMASK`.
    Unmask,
    /// `VFIO_IRQ_SET_ACTION_TRIGGER`: with eventfds, connect; otherwise, trigger.
    Trigger,
}

/// `VFIO_IRQ_SET_DATA_*`, for `start` and the interrupts that follow.
pub enum IrqData {
    /// For that many interrupts; none: disconnect all.
    None(u32),
    /// For those that are true.
    Bool(KVec<bool>),
    /// An eventfd for each, or none to disconnect it.
    EventFds(KVec<Option<EventFd>>),
}

/// A user's request about the interrupts of an index.
pub struct IrqSet {
    /// The index, one that the device has.
    pub index: u32,
    /// The first interrupt; it and all of `data` are smaller than the number that the device has.
    pub start: u32,
    /// The action.
    pub action: IrqAction,
    /// For which interrupts, and with what.
    pub data: IrqData,
}

impl IrqSet {
    /// The eventfd to connect a single interrupt to, if that is what the user wants.
    ///
    /// # Errors
    ///
    /// `EINVAL` if the user wants something else.
    pub fn connect(self) -> Result<Option<EventFd>> {
        match (self.action, self.data) {
            (IrqAction::Trigger, IrqData::EventFds(mut fds)) if fds.len() == 1 => {
                Ok(fds.pop().flatten())
            }
            (IrqAction::Trigger, IrqData::None(0)) => Ok(None),
            _ => Err(EINVAL),
        }
    }
}

/// A reference on an eventfd of user space: `eventfd_ctx_fdget()`. Dropping it puts the reference.
pub struct EventFd(NonNull<bindings::eventfd_ctx>);

// SAFETY: an eventfd belongs to no thread: the functions below may be called by any task.
unsafe impl Send for EventFd {}

// SAFETY: eventfd_signal() takes the lock of the eventfd.
unsafe impl Sync for EventFd {}

impl EventFd {
    /// The eventfd of a file descriptor of the calling process; `EBADF` or `EINVAL` if it is none.
    pub fn from_fd(fd: i32) -> Result<Self> {
        // SAFETY: eventfd_ctx_fdget(): takes any number.
        let context = from_err_ptr(unsafe { bindings::eventfd_ctx_fdget(fd) })?;

        Ok(Self(NonNull::new(context).ok_or(EBADF)?))
    }

    /// Adds one to the counter, and wakes who waits for it: `eventfd_signal()`.
    #[inline]
    pub fn signal(&self) {
        // SAFETY: eventfd_signal(): this owns a reference.
        unsafe { bindings::eventfd_signal_mask(self.0.as_ptr(), 0) };
    }
}

impl Drop for EventFd {
    fn drop(&mut self) {
        // SAFETY: eventfd_ctx_put(): the reference of `from_fd()`.
        unsafe { bindings::eventfd_ctx_put(self.0.as_ptr()) };
    }
}
