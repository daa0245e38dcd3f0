// SPDX-License-Identifier: GPL-2.0-only

//! For tools/testing/selftests/mdev: devres unregisters the parent, and the driver refuses a type.
//!
//! Three types share eight queues. The driver never has room for the third one.

use kernel::{
    faux,
    prelude::*, //
};
use mdev::{
    register_managed,
    Budget,
    DeviceApi,
    Driver,
    Irq,
    IrqSet,
    Mdev,
    Open,
    Region,
    Registration,
    TypeInfo, //
};

module! {
    type: Managed,
    name: "rust_managed",
    authors: ["The mdev-lifecycle authors"],
    description: "Mediated devices of a parent that devres unregisters",
    license: "GPL",
}

/// A device without regions and interrupts.
#[pin_data]
struct Queues {
    _ready: (),
}

/// Whether the driver has room for a type.
struct Room(bool);

#[vtable]
impl Driver for Queues {
    const NAME: &'static CStr = c"rust_managed";
    const DEVICE_API: DeviceApi = DeviceApi::Pci;
    const REGIONS: u32 = 0;
    const IRQS: u32 = 0;

    type Parent = ();
    type Type = Room;

    fn probe(mdev: &Mdev<'_, Self>) -> impl PinInit<Self, Error> {
        let ready = match mdev.kind().data() {
            Room(true) => Ok(()),
            Room(false) => Err(mdev.refuse()),
        };

        try_pin_init!(Self { _ready: ready? })
    }

    fn region(&self, _index: u32) -> Region {
        Region::default()
    }

    fn read(_this: &Open<'_, Self>, _index: u32, _at: u64, _data: &mut [u8]) -> Result {
        Err(EINVAL)
    }

    fn write(_this: &Open<'_, Self>, _index: u32, _at: u64, _data: &[u8]) -> Result {
        Err(EINVAL)
    }

    fn irq(&self, _index: u32) -> Irq {
        Irq::default()
    }

    fn set_irqs(_this: &Open<'_, Self>, _set: IrqSet) -> Result {
        Err(EINVAL)
    }
}

/// The device that is sliced: its devres has the parent.
struct Managed {
    _device: faux::Registration,
}

impl kernel::Module for Managed {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let driver = Registration::<Queues>::new(module)?;
        let device = faux::Registration::new(Queues::NAME, None)?;
        let queues = Budget {
            name: c"queues",
            total: 8,
            costs: [1, 4, 1],
        };
        let types =
            [(c"one", true), (c"four", true), (c"none", false)].map(|(name, room)| TypeInfo {
                name,
                pretty_name: None,
                data: Room(room),
            });

        register_managed(driver, device.as_ref().as_ref(), (), types, &[queues])?;
        Ok(Self { _device: device })
    }
}
