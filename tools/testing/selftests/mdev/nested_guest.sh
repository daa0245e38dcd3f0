#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# nested_guest.sh: the guest of run_nested.sh. It has a serial port on the PCI bus, an mdev of mtty,
# which answers with what was sent to it.
#
# "@@NEST WORD" on its console tells what happens to the port: up, online, echoed, gone.
port_of() {
	for port in /sys/class/tty/ttyS*; do
		case $(readlink -f "$port") in
		/sys/devices/pci*) echo "/dev/${port##*/}" && return ;;
		esac
	done
	return 1
}

# echoes PORT: what is sent to the port comes back
echoes() {
	local line
	stty -F "$1" raw -echo || return
	exec 5<>"$1"
	echo "hello 1234" >&5
	# shellcheck disable=SC3045 # read -t: busybox has it
	read -r -t 60 line <&5
	exec 5>&-
	[ "$line" = "hello 1234" ] || echo "the port says '$line'"
	[ "$line" = "hello 1234" ]
}

echo "@@NEST up"
while :; do
	until port=$(port_of); do
		sleep 0.5
	done
	echo "@@NEST online $port"
	echoes "$port" && echo "@@NEST echoed"
	while port_of >/dev/null; do
		sleep 0.5
	done
	echo "@@NEST gone"
done
