#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_qemu.sh: QEMU itself is the user of an mdev that is removed; vm/suite puts it into the VM with --vmm.
#
# QEMU runs no guest (-S). The mdev is behind a PCIe port that no guest has turned on, so that QEMU
# may unplug it without asking the guest: when it is asked for the device, it closes it, and says
# DEVICE_DELETED on its monitor. The stock samples ask nobody, and the removal waits until QEMU ends.
limit=10	# seconds that a test waits for QEMU
uuid=5f3a7c1e-0000-4000-8000-000000000001
mdev=/sys/bus/mdev/devices/$uuid

# boot_qemu: QEMU without a guest, with an empty slot
boot_qemu() {
	start_qemu -M q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off -m 32 -S \
		-device pcie-root-port,id=slot1
}

# take_mdev: QEMU opens the mdev
take_mdev() {
	qmp device_add '{"driver": "vfio-pci", "id": "mdev", "bus": "slot1", "sysfsdev": "'$mdev'"}'
	expect $limit '"return"' && holds_vfio
}

# remove_mdev: the host removes the mdev, and QEMU lets go of it and lives on
remove_mdev() {
	local begin good=0
	begin=$(now)
	echo 1 >$mdev/remove &
	remover=$!
	expect $limit '"DEVICE_DELETED"' || good=1
	while [ -d $mdev ] && [ "$(now)" -lt $((begin + limit * 100)) ]; do
		sleep 0.01
	done
	[ ! -d $mdev ] || {
		echo "# the removal has not ended after $limit s"
		good=1
	}
	echo "# @qemu $1 took=$((($(now) - begin) * 10)) ms"
	alive || good=1
	return $good
}

# with_qemu MODULE TYPE
with_qemu() {
	local result=0
	remover=
	echo $uuid >"/sys/class/mdev_bus/$1/mdev_supported_types/$2/create" || return
	if ! boot_qemu || ! take_mdev || ! remove_mdev "$1"; then
		result=1
	fi
	stop_qemu
	[ -z "$remover" ] || wait $remover
	[ ! -d $mdev ] || echo 1 >$mdev/remove
	[ $result -eq 0 ] || sed 's/^/# qemu: /' /tmp/qemu.log
	return $result
}

echo "TAP version 13"
if [ ! -e /qemu/qemu ]; then
	echo "1..0 # SKIP no QEMU in this VM: vm/suite has the option --vmm"
	exit 4
fi
# shellcheck source=scripts/vm/guest/vmm.sh
. /qemu/vmm.sh
echo "1..4"
number=0
worst=0
for pair in mtty/mtty-1 mdpy/mdpy-vga mbochs/mbochs-small rust_mdev/faux_driver-2m; do
	number=$((number + 1))
	if [ ! -d "/sys/class/mdev_bus/${pair%/*}" ] && [ ${pair%/*} = rust_mdev ]; then
		echo "ok $number qemu.rust_mdev.lets_go_when_it_is_asked # SKIP no rust_mdev.ko in this VM"
	elif with_qemu ${pair%/*} ${pair#*/}; then
		echo "ok $number qemu.${pair%/*}.lets_go_when_it_is_asked"
	else
		echo "not ok $number qemu.${pair%/*}.lets_go_when_it_is_asked"
		worst=1
	fi
done
exit $worst
