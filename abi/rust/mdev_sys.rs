// SPDX-License-Identifier: GPL-2.0-only
//! The bindings of bindgen for <linux/mdev.h> and the vfio-ccw UAPI, with assertions from abi/layout.
//!
//! scripts/abi/layout.py compiles this crate to check the assertions; no module contains it.
#![no_std]
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case, dead_code, improper_ctypes)]
include!(env!("MDEV_BINDINGS"));
include!(env!("MDEV_ASSERTIONS"));
