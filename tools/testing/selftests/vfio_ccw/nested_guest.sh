#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# nested_guest.sh: the guest of run_nested.sh; its only terminal is the subchannel that vfio-ccw gives to it.
#
# It sets the 3270 online, whenever there is one, and has a login there. "@@NEST WORD" on its console
# tells how far it is: up, online, gone. The user is root, the password "channel".
device=/sys/bus/ccw/devices/0.0.4444
tty=/dev/3270/tty1
mkdir -p /etc /root
# openssl passwd -6 -salt mdev channel
# shellcheck disable=SC2016
hash='$6$mdev$9yPR/rpJOLz7D7eZ7sM4rL2FxP3tTgKvqqyULjIp/7pzu5mqBnO39OzrpaFE0z3ffmFdLv1K30Przc29.J6QK1'
echo "root:$hash:0:0:root:/root:/bin/sh" >/etc/passwd
echo 'root:x:0:' >/etc/group
echo "@@NEST up"
while :; do
	until [ -e $device/online ]; do
		sleep 0.5
	done
	if ! echo 1 >$device/online; then
		sleep 1
		continue
	fi
	echo "@@NEST online"
	login=
	while [ -d $device ]; do
		# a new one after each logout
		if [ -c $tty ] && ! [ -d "/proc/${login:-none}" ]; then
			setsid getty -L 0 ${tty#/dev/} linux &
			login=$!
		fi
		sleep 1
	done
	echo "@@NEST gone"
done
