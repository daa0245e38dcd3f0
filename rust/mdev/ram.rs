// SPDX-License-Identifier: GPL-2.0-only

//! Memory of a device that processes may map.

use crate::{
    bindings,
    instance::Mapping, //
};
use core::ptr::NonNull;
use kernel::{
    error::to_result,
    page::{
        PAGE_SHIFT,
        PAGE_SIZE, //
    },
    prelude::*, //
};

/// Memory of a device: `vmalloc_user()`. It is zero at first.
///
/// Processes change it while the driver reads it, so that there is no reference to its content: each
/// access is one volatile access of 1, 2, 4 or 8 bytes.
pub struct Ram {
    base: NonNull<u8>,
    size: usize,
}

// SAFETY: the memory belongs to no thread.
unsafe impl Send for Ram {}

// SAFETY: accesses are volatile ones of machine words, as for memory that a process has mapped.
unsafe impl Sync for Ram {}

impl Ram {
    /// Allocates `size` bytes, in whole pages: otherwise `EINVAL`; `ENOMEM` if there is no memory.
    pub fn new(size: usize) -> Result<Self> {
        if size == 0 || size % PAGE_SIZE != 0 {
            return Err(EINVAL);
        }
        // SAFETY: vmalloc_user(): takes any size, and returns NULL if it cannot.
        let base = unsafe { bindings::vmalloc_user_noprof(size) };

        match NonNull::new(base.cast()) {
            Some(base) => Ok(Self { base, size }),
            None => Err(ENOMEM),
        }
    }

    /// Its size in bytes.
    #[inline]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The address of `len` bytes at an offset; `EINVAL` if they are not all in the memory.
    #[inline]
    fn place(&self, at: u64, len: usize) -> Result<*mut u8> {
        let at = usize::try_from(at)?;

        match at.checked_add(len) {
            // SAFETY: the offset is within the allocation.
            Some(end) if end <= self.size => Ok(unsafe { self.base.as_ptr().add(at) }),
            _ => Err(EINVAL),
        }
    }

    /// Copies from the memory; `EINVAL` if it ends before.
    #[inline]
    pub fn read(&self, at: u64, data: &mut [u8]) -> Result {
        let from = self.place(at, data.len())?;

        if let (Ok(word), 0) = (<&mut [u8; 8]>::try_from(&mut *data), at % 8) {
            // SAFETY: `place()` has checked the 8 bytes, and they are aligned.
            *word = unsafe { from.cast::<u64>().read_volatile() }.to_ne_bytes();
            return Ok(());
        }
        if let (Ok(word), 0) = (<&mut [u8; 4]>::try_from(&mut *data), at % 4) {
            // SAFETY: `place()` has checked the 4 bytes, and they are aligned.
            *word = unsafe { from.cast::<u32>().read_volatile() }.to_ne_bytes();
            return Ok(());
        }
        for (i, byte) in data.iter_mut().enumerate() {
            // SAFETY: `place()` has checked the bytes.
            *byte = unsafe { from.add(i).read_volatile() };
        }
        Ok(())
    }

    /// Copies to the memory; `EINVAL` if it ends before.
    #[inline]
    pub fn write(&self, at: u64, data: &[u8]) -> Result {
        let to = self.place(at, data.len())?;

        if let (Ok(word), 0) = (<[u8; 8]>::try_from(data), at % 8) {
            // SAFETY: `place()` has checked the 8 bytes, and they are aligned.
            unsafe { to.cast::<u64>().write_volatile(u64::from_ne_bytes(word)) };
            return Ok(());
        }
        if let (Ok(word), 0) = (<[u8; 4]>::try_from(data), at % 4) {
            // SAFETY: `place()` has checked the 4 bytes, and they are aligned.
            unsafe { to.cast::<u32>().write_volatile(u32::from_ne_bytes(word)) };
            return Ok(());
        }
        for (i, byte) in data.iter().enumerate() {
            // SAFETY: `place()` has checked the bytes.
            unsafe { to.add(i).write_volatile(*byte) };
        }
        Ok(())
    }

    /// Makes every byte zero.
    pub fn clear(&self) {
        for word in 0..self.size / size_of::<u64>() {
            // SAFETY: the size is a multiple of the page size, and `word` is within it.
            unsafe { self.base.cast::<u64>().add(word).write_volatile(0) };
        }
    }

    /// Maps the memory from the mapping's offset on: `remap_vmalloc_range()`.
    pub fn map(&self, mapping: &Mapping<'_>) -> Result {
        let page = usize::try_from(mapping.at())? >> PAGE_SHIFT;

        // SAFETY: remap_vmalloc_range(): the area is being set up; the function checks that it fits,
        // and takes a reference on each page, so that the area may outlive the memory.
        to_result(unsafe {
            bindings::remap_vmalloc_range(mapping.vma().as_ptr(), self.base.as_ptr().cast(), page)
        })
    }
}

impl Drop for Ram {
    fn drop(&mut self) {
        // SAFETY: vfree(): the address of `new()`.
        unsafe { bindings::vfree(self.base.as_ptr().cast()) };
    }
}
