#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_mdev.sh: run the tests of the mdev core in a test VM: load the core of $column, the samples and
# the test modules, run each program, search for leaks.
#
# Prints "@@TEST name" before each program and "@@DONE name rc" after it; a program that crashes the
# kernel has no @@DONE. mdev_hold_test, which may do that with the stock core, is the last one of the
# stock core; $crash always does, and so is left to scripts/report/known-bugs.
#
# column            own (stock) or ours
# MDEV_TEST_DRIVERS the kind of the samples: old, new or migrated (see mdev_lib.h)
# MDEV_TEST_VFIO    stock: vfio.ko is the kernel's own, and tests of its faults are skipped
# MDEV_TEST_SCALE   percent of the rounds, 100 by default
# MDEV_TEST_SECONDS time limit for the rounds of one test, none by default; below 10 rounds the test fails
# MDEV_TEST_ONLY    names of programs, separated by commas; all by default
# MDEV_TEST_ARGS    arguments of each program (-t NAME, -v VARIANT ...)
column=${column:-ours}
export column
modules="/modules/$column:/modules/common"
export MDEV_TEST_MODULES="$modules"
crash="mdev_window_test mdev_register_test"
programs=${MDEV_TEST_ONLY:-"mdev_attr_test mdev_create_test mdev_limit_test mdev_budget_test mdev_pools_test mdev_event_test mdev_request_test mdev_cdev_test mdev_find_test mdev_module_test
mdev_fault_test mdev_race_test mdev_teardown_test mdev_rust_test mdev_hold_test"}
tests=$(dirname "$0")

in_kernel() {
	[ -d "/sys/module/$1" ]
}

# try NAME: load a module that some kernels do not have, or have built in
try() {
	for dir in "/modules/$column" /modules/common; do
		[ -e "$dir/$1.ko" ] || continue
		in_kernel "$1" || insmod "$dir/$1.ko" 2>/dev/null || echo "# $1.ko does not load"
		return
	done
}

# the modules of vfio, in the order of their dependencies in every kernel since 5.10
for m in irqbypass iommufd vfio vfio_virqfd vfio_iommu_type1; do
	try $m
done
if ! in_kernel mdev && ! insmod "/modules/$column/mdev.ko"; then
	echo "run_mdev.sh: /modules/$column/mdev.ko does not load"
	exit 2
fi
for m in vfio_mdev mtty mdpy mbochs rust_mdev rust_managed mdev_test mdev_test_budget; do
	try $m
done

# the samples log thousands of lines at the level "info", and the console is slow; kernel reports
# have a higher level
echo 5 >/proc/sys/kernel/printk

# identify the core by its symbols, not by $column
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
	echo "run_mdev.sh: column=ours, but the core that is loaded is '$MDEV_TEST_CORE'"
	exit 2
fi

if [ -z "$MDEV_TEST_ONLY" ] && [ $MDEV_TEST_CORE = ours ]; then
	programs="$programs $crash"
fi

# random calls find K84 within seconds, where vfio.ko has it
if [ -z "$MDEV_TEST_ONLY" ] && [ $MDEV_TEST_CORE = ours ] && [ "$MDEV_TEST_VFIO" != stock ]; then
	programs="mdev_fuzz $programs"
fi

# where the core has the interface of 5.10, test that, too
if [ -z "$MDEV_TEST_ONLY" ] && [ $MDEV_TEST_CORE = ours ] && [ -e /modules/common/mdev_test_ops.ko ]; then
	programs="run_ops.sh $programs"
fi

# where the kernel has KUnit, run the unit tests
if [ -z "$MDEV_TEST_ONLY" ] && [ $MDEV_TEST_CORE = ours ] && [ -e "/modules/$column/mdev_budget_kunit.ko" ]; then
	programs="run_kunit.sh $programs"
fi

worst=0
leaks() {
	[ -e /sys/kernel/debug/kmemleak ] || return 0
	# wait, and scan twice: a single scan reports objects that are only just in use
	sleep 5
	# without memory for its own data, kmemleak switches itself off
	if ! echo scan >/sys/kernel/debug/kmemleak || ! sleep 1 ||
	   ! echo scan >/sys/kernel/debug/kmemleak; then
		echo "# kmemleak does not scan: leaks would not be found"
		worst=1
		return 0
	fi
	echo "@@KMEMLEAK begin"
	cat /sys/kernel/debug/kmemleak
	echo "@@KMEMLEAK end"
}

for t in $(echo "$programs" | tr , " "); do
	# before the program that may crash the kernel
	[ "$t" = mdev_hold_test ] && leaks
	echo "@@TEST $t"
	start=$(cut -d. -f1 /proc/uptime)
	# shellcheck disable=SC2086 # words, if any
	"$tests/$t" $MDEV_TEST_ARGS
	rc=$?
	echo "# $t took $(($(cut -d. -f1 /proc/uptime) - start)) s"
	echo "@@DONE $t $rc"
	# exit code 4: skipped
	if [ $rc -ne 0 ] && [ $rc -ne 4 ]; then
		worst=1
	fi
done

# all modules can be unloaded, unless something still holds a reference
for m in mdev_test_budget mdev_test mdev_window rust_managed rust_mdev mbochs mdpy mtty vfio_mdev mdev; do
	if [ -d "/sys/module/$m/holders" ] && ! rmmod $m; then
		echo "@@STUCK $m"
		worst=1
	fi
done
leaks

# counts of gcov, for scripts/report/coverage; tar needs the size of a file, and debugfs has none
if [ -d /sys/kernel/debug/gcov ]; then
	mkdir -p /tmp/gcov
	find /sys/kernel/debug/gcov -name '*.gcda' | while read -r file; do
		cat "$file" >"/tmp/gcov/$(basename "$file")"
	done
	tar -C /tmp/gcov -cz . | base64 | sed 's/^/@@GCOV /'
fi
exit $worst
