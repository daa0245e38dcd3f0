#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_nested.sh: a guest in the guest. QEMU passes the terminal fe.0.4444 through vfio-ccw to a Linux of
# its own (nested_guest.sh), and a user logs in there.
#
# The user is s3270 on the host of this VM: what it types goes through the x-terminal3270, vfio-ccw
# and QEMU, what it sees comes back the same way. vm/suite --nested puts QEMU, a kernel and an initramfs
# into the VM. A Linux in two emulators takes a minute or two to boot.
boot=${boot_seconds:-900}	# until the guest is up
limit=120		# until the guest or its user sees what happened
uuid=5f3a7c1e-0000-4000-8000-000000000002
mdev=/sys/bus/mdev/devices/$uuid
seen=/tmp/nested.seen

# sees WORDS: the terminal shows WORDS within the limit
sees() {
	local end
	end=$(($(now) + limit * 100))
	while [ "$(now)" -lt $end ]; do
		screen 'Ascii()' >$seen
		! grep -q "$1" $seen || return 0
		sleep 1
	done
	echo "# the terminal does not show '$1'; it shows:"
	sed 's/^/#   /' $seen
	return 1
}

# types WORDS
types() {
	screen "String(\"$1\")" >/dev/null && screen 'Enter()' >/dev/null
}

# log_in: a user logs in and runs a command
log_in() {
	sees 'login:' && types root && sees 'Password:' && types channel && sees '#' || return
	# the sum is not in what was typed
	# shellcheck disable=SC2016 # the guest's shell adds
	types 'echo sum $((1200+34))' && sees 'sum 1234'
}

# plug_in: QEMU has the subchannel, and its guest sets the terminal online
plug_in() {
	echo $uuid >"/sys/bus/css/devices/$sch/mdev_supported_types/vfio_ccw-io/create" || return
	qmp device_add '{"driver": "vfio-ccw", "id": "term", "devno": "fe.0.4444", "sysfsdev": "'$mdev'"}'
	expect 20 '"return"' && holds_vfio
}

boots() {
	# a terminal without its user asks for intervention
	screen connect >/dev/null || return
	sch=$(basename "$(dirname "$(readlink -f /sys/bus/ccw/devices/0.0.4444)")")
	echo vfio_ccw >"/sys/bus/css/devices/$sch/driver_override"
	echo "$sch" >"/sys/bus/css/devices/$sch/driver/unbind"
	echo "$sch" >/sys/bus/css/drivers/vfio_ccw/bind || return
	start_linux "" -M s390-ccw-virtio -cpu max \
		-device sclpconsole,chardev=console || return
	plug_in && said online 1 "$boot"
}

logs_in() {
	log_in
}

# a reset of the guest resets the device; the user's connection stays
reset() {
	qmp system_reset
	expect 20 '"return"' && said online 2 "$boot" && log_in
}

# the host's administrator removes the mdev: QEMU lets go of it, and the guest sees it go
remove_mdev() {
	local begin
	begin=$(now)
	echo 1 >$mdev/remove &
	said gone 1 $limit || return
	while [ -d $mdev ] && [ "$(now)" -lt $((begin + limit * 100)) ]; do
		sleep 0.1
	done
	echo "# @nested removal took=$((($(now) - begin) * 10)) ms"
	[ ! -d $mdev ] && alive
}

# the terminal is back, after a removal of its mdev
comes_back() {
	plug_in && said online 3 $limit && log_in
}

# the plug of the terminal is pulled, below all
plug_is_pulled() {
	screen 'Disconnect()' >/dev/null
	mon device_del tn1 && said gone 2 $limit && alive || return
	if [ -d "/sys/bus/css/devices/$sch" ]; then
		echo "# the subchannel is still there"
		return 1
	fi
}

echo "TAP version 13"
if [ ! -e /qemu/initrd ]; then
	echo "1..0 # SKIP no QEMU and no kernel for it in this VM: vm/suite has the option --nested"
	exit 4
fi
# shellcheck source=scripts/vm/guest/vmm.sh
. /qemu/vmm.sh
nested_tests boots logs_in reset remove_mdev comes_back plug_is_pulled
