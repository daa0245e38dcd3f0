#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_ccw.sh WORD...: run tests of vfio-ccw in a VM, in the order of the words.
#
#   io life event term    all tests of ccw_WORD_test (life: but create_that_fails, see below)
#   race                  all tests of ccw_race_test
#   PROGRAM~TEST          all tests of a program but one: what ends the machine has a boot of its own
#   PROGRAM:TEST          one test, ccw_PROGRAM_test -t TEST: what may crash has a boot of its own
#   PROGRAM@FIXTURE       the tests of one fixture, ccw_PROGRAM_test -f FIXTURE
#   (none)                io, life, event and term
#   bench [N]             N round trips with both drivers, twice and in turns (only as the last word)
#   reboot:STATE          reboot with a subchannel that is bound, created or open (only as the last word)
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
# what makes a vfio device of an mdev where that is a module of its own
[ ! -e "/modules/${column:-none}/vfio_mdev.ko" ] || load vfio_mdev || exit

run() {
	local name="$1"
	shift
	echo "@@TEST $name"
	"$@"
	rc=$?
	echo "@@DONE $name $rc"
	[ $rc = 0 ] || [ $rc = 4 ] || worst=1
}

worst=0
[ $# != 0 ] || set -- io life event term
# one program, perhaps one test of it: what scripts/check/mutations asks for
if [ -n "$MDEV_TEST_ONLY" ]; then
	# shellcheck disable=SC2086 # words
	run "$MDEV_TEST_ONLY" "$MDEV_TEST_ONLY" $MDEV_TEST_ARGS
	exit $worst
fi
while [ $# != 0 ]; do
	case $1 in
	reboot:*) run "ccw_$1" env reboot=1 ccw_life_test -t "reboot_${1#*:}" ;;
	bench)
		# both drivers in one boot, so that all else is the same; lines that start with @bench are the result
		for column in own ours own ours; do
			export column
			rmmod vfio_ccw && rmmod mdev && load vfio_ccw || exit
			run ccw_bench ccw_bench "${2:-2000}"
		done
		break
		;;
	*:*) run "ccw_${1%%:*}_test:${1#*:}" "ccw_${1%%:*}_test" -t "${1#*:}" ;;
	*@*) run "ccw_${1%%@*}_test:${1#*@}" "ccw_${1%%@*}_test" -f "${1#*@}" ;;
	*~*) run "ccw_${1%%~*}_test" "ccw_${1%%~*}_test" -T "${1#*~}" ;;
	life) run ccw_life_test ccw_life_test -T create_that_fails ;;
	*) run "ccw_$1_test" "ccw_$1_test" ;;
	esac
	shift
done
exit $worst
