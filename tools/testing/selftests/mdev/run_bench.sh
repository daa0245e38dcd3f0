#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_bench.sh: measure both cores in one test VM, in turns, so that a warmer or busier machine
# affects both. columns=own,ours,own,ours is the order; MDEV_BENCH_PRESENT, see mdev_bench.c.
#
# The results are lines that start with @bench, see mdev_bench.c.
tests=$(dirname "$0")
worst=0

# Work that the boot left to other threads would count, where the clock counts instructions.
sleep 5
echo "@@TEST mdev_bench"
for column in $(echo "${columns:-own ours own ours}" | tr , " "); do
	if ! insmod "/modules/$column/mdev.ko" || ! insmod /modules/common/mdev_test.ko; then
		echo "run_bench.sh: the modules of column $column do not load"
		worst=2
		continue
	fi
	column=$column "$tests/mdev_bench" || worst=1
	rmmod mdev_test
	rmmod mdev
done
echo "@@DONE mdev_bench $worst"
exit $worst
