#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_ops.sh: in a test VM whose mdev core carries the old interface, check what the adapter makes
# of mdev_test_ops.ko in each of its forms. KTAP on standard output.
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

# the parents have no driver to be named after
P=/sys/devices/mdev_ops0/mdev_supported_types
small=$P/-small
large=$P/-large

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
	# shellcheck disable=SC2012 # names without surprises
	ls "$1" | tr '\n' ' '
}

start() {
	dmesg -c >/dev/null
	/bin/busybox insmod "/modules/common/mdev_test_ops.ko" "$@" || echo "# insmod $* failed"
}

warnings() {
	dmesg | grep -c "those are not used"
}

stop() {
	remove_all
	rmmod mdev_test_ops
	check "$1: nothing is left in the log" 0 "$(dmesg | grep -c 'mdevs are left\|can be registered twice\|duplicate filename\|Call Trace')"
}

echo "TAP version 13"
load mdev || exit 2

start
check "neither: files" "available_instances create device_api devices name note " "$(files $small)"
check "neither: device_api is the driver's" own-api "$(cat $small/device_api)"
check "neither: available_instances is the driver's" 100 "$(cat $small/available_instances)"
check "neither: name is the driver's" "-large of mdev_ops0" "$(cat $large/name)"
echo hello >$small/note
check "neither: a file of the driver's can be written" hello "$(cat $large/note)"
check "neither: no warning" 0 "$(warnings)"
i=0
while [ $i -lt 110 ]; do create $small $i; i=$((i + 1)); done >/dev/null
check "neither: the core does not count" -10 "$(cat $small/available_instances)"
check "neither: drvdata and attributes of the mdev" "1 0" "$(cat "/sys/bus/mdev/devices/$(uuid 0)/serial")"
remove_all
create $large 1 >/dev/null
check "neither: the index of the group" "111 1" "$(cat "/sys/bus/mdev/devices/$(uuid 1)/serial")"
check "neither: an mdev in an IOMMU group" yes "$([ -e "/sys/bus/mdev/devices/$(uuid 1)/iommu_group" ] && echo yes)"
check "neither: a device file for it" yes "$([ -e "/dev/vfio/$(basename "$(readlink "/sys/bus/mdev/devices/$(uuid 1)/iommu_group")")" ] && echo yes)"
echo 12 >/sys/module/mdev_test_ops/parameters/fail
check "neither: a create that fails" no "$(create $small 2)"
check "neither: leaves no mdev behind" no "$([ -e "/sys/bus/mdev/devices/$(uuid 2)" ] && echo yes || echo no)"
check "neither: and the next succeeds" ok "$(create $small 2)"
stop neither

start api=1 max=3
check "max_instances: files" "available_instances create device_api devices name note " "$(files $small)"
check "max_instances: device_api is the core's" vfio-pci "$(cat $small/device_api)"
check "max_instances: name stays the driver's" "-small of mdev_ops0" "$(cat $small/name)"
check "max_instances: one warning for each parent" 2 "$(warnings)"
check "max_instances: available" 3 "$(cat $small/available_instances)"
check "max_instances: create" "ok ok ok no" "$(create $small 1) $(create $large 2) $(create $small 3) $(create $large 4)"
check "max_instances: nothing is left to create" "0 0" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "max_instances: the other parent has its own" 3 "$(cat /sys/devices/mdev_ops1/mdev_supported_types/-small/available_instances)"
stop max_instances

start api=1 budget=1
check "budget: available" "7 2" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "budget: create" "ok ok no ok no" "$(create $large 1) $(create $large 2) $(create $large 3) $(create $small 4) $(create $small 5)"
echo 1 >"/sys/bus/mdev/devices/$(uuid 1)/remove"
check "budget: after a remove" "3 1" "$(cat $small/available_instances) $(cat $large/available_instances)"
check "budget: one warning for each parent" 2 "$(warnings)"
stop budget

start api=1 max=3 own=0
check "migrated: files" "available_instances create device_api devices name note " "$(files $small)"
check "migrated: no warning" 0 "$(warnings)"
stop migrated

start own=0
check "no attributes: files" "available_instances create devices name note " "$(files $small)"
check "no attributes: the core knows no limit" 2147483647 "$(cat $small/available_instances)"
stop "no attributes"

echo "1..$n"
echo "# $((n - bad)) passed, $bad failed"
[ $bad = 0 ]
