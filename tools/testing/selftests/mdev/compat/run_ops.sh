#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_ops.sh: test the adapter for mdev_register_device() in a test VM, with mdev_test_ops.ko in each
# of its forms. Prints KTAP.
column=${column:-ours}
export column
n=0 bad=0

check() { # NAME EXPECTED GOT
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n $1"
	else
		bad=$((bad + 1))
		echo "# expected '$2', got '$3'"
		echo "not ok $n $1"
	fi
}

# names of types begin with the parent's driver, or with its bus
P=/sys/devices/platform/mdev_ops.0/mdev_supported_types
small=$P/platform-small
large=$P/platform-large

uuid() { # NUMBER
	printf '12345678-0000-0000-0000-%012d' "$1"
}

create() { # TYPE NUMBER
	uuid "$2" 2>/dev/null >"$1/create" && echo ok || echo no
}

remove_all() {
	for d in /sys/bus/mdev/devices/*; do
		[ -e "$d/remove" ] && echo 1 >"$d/remove"
	done
}

files() { # TYPE
	# shellcheck disable=SC2012 # sysfs names have no blanks
	ls "$1" | tr '\n' ' '
}

start() {
	dmesg -c >/dev/null
	/bin/busybox insmod "/modules/common/mdev_test_ops.ko" "$@" || echo "# insmod $* failed"
}

warnings() { # messages about the parents, "MDEV: Registered" apart
	dmesg | grep -c 'mdev_ops[.][01]: mdev: '
}

stop() {
	remove_all
	rmmod mdev_test_ops
	check "$1: nothing is left in the log" 0 "$(dmesg | grep -c 'mdevs are left\|can be registered twice\|duplicate filename\|Call Trace')"
}

echo "TAP version 13"
load mdev || exit 2

start
check "no limit: files" "available_instances create device_api devices name note " "$(files $small)"
check "no limit: device_api is the driver's" own-api "$(cat $small/device_api)"
check "no limit: available_instances is the driver's" 100 "$(cat $small/available_instances)"
check "no limit: name is the driver's" "platform-large of mdev_ops.0" "$(cat $large/name)"
echo hello >$small/note
check "no limit: an attribute of the driver can be written" hello "$(cat $large/note)"
check "no limit: no warning" 0 "$(warnings)"
i=0
while [ $i -lt 110 ]; do create $small $i; i=$((i + 1)); done >/dev/null
check "no limit: the core does not count" -10 "$(cat $small/available_instances)"
check "no limit: drvdata and attributes of the mdev" "1 0" "$(cat "/sys/bus/mdev/devices/$(uuid 0)/serial")"
remove_all
create $large 1 >/dev/null
check "no limit: the index of the group" "111 1" "$(cat "/sys/bus/mdev/devices/$(uuid 1)/serial")"
check "no limit: an mdev in an IOMMU group" yes "$([ -e "/sys/bus/mdev/devices/$(uuid 1)/iommu_group" ] && echo yes)"
check "no limit: its device file" yes "$([ -e "/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$(uuid 1)/iommu_group")")" ] && echo yes)"
echo 12 >/sys/module/mdev_test_ops/parameters/fail
check "no limit: a create that fails" no "$(create $small 2)"
check "no limit: leaves no mdev" no "$([ -e "/sys/bus/mdev/devices/$(uuid 2)" ] && echo yes || echo no)"
check "no limit: the next create succeeds" ok "$(create $small 2)"
stop "no limit"

start api=1 max=3
check "max_instances: files" "available_instances create device_api devices name note " "$(files $small)"
check "max_instances: device_api is the core's" vfio-pci "$(cat $small/device_api)"
check "max_instances: name stays the driver's" "platform-small of mdev_ops.0" "$(cat $small/name)"
check "max_instances: one warning for each parent" 2 "$(warnings)"
check "max_instances: available" 3 "$(cat $small/available_instances)"
check "max_instances: create" "ok ok ok no" "$(create $small 1) $(create $large 2) $(create $small 3) $(create $large 4)"
check "max_instances: none is available then" "0 0" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "max_instances: the other parent has its own count" 3 "$(cat /sys/devices/platform/mdev_ops.1/mdev_supported_types/platform-small/available_instances)"
stop max_instances

start api=1 budget=1
check "budget: one warning for each parent" 2 "$(warnings)"
check "budget: available" "7 2" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "budget: create" "ok ok no ok no" "$(create $large 1) $(create $large 2) $(create $large 3) $(create $small 4) $(create $small 5)"
echo 1 >"/sys/bus/mdev/devices/$(uuid 1)/remove"
check "budget: after a remove" "3 1" "$(cat $small/available_instances) $(cat $large/available_instances)"
stop budget

start api=1 pools=1
check "pools: one warning for each parent" 2 "$(warnings)"
check "pools: available" "7 2" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "pools: create" "ok ok no ok no" "$(create $large 1) $(create $large 2) $(create $large 3) $(create $small 4) $(create $small 5)"
echo 1 >"/sys/bus/mdev/devices/$(uuid 1)/remove"
check "pools: after a remove" "3 1" "$(cat $small/available_instances) $(cat $large/available_instances)"
stop pools

start api=1 max=3 own=0
check "converted: files" "available_instances create device_api devices name note " "$(files $small)"
check "converted: no warning" 0 "$(warnings)"
stop converted

# K75: as on the stock core
start own=0
check "no files: files" "create devices name note " "$(files $small)"
check "no files: create" ok "$(create $small 1)"
stop "no files"

# K76: while the driver's files are added, other uevents of the device are sent
seqnum() {
	cat /sys/kernel/uevent_seqnum
}

in_between() { # the uevents that were sent during the registration
	i=0
	while [ ! -e $small ] && [ $i -lt 60000 ]; do i=$((i + 1)); usleep 1000; done
	usleep 100000
	before=$(seqnum)
	echo change >/sys/devices/platform/mdev_ops.0/uevent
	echo "$(($(seqnum) - before)) $(create $small 1)" >/tmp/in_between
}

window=/sys/module/mdev_window/parameters/pause
[ -e $window ] || insmod /modules/common/mdev_window.ko
if echo "sysfs_create_file_ns busybox 800" >$window; then
	in_between &
	start
	echo off >$window
	wait
	check "in between: a uevent is sent, and create is refused" "1 no" "$(cat /tmp/in_between)"
	stop "in between"
fi

echo "1..$n"
echo "# $((n - bad)) passed, $bad failed"
[ $bad = 0 ]
