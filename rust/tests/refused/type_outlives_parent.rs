// SPDX-License-Identifier: GPL-2.0-only
// refused: E0521 borrowed data escapes outside of function

//! A driver keeps the type of a device. The device, and so what the driver keeps, may outlive the
//! parent, which has the memory of the type.

use kernel::sync::Mutex;
use mdev::{
    Driver,
    Mdev,
    Type, //
};

/// Keeps the type for later: what a driver stores is `'static`.
pub fn keep<D: Driver>(mdev: &Mdev<'_, D>, last: &Mutex<Option<Type<'static, D>>>) {
    *last.lock() = Some(mdev.kind());
}
