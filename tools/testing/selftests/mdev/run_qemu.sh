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
fifo=/tmp/qmp

# centiseconds since the boot
now() {
	cut -d' ' -f1 /proc/uptime | tr -d .
}

# expect WORDS: read the monitor until it prints WORDS
expect() {
	local end line
	end=$(($(now) + limit * 100))
	# shellcheck disable=SC3045 # read -t: busybox has it
	while [ "$(now)" -lt $end ] && read -r -t $limit line <&4; do
		case $line in
		*'"error"'*) echo "# $line" ;;
		*"$1"*) return 0 ;;
		esac
	done
	echo "# QEMU did not say $1"
	return 1
}

start_qemu() {
	rm -f $fifo.in $fifo.out
	mkfifo $fifo.in $fifo.out
	# for reading and writing: neither waits for the other side
	exec 3<>$fifo.in 4<>$fifo.out
	/qemu/qemu -L /qemu -M q35 -global ICH9-LPC.acpi-pci-hotplug-with-bridge-support=off \
		-accel tcg -m 32 -nodefaults -no-user-config -display none -S \
		-chardev pipe,id=qmp,path=$fifo -mon chardev=qmp,mode=control \
		-device pcie-root-port,id=slot1 >/tmp/qemu.log 2>&1 3>&- 4<&- &
	qemu=$!
	expect '"QMP"' || return
	echo '{"execute": "qmp_capabilities"}' >&3
	expect '"return"'
}

# take_mdev: QEMU opens the mdev
take_mdev() {
	echo '{"execute": "device_add", "arguments": {"driver": "vfio-pci", "id": "mdev",' \
		'"bus": "slot1", "sysfsdev": "'$mdev'"}}' >&3
	expect '"return"' || return
	for fd in "/proc/$qemu/fd/"*; do
		case $(readlink "$fd") in
		*vfio-device*) return 0 ;;
		esac
	done
	echo "# QEMU has not opened the mdev"
	return 1
}

# remove_mdev: the host removes the mdev, and QEMU lets go of it and lives on
remove_mdev() {
	local begin good=0
	begin=$(now)
	echo 1 >$mdev/remove &
	remover=$!
	expect '"DEVICE_DELETED"' || good=1
	while [ -d $mdev ] && [ "$(now)" -lt $((begin + limit * 100)) ]; do
		sleep 0.01
	done
	[ ! -d $mdev ] || {
		echo "# the removal has not ended after $limit s"
		good=1
	}
	echo "# @qemu $1 took=$((($(now) - begin) * 10)) ms"
	kill -0 $qemu 2>/dev/null || {
		echo "# QEMU has ended"
		good=1
	}
	return $good
}

stop_qemu() {
	echo '{"execute": "quit"}' >&3
	sleep 1
	kill $qemu 2>/dev/null
	wait $qemu
	exec 3>&- 4<&-
	[ -z "$remover" ] || wait $remover
	[ ! -d $mdev ] || echo 1 >$mdev/remove
}

# with_qemu MODULE TYPE
with_qemu() {
	local result=0
	remover=
	echo $uuid >"/sys/class/mdev_bus/$1/mdev_supported_types/$2/create" || return
	if ! start_qemu || ! take_mdev || ! remove_mdev "$1"; then
		result=1
	fi
	stop_qemu
	[ $result -eq 0 ] || sed 's/^/# qemu: /' /tmp/qemu.log
	return $result
}

echo "TAP version 13"
if [ ! -e /qemu/qemu ]; then
	echo "1..0 # SKIP no QEMU in this VM: vm/suite has the option --vmm"
	exit 4
fi
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
