#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_nested.sh: a guest in the guest. QEMU passes the terminal fe.0.4444 through vfio-ccw to a Linux of
# its own (nested_guest.sh), and a user logs in there.
#
# The user is s3270 on the host of this VM: what it types goes through the x-terminal3270, vfio-ccw
# and QEMU, what it sees comes back the same way. vm/suite --nested puts QEMU, a kernel and an initramfs
# into the VM. A Linux in two emulators takes minutes to boot.
boot=900		# seconds until the guest is up
limit=240		# until the guest or its user sees what happened
uuid=5f3a7c1e-0000-4000-8000-000000000002
mdev=/sys/bus/mdev/devices/$uuid
seen=/tmp/nested.seen
sum=

# shows WORDS, lacks WORDS: what is on the terminal
shows() {
	screen 'Ascii()' >$seen
	grep -q "$1" $seen
}

lacks() {
	! shows "$1"
}

# within COMMAND...: until it succeeds, or the limit is over
within() {
	local end
	end=$(($(now) + limit * 100))
	while [ "$(now)" -lt $end ]; do
		! "$@" || return 0
		sleep 1
	done
	echo "# not within $limit s: $*; the terminal shows:"
	sed 's/^/#   /' $seen
	return 1
}

# types WORDS
types() {
	screen "String(\"$1\")" >/dev/null && screen 'Enter()' >/dev/null
}

# prompts: the guest asks for a login. Words from before the connection are lost: ask again, but not
# often, because the keyboard is locked until the guest has read
prompts() {
	shows 'login:' && return
	asked=$((asked + 1))
	[ $((asked % 15)) != 5 ] || screen 'Enter()'
	return 1
}

# log_in: a user logs in and runs a command; its result is another one each time, and not what was typed
log_in() {
	# the screen of the login before
	[ -z "$sum" ] || within lacks "sum $sum" || return
	sum=$((${sum:-1200} + 34)) asked=0
	within prompts && types root && within shows 'Password:' && types channel &&
		within shows '#' && types "echo sum \$(($((sum - 1))+1))" && within shows "sum $sum"
}

# plug_in: QEMU has the subchannel, and its guest sets the terminal online
plug_in() {
	echo $uuid >"/sys/bus/css/devices/$sch/mdev_supported_types/vfio_ccw-io/create" || return
	qmp device_add '{"driver": "vfio-ccw", "id": "term", "devno": "fe.0.4444", "sysfsdev": "'$mdev'"}'
	expect 20 '"return"' && holds_vfio
}

boots() {
	sch=$(basename "$(dirname "$(readlink -f /sys/bus/ccw/devices/0.0.4444)")")
	echo vfio_ccw >"/sys/bus/css/devices/$sch/driver_override"
	echo "$sch" >"/sys/bus/css/devices/$sch/driver/unbind"
	echo "$sch" >/sys/bus/css/drivers/vfio_ccw/bind || return
	start_linux "" -M s390-ccw-virtio -cpu max \
		-device sclpconsole,chardev=console || return
	plug_in && said online 1 "$boot" && screen connect
}

# a reset of the guest resets the device; the user's connection stays
reset() {
	qmp system_reset
	expect 20 '"return"' && said online 2 "$boot" && log_in
}

# the terminal is back, after a removal of its mdev and a reset: in Linux 7.2 as the guest a kworker hangs
# when a terminal in use goes, and a terminal that comes back meanwhile is not found
comes_back() {
	plug_in || return
	qmp system_reset
	expect 20 '"return"' && said online 3 "$boot" && log_in
}

# the operator of QEMU takes the terminal from its guest. QEMU can't pull the plug of an x-terminal3270
# itself, one level below: "does not support hotplugging"
unplugged() {
	qmp device_del '{"id": "term"}'
	expect $limit '"DEVICE_DELETED"' && said gone 2 $limit && alive
}

echo "TAP version 13"
if [ ! -e /qemu/initrd ]; then
	echo "1..0 # SKIP no QEMU and no kernel for it in this VM: vm/suite has the option --nested"
	exit 4
fi
# shellcheck source=scripts/vm/guest/vmm.sh
. /qemu/vmm.sh
nested_tests boots log_in reset remove_mdev comes_back unplugged
