// SPDX-License-Identifier: GPL-2.0-only
// refused: E0599 no method named `dma_read` found

//! A driver accesses the guest's memory while it probes the device, which is not registered yet, so
//! that nobody has it open: vfio_dma_rw() is for open devices.

use kernel::prelude::*;
use mdev::{
    Driver,
    Mdev, //
};

/// Reads a byte of a guest that is not there.
pub fn early<D: Driver>(mdev: &Mdev<'_, D>, data: &mut [u8]) -> Result {
    mdev.dma_read(0, data)
}
