#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_mdev.sh: in a test VM, load the core of $column, the samples and the test modules, run every
# test of the mdev core, look for leaks.
#
# Before each program "@@TEST name", after it "@@DONE name rc". A program that crashes the kernel
# has no @@DONE; mdev_hold_test, which does that to the tree's own core, is the last one.
#
# column            own or ours
# MDEV_TEST_DRIVERS which samples these are: old, new or migrated (see mdev_lib.h)
# MDEV_TEST_SCALE   percent of the rounds, 100 by default
# MDEV_TEST_SECONDS time limit for the rounds of one test, none by default; below 10 rounds the test fails
# MDEV_TEST_ONLY    names of programs, with commas between them; all by default
# MDEV_TEST_ARGS    for the programs (-t NAME, -v VARIANT ...)
column=${column:-ours}
export column
modules="/modules/$column:/modules/common"
export MDEV_TEST_MODULES="$modules"
programs=${MDEV_TEST_ONLY:-"mdev_attr_test mdev_create_test mdev_limit_test mdev_budget_test mdev_find_test mdev_module_test
mdev_fault_test mdev_race_test mdev_teardown_test mdev_hold_test"}
tests=$(dirname "$0")

in_kernel() {
	[ -d "/sys/module/$1" ]
}

# try NAME: quietly, because not every kernel has every module, or needs it as one
try() {
	for dir in "/modules/$column" /modules/common; do
		[ -e "$dir/$1.ko" ] || continue
		in_kernel "$1" || insmod "$dir/$1.ko" 2>/dev/null || echo "# $1.ko does not load here"
		return
	done
}

# what vfio is made of, in an order that suits every kernel from 5.10 on
for m in irqbypass iommufd vfio vfio_virqfd vfio_iommu_type1; do
	try $m
done
if ! in_kernel mdev && ! insmod "/modules/$column/mdev.ko"; then
	echo "run_mdev.sh: no mdev.ko in /modules/$column"
	exit 2
fi
for m in vfio_mdev mtty mdpy mbochs mdev_test mdev_test_budget; do
	try $m
done

# the samples chat at the level "info", thousands of lines over a slow console; every report of a
# fault is above that
echo 5 >/proc/sys/kernel/printk

# which core it is says the core, not $column
if grep -q ' mdev_register_parent_budget' /proc/kallsyms; then
	MDEV_TEST_CORE=ours
elif grep -q ' mdev_register_parent$\| mdev_register_parent[^_]' /proc/kallsyms; then
	MDEV_TEST_CORE=own
else
	MDEV_TEST_CORE=old
fi
export MDEV_TEST_CORE
if [ -z "$MDEV_TEST_DRIVERS" ]; then
	MDEV_TEST_DRIVERS=new
	[ $MDEV_TEST_CORE != old ] || MDEV_TEST_DRIVERS=old
fi
export MDEV_TEST_DRIVERS
echo "@@CORE $MDEV_TEST_CORE $MDEV_TEST_DRIVERS"
if [ "$column" = ours ] && [ $MDEV_TEST_CORE != ours ]; then
	echo "run_mdev.sh: column is ours, the core is not"
	exit 2
fi

# a core that carries the old interface has a test of that
if [ -z "$MDEV_TEST_ONLY" ] && [ $MDEV_TEST_CORE = ours ] && [ -e /modules/common/mdev_test_ops.ko ]; then
	programs="run_ops.sh $programs"
fi

worst=0
leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	# two scans some seconds apart: one alone takes what is on its way for lost
	sleep 5
	# it switches itself off when it has no memory for its books: then nothing is looked for
	if ! echo scan >/sys/kernel/debug/kmemleak || ! sleep 1 ||
	   ! echo scan >/sys/kernel/debug/kmemleak; then
		echo "# kmemleak does not scan"
		worst=1
		return 0
	fi
	echo "@@KMEMLEAK begin"
	cat /sys/kernel/debug/kmemleak
	echo "@@KMEMLEAK end"
}

for t in $(echo "$programs" | tr , " "); do
	# before the one that may be the end of it
	[ "$t" = mdev_hold_test ] && leaks
	echo "@@TEST $t"
	start=$(cut -d. -f1 /proc/uptime)
	# shellcheck disable=SC2086 # words, if any
	"$tests/$t" $MDEV_TEST_ARGS
	rc=$?
	echo "# $t took $(($(cut -d. -f1 /proc/uptime) - start)) s"
	echo "@@DONE $t $rc"
	# 4 is a skip
	if [ $rc -ne 0 ] && [ $rc -ne 4 ]; then
		worst=1
	fi
done

# everything goes again: what cannot is still held by somebody
for m in mdev_test_budget mdev_test mbochs mdpy mtty vfio_mdev mdev; do
	if [ -d "/sys/module/$m/holders" ] && ! rmmod $m; then
		echo "@@STUCK $m"
		worst=1
	fi
done
leaks
exit $worst
