// SPDX-License-Identifier: GPL-2.0-only
// refused: E0308 expected `1`, found `2`

//! A budget has the cost of a type that the parent does not have. C would read behind the array of
//! types, or behind that of costs.

use kernel::{
    faux,
    prelude::*,
    sync::Arc, //
};
use mdev::{
    Budget,
    Driver,
    Parent,
    Registration,
    TypeInfo, //
};

/// One type, two costs.
pub fn mismatch<D: Driver<Parent = ()>>(
    driver: Arc<Registration<D>>,
    device: faux::Registration,
    only: TypeInfo<D::Type>,
) -> Result<Parent<D, faux::Registration>> {
    let budget = Budget {
        name: c"ports",
        total: 4,
        costs: [1, 2],
    };

    Parent::register(driver, device, (), [only], &[budget])
}
