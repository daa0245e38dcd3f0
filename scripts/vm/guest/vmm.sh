# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# vmm.sh: QEMU as a program of the test VM, for guest scripts to source; vm/suite --vmm and --nested
# put it there.
#
# QEMU's monitor (QMP) is file descriptors 3, to it, and 4, from it. Its messages are in
# /tmp/qemu.log.
fifo=/tmp/qmp
# the console of QEMU's guest, if it has a Linux
console=/tmp/nested.log
qemu=

# centiseconds since the boot
now() {
	cut -d' ' -f1 /proc/uptime | tr -d .
}

# expect SECONDS WORDS: read the monitor until it prints WORDS
expect() {
	local end line
	end=$(($(now) + $1 * 100))
	# shellcheck disable=SC3045 # read -t: busybox has it
	while [ "$(now)" -lt $end ] && read -r -t "$1" line <&4; do
		case $line in
		*'"error"'*) echo "# $line" ;;
		*"$2"*) return 0 ;;
		esac
	done
	echo "# QEMU did not say $2 within $1 s"
	return 1
}

# qmp COMMAND [ARGUMENTS]: run a command of the monitor; ARGUMENTS are an object of JSON
qmp() {
	echo '{"execute": "'"$1"'", "arguments": '"${2:-{\}}"'}' >&3
}

# start_qemu ARGUMENT...: sets $qemu, the process
start_qemu() {
	rm -f $fifo.in $fifo.out
	mkfifo $fifo.in $fifo.out
	# for reading and writing: neither waits for the other side
	exec 3<>$fifo.in 4<>$fifo.out
	/qemu/qemu -L /qemu -accel tcg -nodefaults -no-user-config -display none \
		-chardev pipe,id=qmp,path=$fifo -mon chardev=qmp,mode=control "$@" \
		>/tmp/qemu.log 2>&1 3>&- 4<&- &
	qemu=$!
	expect 20 '"QMP"' || return
	qmp qmp_capabilities
	expect 20 '"return"'
}

# holds_vfio: whether QEMU has a vfio device open
holds_vfio() {
	local fd
	for fd in "/proc/$qemu/fd/"*; do
		case $(readlink "$fd") in
		*vfio-device*) return 0 ;;
		esac
	done
	echo "# QEMU has no vfio device open"
	return 1
}

stop_qemu() {
	qmp quit
	sleep 1
	kill "$qemu" 2>/dev/null
	wait "$qemu"
	exec 3>&- 4<&-
}

# start_linux WORDS ARGUMENT...: QEMU with a Linux, whose kernel command line has WORDS
start_linux() {
	local words=$1
	shift
	: >$console
	start_qemu -m 256 -kernel /qemu/kernel -initrd /qemu/initrd \
		-append "rdinit=/init run=/tests/nested_guest.sh loglevel=4 $words" \
		-chardev file,id=console,path=$console "$@"
}

# said WORD COUNT SECONDS: wait until the guest's console has said @@NEST WORD as often as COUNT
said() {
	local end tell=0
	end=$(($(now) + $3 * 100))
	while [ "$(now)" -lt $end ]; do
		tell=$((tell + 1))
		[ $((tell % 60)) != 0 ] || echo "# its console: $(tail -n 1 $console | cut -c1-100)"
		[ "$(grep -c "@@NEST $1" $console)" -lt "$2" ] || return 0
		alive || return 1
		sleep 1
	done
	echo "# the guest did not say $1 within $3 s; its console ends with:"
	tail -n 5 $console | sed 's/^/# /'
	return 1
}

# alive: QEMU has not ended
alive() {
	kill -0 "$qemu" 2>/dev/null && return
	echo "# QEMU has ended"
	sed 's/^/# qemu: /' /tmp/qemu.log
	return 1
}

# remove_mdev: the administrator of the host removes $mdev; the guest lets go within $limit seconds.
# The UUID is free when the write returns, which is later than the folder is gone.
remove_mdev() {
	local begin written=/tmp/removed
	rm -f $written
	begin=$(now)
	{
		echo 1 >$mdev/remove
		echo $? >$written
	} &
	said gone 1 $limit || return
	while [ ! -s $written ] && [ "$(now)" -lt $((begin + limit * 100)) ]; do
		sleep 0.1
	done
	echo "# @nested removal took=$((($(now) - begin) * 10)) ms"
	[ "$(cat $written)" = 0 ] && [ ! -d $mdev ] && alive
}

# nested_tests NAME...: run functions as tests, each of which goes on where the one before it ended
nested_tests() {
	local name begin number=0 worst=0
	echo "1..$#"
	for name; do
		number=$((number + 1))
		begin=$(now)
		if [ $worst = 0 ] && $name; then
			echo "# @nested $name took=$((($(now) - begin) / 100)) s"
			echo "ok $number nested.$name"
		else
			[ $worst = 0 ] || echo "# not run: a test before it failed"
			worst=1
			echo "not ok $number nested.$name"
		fi
	done
	stop_qemu
	echo "# @nested hung=$(grep -c 'INFO: task' $console) reports of the guest's own kernel"
	[ $worst = 0 ] || tail -n 40 $console | sed 's/^/# console: /'
	exit $worst
}
