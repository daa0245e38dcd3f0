#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_ccw.sh WORD...: run tests of vfio-ccw in a test VM, in the order of the words.
#
#   io cp life event term    all tests of ccw_WORD_test (life: without create_that_fails, which may crash)
#   race window           all tests of ccw_WORD_test
#   iommufd               from here on, tests open devices by /dev/vfio/devices and /dev/iommu
#   container             all tests of ccw_container_test; its 24 devices fe.0.5000 to fe.0.5017 are virtio-rng-ccw
#   hotplug               all tests of ccw_hotplug_test, with virtio_ccw.no_auto=0.0.2222 in the kernel command line
#   nested                run_nested.sh: a guest in the guest; vm/suite --nested puts QEMU into the VM
#   fuzz                  ccw_fuzz: random calls, with the variables of ../mdev/fuzz.h
#   PROGRAM~TEST          all tests of a program but TEST, which may crash the kernel
#   PROGRAM:TEST          one test, ccw_PROGRAM_test -t TEST, for a boot of its own if it may crash
#   PROGRAM@FIXTURE       the tests of one fixture, ccw_PROGRAM_test -f FIXTURE
#   cycles:N              N lives of a device with I/O, ccw_life_test -t many_cycles
#   (none)                io, cp, life, event and term
#   bench [N]             N round trips with both drivers, in turns (only as the last word)
#   trace [N]             N round trips with each driver, each instruction logged by QEMU (only as the last word)
#   reboot:STATE          reboot in a STATE of the device: bound, created, open, in_flight (only as the last word)
#
# The VM: virtio-blk-ccw fe.0.1111 (blk1) and fe.0.2222 (blk2), virtio-net-ccw fe.0.3333,
# x-terminal3270 fe.0.4444.
#
# rounds   rounds of a race, 300 by default; some tests do a multiple or a fraction of them
# seconds  time limit for the rounds of one race, none by default; below 10 rounds the test fails
# light    not empty: lockdep is switched off
export rounds="${rounds:-300}" seconds="${seconds:-}"
[ -z "$light" ] || echo 0 >/proc/sys/kernel/prove_locking

load vfio_iommu_type1 || exit
load vfio_ccw || exit
# before 6.1, vfio_mdev makes a vfio device of an mdev
[ ! -e "/modules/${column:-none}/vfio_mdev.ko" ] || load vfio_mdev || exit

run() {
	# the second way to open a device is part of the name
	local name="$1${backend:+/$backend}"
	shift
	echo "@@TEST $name"
	"$@"
	rc=$?
	echo "@@DONE $name $rc"
	[ $rc = 0 ] || [ $rc = 4 ] || worst=1
}

worst=0
[ $# != 0 ] || set -- io cp life event term
# one program with arguments, for scripts/check/mutations
if [ -n "$MDEV_TEST_ONLY" ]; then
	# shellcheck disable=SC2086 # words
	run "$MDEV_TEST_ONLY" "$MDEV_TEST_ONLY" $MDEV_TEST_ARGS
	exit $worst
fi
while [ $# != 0 ]; do
	case $1 in
	iommufd)
		load iommufd || exit
		export backend=iommufd
		;;
	reboot:*) run "ccw_$1" env reboot=1 ccw_life_test -t "reboot_${1#*:}" ;;
	bench)
		# both drivers in one boot, under the same conditions; the results are lines that start with @bench
		for column in own ours own ours; do
			export column
			rmmod vfio_ccw && rmmod mdev && load vfio_ccw || exit
			run ccw_bench ccw_bench "${2:-2000}"
		done
		break
		;;
	trace)
		for column in own ours; do
			export column
			rmmod vfio_ccw && rmmod mdev && load vfio_ccw || exit
			# ccw_trace.py attributes instructions by address
			sed "s/^\([^ ]*\) \([^ ]*\) .* \(0x[^ ]*\).*/@module \1 \2 \3/" /proc/modules
			grep -E " [tT] (vfio_ccw_mdev_write|vfio_ccw_sch_irq|vfio_ccw_fsm_collect|ssch|eventfd_signal(_mask)?)([[:space:]]|$)" /proc/kallsyms | sed 's/^/@symbol /'
			run ccw_bench ccw_bench trace "${2:-3}"
		done
		break
		;;
	cycles:*) run ccw_life_test:many_cycles env cycles="${1#*:}" ccw_life_test -t many_cycles ;;
	*:*) run "ccw_${1%%:*}_test:${1#*:}" "ccw_${1%%:*}_test" -t "${1#*:}" ;;
	*@*) run "ccw_${1%%@*}_test:${1#*@}" "ccw_${1%%@*}_test" -f "${1#*@}" ;;
	*~*) run "ccw_${1%%~*}_test" "ccw_${1%%~*}_test" -T "${1#*~}" ;;
	fuzz) run ccw_fuzz ccw_fuzz ;;
	nested) run nested run_nested.sh ;;
	life) run ccw_life_test ccw_life_test -T create_that_fails ;;
	*) run "ccw_$1_test" "ccw_$1_test" ;;
	esac
	shift
done
exit $worst
