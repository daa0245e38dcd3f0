// SPDX-License-Identifier: GPL-2.0-only

//! Properties of C that this crate relies on. It does not build when C changes one of them.
//!
//! `layout_generated.rs` calls the first four macros: it has the layout of `include/linux/mdev.h`
//! that `abi/layout` records, which the ABI gate has compared with gcc, clang and rustc.

// constants without a name do not count as users
#![allow(dead_code)]

use super::bindings::*;
use core::mem::{
    align_of,
    offset_of,
    size_of, //
};
use kernel::ffi::{
    c_char,
    c_int,
    c_uint,
    c_void, //
};

const fn size<S, T>(_: fn(&S) -> *const T) -> usize {
    size_of::<T>()
}

const fn align<S, T>(_: fn(&S) -> *const T) -> usize {
    align_of::<T>()
}

/// The end of a member of a C structure.
macro_rules! end {
    ($structure:ident : $member:ident) => {
        offset_of!($structure, $member) + size(|s: &$structure| &raw const s.$member)
    };
}

/// A member comes right after another one.
macro_rules! follows {
    ($structure:ident : $member:ident, $before:ident) => {
        const _: () = assert!(
            offset_of!($structure, $member)
        == end!($structure: $before)
                    .next_multiple_of(align(|s: &$structure| &raw const s.$member)),
            concat!(
                "C: in struct ",
                stringify!($structure),
                ", ",
                stringify!($member),
                " does not follow ",
                stringify!($before),
                ", as abi/layout has it"
            )
        );
    };
}

/// A member has this offset.
macro_rules! stands {
    ($structure:ident : $member:ident, $offset:literal) => {
        const _: () = assert!(
            offset_of!($structure, $member) == $offset,
            concat!(
                "C: in struct ",
                stringify!($structure),
                ", ",
                stringify!($member),
                " is not at ",
                stringify!($offset),
                ", as abi/layout has it"
            )
        );
    };
}

/// A member is the last one.
macro_rules! ends {
    ($structure:ident : $member:ident) => {
        const _: () = assert!(
            size_of::<$structure>()
        == end!($structure: $member).next_multiple_of(align_of::<$structure>()),
            concat!(
                "C: in struct ",
                stringify!($structure),
                ", ",
                stringify!($member),
                " is not the last member, as abi/layout has it"
            )
        );
    };
}

/// A structure has this size.
macro_rules! measures {
    ($structure:ident, $size:literal) => {
        const _: () = assert!(
            size_of::<$structure>() == $size,
            concat!(
                "C: struct ",
                stringify!($structure),
                " does not have ",
                stringify!($size),
                " bytes, as abi/layout has it"
            )
        );
    };
}

include!("layout_generated.rs");

/// A callback of a C structure has this type.
macro_rules! callback {
    ($structure:ident . $member:ident : $type:ty) => {
        const _: fn(&$structure) -> Option<$type> = |c_structure| c_structure.$member;
    };
}

callback!(mdev_driver.probe: unsafe extern "C" fn(*mut mdev_device) -> c_int);
callback!(mdev_driver.remove: unsafe extern "C" fn(*mut mdev_device));
callback!(mdev_driver.get_available: unsafe extern "C" fn(*mut mdev_type) -> c_uint);
callback!(mdev_driver.show_description: unsafe extern "C" fn(*mut mdev_type, *mut c_char) -> isize);
callback!(vfio_device_ops.init: unsafe extern "C" fn(*mut vfio_device) -> c_int);
callback!(vfio_device_ops.release: unsafe extern "C" fn(*mut vfio_device));
callback!(vfio_device_ops.open_device: unsafe extern "C" fn(*mut vfio_device) -> c_int);
callback!(vfio_device_ops.close_device: unsafe extern "C" fn(*mut vfio_device));
callback!(vfio_device_ops.request: unsafe extern "C" fn(*mut vfio_device, c_uint));

/// A C function has this type.
macro_rules! function {
    ($name:ident : $type:ty) => {
        const _: $type = $name;
    };
}

type RegisterParent = unsafe extern "C" fn(
    *mut mdev_parent,
    *mut kernel::bindings::device,
    *mut mdev_driver,
    *mut *mut mdev_type,
    c_uint,
) -> c_int;
type RegisterParentPools = unsafe extern "C" fn(
    *mut mdev_parent,
    *mut kernel::bindings::device,
    *mut mdev_driver,
    *mut *mut mdev_type,
    c_uint,
    *const mdev_pool,
    c_uint,
) -> c_int;

function!(mdev_register_parent: RegisterParent);
function!(mdev_register_parent_pools: RegisterParentPools);
function!(mdev_unregister_parent: unsafe extern "C" fn(*mut mdev_parent));
function!(mdev_register_driver: unsafe extern "C" fn(*mut mdev_driver) -> c_int);
function!(mdev_unregister_driver: unsafe extern "C" fn(*mut mdev_driver));
function!(mdev_refuse: unsafe extern "C" fn(*mut mdev_device) -> c_int);
function!(mdev_charge_get: unsafe extern "C" fn(*mut mdev_device));
function!(mdev_charge_put: unsafe extern "C" fn(*mut mdev_device));
function!(mdev_set_total: unsafe extern "C" fn(*mut mdev_parent, c_uint, u64) -> c_int);

/// A constant of C has this value.
macro_rules! constant {
    ($name:ident == $value:literal) => {
        const _: () = assert!(
            $name == $value,
            concat!(
                "C: ",
                stringify!($name),
                " is no longer ",
                stringify!($value)
            )
        );
    };
}

constant!(MDEV_HAVE_BUDGET == 1);
constant!(MDEV_HAVE_POOLS == 1);
constant!(MDEV_MAX_POOLS == 16);

/// The type of a pool's costs, as [`crate::Budget`] passes them.
const _: fn(&mdev_pool) -> *const c_void = |pool| pool.costs;
