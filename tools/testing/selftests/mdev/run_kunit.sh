#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_kunit.sh: run the unit tests of the accounts, mdev_budget_kunit.ko, on a kernel with KUnit. The
# results are read from debugfs, without the indentation of a subtest.
results=/sys/kernel/debug/kunit/mdev_budget/results
for m in common/kunit "${column:-ours}/mdev_budget_kunit"; do
	name=${m#*/}
	if [ ! -d "/sys/module/$name" ] && ! insmod "/modules/$m.ko"; then
		echo "1..1"
		echo "not ok 1 $name.ko loads"
		exit 1
	fi
done
if [ ! -e $results ]; then
	echo "1..1"
	echo "not ok 1 $results exists"
	exit 1
fi
echo "TAP version 13"
sed -n -e 's/^    \(1\.\.[0-9]*\)$/\1/p' -e 's/^    \(#.*\)$/\1/p' \
	-e 's/^    \(ok [0-9]*\) \(.*\)$/\1 mdev_budget.\2/p' \
	-e 's/^    \(not ok [0-9]*\) \(.*\)$/\1 mdev_budget.\2/p' $results
! grep -q '^ *not ok' $results
