// SPDX-License-Identifier: GPL-2.0-only

//! Mediated PCI memory cards: RAM that a guest maps, and a DMA engine between it and the guest.
//!
//! The parent has 16 MiB, from which it makes cards of 2 MiB and of 8 MiB. A card has
//!
//! - BAR 0: the RAM; it can be mapped;
//! - BAR 2: the registers below, of 4 bytes each;
//! - one interrupt, INTx: its level is that of `STATUS & ENABLE`.
//!
//! | offset | register  | access | content                                              |
//! |--------|-----------|--------|------------------------------------------------------|
//! | 0x00   | `ID`      | r      | [`ID`]                                               |
//! | 0x04   | `SIZE`    | r      | bytes of RAM                                         |
//! | 0x08   | `STATUS`  | rw     | bits [`DONE`], [`FAILED`], [`BELL`]; writing 1 clears |
//! | 0x0c   | `ENABLE`  | rw     | bits of `STATUS` that interrupt                      |
//! | 0x10   | `DMA_LOW` | rw     | address in the guest, the lower half                 |
//! | 0x14   | `DMA_HIGH`| rw     | the upper half                                       |
//! | 0x18   | `OFFSET`  | rw     | offset in the RAM                                    |
//! | 0x1c   | `LENGTH`  | rw     | bytes to copy                                        |
//! | 0x20   | `COMMAND` | w      | [`FROM_GUEST`], [`TO_GUEST`] or [`RING`]             |
//!
//! `COMMAND` returns when the copy has ended. The device uses the crate `mdev` and nothing of C: it
//! has no unsafe code.

use kernel::{
    faux,
    fmt::{
        self,
        Write, //
    },
    new_mutex,
    prelude::*,
    str::Formatter,
    sync::Mutex, //
};
use mdev::{
    uapi::*,
    Budget,
    Charge,
    DeviceApi,
    Driver,
    EventFd,
    Irq,
    IrqAction,
    IrqData,
    IrqSet,
    Mapping,
    Mdev,
    Open,
    Parent,
    Ram,
    Region,
    Registration,
    Type,
    TypeInfo, //
};

module! {
    type: MemoryCards,
    name: "rust_mdev",
    authors: ["The mdev-lifecycle authors"],
    description: "Mediated PCI memory cards, in Rust",
    license: "GPL",
}

/// MiB that the cards share.
const TOTAL: u64 = 16;
/// MiB of a card of each type.
const SMALL: u64 = 2;
const LARGE: u64 = 8;

/// The content of the register `ID`.
const ID: u32 = 0x7665_646d;
/// Bits of `STATUS`: a copy has ended.
const DONE: u32 = 1 << 0;
/// A copy has failed: it is not all in the RAM, or the guest did not map the address.
const FAILED: u32 = 1 << 1;
/// The bell was rung.
const BELL: u32 = 1 << 2;
const STATUS_BITS: u32 = DONE | FAILED | BELL;
/// Values of `COMMAND`: copy from the guest to the RAM.
const FROM_GUEST: u32 = 1;
/// Copy from the RAM to the guest.
const TO_GUEST: u32 = 2;
/// Ring the bell.
const RING: u32 = 3;

const CONFIG_SIZE: usize = 256;
const REGISTERS_SIZE: u64 = 0x1000;

/// The configuration space, and which of its bits a guest may change.
struct Config {
    bytes: [u8; CONFIG_SIZE],
    writable: [u8; CONFIG_SIZE],
}

impl Config {
    fn new(ram: u32) -> Self {
        let mut config = Self {
            bytes: [0; CONFIG_SIZE],
            writable: [0; CONFIG_SIZE],
        };

        // of Red Hat's numbers for virtual devices, one that no driver binds to
        config.set(PCI_VENDOR_ID, &0x1b36_u16.to_le_bytes());
        config.set(PCI_DEVICE_ID, &0x00fe_u16.to_le_bytes());
        config.set(PCI_SUBSYSTEM_VENDOR_ID, &0x1b36_u16.to_le_bytes());
        config.set(PCI_SUBSYSTEM_ID, &0x1100_u16.to_le_bytes());
        // a memory controller, of RAM
        config.set(PCI_CLASS_DEVICE, &0x0500_u16.to_le_bytes());
        config.set(PCI_INTERRUPT_PIN, &[1]);
        config.set(
            PCI_BASE_ADDRESS_0,
            &PCI_BASE_ADDRESS_MEM_PREFETCH.to_le_bytes(),
        );

        let command = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_INTX_DISABLE;
        config.allow(PCI_COMMAND, &(command as u16).to_le_bytes());
        config.allow(PCI_INTERRUPT_LINE, &[0xff]);
        // the bits below the size are zero, which tells the guest the size
        config.allow(PCI_BASE_ADDRESS_0, &(!(ram - 1)).to_le_bytes());
        config.allow(
            PCI_BASE_ADDRESS_2,
            &(!(REGISTERS_SIZE as u32 - 1)).to_le_bytes(),
        );
        config
    }

    fn set(&mut self, at: u32, data: &[u8]) {
        self.bytes[at as usize..][..data.len()].copy_from_slice(data);
    }

    fn allow(&mut self, at: u32, mask: &[u8]) {
        self.writable[at as usize..][..mask.len()].copy_from_slice(mask);
    }

    fn read(&self, at: u64, data: &mut [u8]) {
        data.copy_from_slice(&self.bytes[at as usize..][..data.len()]);
    }

    fn write(&mut self, at: u64, data: &[u8]) {
        for (i, byte) in data.iter().enumerate() {
            let (i, mask) = (at as usize + i, self.writable[at as usize + i]);

            self.bytes[i] = (self.bytes[i] & !mask) | (byte & mask);
        }
    }

    fn command(&self) -> u32 {
        let at = PCI_COMMAND as usize;

        u32::from(self.bytes[at]) | u32::from(self.bytes[at + 1]) << 8
    }
}

/// Arguments of the copy that `COMMAND` makes.
#[derive(Clone, Copy, Default)]
struct Copying {
    address: u64,
    offset: u32,
    length: u32,
}

/// State of a card, under its lock.
struct State {
    config: Config,
    status: u32,
    enable: u32,
    copy: Copying,
    /// The user's eventfd for INTx.
    intx: Option<EventFd>,
    /// vfio masks INTx when it signals it, until the user unmasks it.
    masked: bool,
    /// The user's eventfd for the host's wish to have the device back.
    request: Option<EventFd>,
}

impl State {
    fn new(ram: u32) -> Self {
        Self {
            config: Config::new(ram),
            status: 0,
            enable: 0,
            copy: Copying::default(),
            intx: None,
            masked: false,
            request: None,
        }
    }

    fn level(&self) -> bool {
        self.status & self.enable != 0 && self.config.command() & PCI_COMMAND_INTX_DISABLE == 0
    }

    /// To be called after each change of the level, of the mask, or of the eventfd.
    fn update_intx(&mut self) {
        let status = if self.status & self.enable != 0 {
            PCI_STATUS_INTERRUPT
        } else {
            0
        };

        self.config.set(PCI_STATUS, &(status as u16).to_le_bytes());
        if self.level() && !self.masked {
            if let Some(intx) = &self.intx {
                self.masked = true;
                intx.signal();
            }
        }
    }

    fn raise(&mut self, status: u32) {
        self.status |= status;
        self.update_intx();
    }

    fn register(&self, at: u64, ram: usize) -> u32 {
        match at {
            0x00 => ID,
            0x04 => ram as u32,
            0x08 => self.status,
            0x0c => self.enable,
            0x10 => self.copy.address as u32,
            0x14 => (self.copy.address >> 32) as u32,
            0x18 => self.copy.offset,
            0x1c => self.copy.length,
            _ => 0,
        }
    }

    /// Sets any register but `COMMAND`.
    fn set_register(&mut self, at: u64, value: u32) {
        match at {
            0x08 => self.status &= !value,
            0x0c => self.enable = value & STATUS_BITS,
            0x10 => self.copy.address = self.copy.address >> 32 << 32 | u64::from(value),
            0x14 => {
                self.copy.address = u64::from(value) << 32 | u64::from(self.copy.address as u32);
            }
            0x18 => self.copy.offset = value,
            0x1c => self.copy.length = value,
            _ => (),
        }
        self.update_intx();
    }
}

/// A card.
#[pin_data]
struct Card {
    ram: Ram,
    #[pin]
    state: Mutex<State>,
    // the last field: the budget has the memory back when it is free
    _charge: Charge,
}

impl Card {
    /// Copies between the RAM and the guest, without the lock: the guest's memory may be slow.
    fn copy(this: &Open<'_, Self>, copy: Copying, to_guest: bool) -> Result {
        let mut buffer = [0; 256];
        let mut done = 0;

        while done < copy.length {
            let step = buffer.len().min((copy.length - done) as usize);
            let bytes = &mut buffer[..step];
            let address = copy.address.checked_add(u64::from(done)).ok_or(EINVAL)?;
            let offset = u64::from(copy.offset) + u64::from(done);

            if to_guest {
                this.ram.read(offset, bytes)?;
                this.dma_write(address, bytes)?;
            } else {
                this.dma_read(address, bytes)?;
                this.ram.write(offset, bytes)?;
            }
            done += step as u32;
        }
        Ok(())
    }

    fn command(this: &Open<'_, Self>, command: u32) {
        let status = match command {
            FROM_GUEST | TO_GUEST => {
                let (copy, master) = {
                    let state = this.state.lock();

                    (state.copy, state.config.command() & PCI_COMMAND_MASTER)
                };

                if master != 0 && Self::copy(this, copy, command == TO_GUEST).is_ok() {
                    DONE
                } else {
                    FAILED
                }
            }
            RING => BELL,
            _ => return,
        };

        this.state.lock().raise(status);
    }

    fn connect_intx(&self, set: IrqSet) -> Result {
        let mut state = self.state.lock();

        match (set.action, &set.data) {
            (IrqAction::Mask, IrqData::None(1)) => state.masked = true,
            (IrqAction::Unmask, IrqData::None(1)) => state.masked = false,
            // as in vfio-pci: a user may test its handler
            (IrqAction::Trigger, IrqData::None(1)) => {
                if let Some(intx) = &state.intx {
                    intx.signal();
                }
                return Ok(());
            }
            _ => {
                state.intx = set.connect()?;
                state.masked = false;
            }
        }
        state.update_intx();
        Ok(())
    }
}

/// Data of a type: MiB of RAM.
struct Size(u64);

#[vtable]
impl Driver for Card {
    const NAME: &'static CStr = c"rust_mdev";
    const DEVICE_API: DeviceApi = DeviceApi::Pci;
    const REGIONS: u32 = VFIO_PCI_NUM_REGIONS;
    const IRQS: u32 = VFIO_PCI_NUM_IRQS;

    type Parent = ();
    type Type = Size;

    fn probe(mdev: &Mdev<'_, Self>) -> impl PinInit<Self, Error> {
        let size = mdev.kind().data().0 << 20;

        try_pin_init!(Self {
            ram: Ram::new(size as usize)?,
            state <- new_mutex!(State::new(size as u32)),
            _charge: mdev.charge(),
        })
    }

    fn description(kind: &Type<'_, Self>, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(out, "PCI memory card, {} MiB", kind.data().0)
    }

    fn close(this: &Open<'_, Self>) {
        let mut state = this.state.lock();

        state.intx = None;
        state.request = None;
        state.masked = false;
    }

    fn region(&self, index: u32) -> Region {
        const ACCESS: u32 = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;

        match index {
            VFIO_PCI_CONFIG_REGION_INDEX => Region {
                size: CONFIG_SIZE as u64,
                flags: ACCESS,
            },
            VFIO_PCI_BAR0_REGION_INDEX => Region {
                size: self.ram.size() as u64,
                flags: ACCESS | VFIO_REGION_INFO_FLAG_MMAP,
            },
            VFIO_PCI_BAR2_REGION_INDEX => Region {
                size: REGISTERS_SIZE,
                flags: ACCESS,
            },
            _ => Region::default(),
        }
    }

    fn read(this: &Open<'_, Self>, index: u32, at: u64, data: &mut [u8]) -> Result {
        match index {
            VFIO_PCI_BAR0_REGION_INDEX => return this.ram.read(at, data),
            VFIO_PCI_CONFIG_REGION_INDEX => this.state.lock().config.read(at, data),
            _ if data.len() % 4 == 0 => {
                let state = this.state.lock();

                for (i, word) in data.chunks_exact_mut(4).enumerate() {
                    let value = state.register(at + 4 * i as u64, this.ram.size());

                    word.copy_from_slice(&value.to_le_bytes());
                }
            }
            _ => return Err(EINVAL),
        }
        Ok(())
    }

    fn write(this: &Open<'_, Self>, index: u32, at: u64, data: &[u8]) -> Result {
        match index {
            VFIO_PCI_BAR0_REGION_INDEX => return this.ram.write(at, data),
            VFIO_PCI_CONFIG_REGION_INDEX => {
                let mut state = this.state.lock();

                state.config.write(at, data);
                state.update_intx();
            }
            _ if data.len() % 4 == 0 => {
                for (i, word) in data.chunks_exact(4).enumerate() {
                    let value = u32::from_le_bytes(word.try_into().map_err(|_| EINVAL)?);

                    match at + 4 * i as u64 {
                        0x20 => Self::command(this, value),
                        at => this.state.lock().set_register(at, value),
                    }
                }
            }
            _ => return Err(EINVAL),
        }
        Ok(())
    }

    fn mmap(this: &Open<'_, Self>, mapping: &Mapping<'_>) -> Result {
        // BAR 0 is the only region with VFIO_REGION_INFO_FLAG_MMAP
        this.ram.map(mapping)
    }

    fn irq(&self, index: u32) -> Irq {
        match index {
            VFIO_PCI_INTX_IRQ_INDEX => Irq {
                count: 1,
                flags: VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_MASKABLE | VFIO_IRQ_INFO_AUTOMASKED,
            },
            VFIO_PCI_REQ_IRQ_INDEX => Irq {
                count: 1,
                flags: VFIO_IRQ_INFO_EVENTFD,
            },
            _ => Irq::default(),
        }
    }

    fn set_irqs(this: &Open<'_, Self>, set: IrqSet) -> Result {
        match set.index {
            VFIO_PCI_INTX_IRQ_INDEX => this.connect_intx(set),
            VFIO_PCI_REQ_IRQ_INDEX => {
                this.state.lock().request = set.connect()?;
                Ok(())
            }
            _ => Err(EINVAL),
        }
    }

    fn reset(this: &Open<'_, Self>) -> Result {
        let mut state = this.state.lock();

        // the user's eventfds stay connected
        state.config = Config::new(this.ram.size() as u32);
        (state.status, state.enable, state.copy) = (0, 0, Copying::default());
        this.ram.clear();
        Ok(())
    }

    fn request(&self, _count: u32) {
        if let Some(request) = &self.state.lock().request {
            request.signal();
        }
    }
}

/// The module: a parent, which it unregisters when it is dropped.
struct MemoryCards {
    _parent: Parent<Card, faux::Registration>,
}

impl kernel::Module for MemoryCards {
    fn init(module: &'static ThisModule) -> Result<Self> {
        let driver = Registration::new(module)?;
        let device = faux::Registration::new(Card::NAME, None)?;
        let types = [
            TypeInfo {
                name: c"2m",
                pretty_name: Some(c"PCI memory card, small"),
                data: Size(SMALL),
            },
            TypeInfo {
                name: c"8m",
                pretty_name: Some(c"PCI memory card, large"),
                data: Size(LARGE),
            },
        ];
        let memory = Budget {
            name: c"megabytes",
            total: TOTAL,
            costs: [SMALL, LARGE],
        };

        Ok(Self {
            _parent: Parent::register(driver, device, (), types, &[memory])?,
        })
    }
}
