// SPDX-License-Identifier: GPL-2.0-only
//! What bindgen makes of <linux/mdev.h> and of the vfio-ccw UAPI, held against the table of layouts.
//!
//! Compiled by scripts/abi/layout.py to see whether it compiles; nothing of it is linked into a module.
#![no_std]
#![allow(non_camel_case_types, non_upper_case_globals, non_snake_case, dead_code, improper_ctypes)]
include!(env!("MDEV_BINDINGS"));
include!(env!("MDEV_ASSERTIONS"));
