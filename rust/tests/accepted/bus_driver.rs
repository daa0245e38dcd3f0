// SPDX-License-Identifier: GPL-2.0-only

//! A driver of a bus offers mediated devices of the device that it is bound to.

use kernel::{
    device::{
        Bound,
        Device, //
    },
    prelude::*,
    sync::Arc, //
};
use mdev::{
    register_managed,
    Budget,
    Driver,
    Registration,
    TypeInfo, //
};

/// To be called by the probe function of the bus: two types share eight queues.
pub fn offer<D: Driver<Parent = (), Type = u64>>(
    driver: Arc<Registration<D>>,
    device: &Device<Bound>,
) -> Result {
    let types = [
        TypeInfo {
            name: c"one",
            pretty_name: None,
            data: 1,
        },
        TypeInfo {
            name: c"four",
            pretty_name: None,
            data: 4,
        },
    ];
    let queues = Budget {
        name: c"queues",
        total: 8,
        costs: [1, 4],
    };

    register_managed(driver, device, (), types, &[queues])
}
