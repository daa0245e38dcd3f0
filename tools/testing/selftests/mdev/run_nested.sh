#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_nested.sh: a guest in the guest. An mdev of mtty is the serial port of a Linux under QEMU
# (nested_guest.sh).
#
# vm/suite --nested puts QEMU, a kernel and an initramfs into the VM. Unlike in run_qemu.sh, QEMU may
# not unplug the device by itself: it asks its guest, which turns the slot off.
boot=900	# seconds until the guest is up
limit=120	# until it sees what happened
uuid=5f3a7c1e-0000-4000-8000-000000000003
mdev=/sys/bus/mdev/devices/$uuid

create() {
	echo $uuid >/sys/class/mdev_bus/mtty/mdev_supported_types/mtty-1/create
}

boots() {
	create || return
	start_linux console=ttyS0 -M q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off \
		-serial chardev:console -device pcie-root-port,id=slot1 \
		-device vfio-pci,id=mdev,bus=slot1,sysfsdev=$mdev || return
	holds_vfio && said online 1 $boot
}

port_echoes() {
	said echoed 1 $limit
}

# a reset of the guest resets the device
reset() {
	qmp system_reset
	expect 20 '"return"' && said echoed 2 $boot
}

# the port is back
comes_back() {
	create || return
	qmp device_add '{"driver": "vfio-pci", "id": "mdev", "bus": "slot1", "sysfsdev": "'$mdev'"}'
	expect 20 '"return"' && said echoed 3 $limit
}

echo "TAP version 13"
if [ ! -e /qemu/initrd ]; then
	echo "1..0 # SKIP no QEMU and no kernel for it in this VM: vm/suite has the option --nested"
	exit 4
fi
# shellcheck source=scripts/vm/guest/vmm.sh
. /qemu/vmm.sh
nested_tests boots port_echoes reset remove_mdev comes_back
