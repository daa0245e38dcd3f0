// SPDX-License-Identifier: GPL-2.0-only
// refused: E0505 cannot move out of `parent` because it is borrowed

//! A type is used after its parent was unregistered. C frees the memory of both.

use kernel::prelude::*;
use mdev::{
    Driver,
    Owner,
    Parent, //
};

/// Unregisters a parent, then asks for the name of one of its types.
pub fn late<D: Driver, O: Owner>(parent: Parent<D, O>) -> Option<&'static CStr> {
    let kind = parent.types().next()?;

    parent.unregister();
    Some(kind.name())
}
