#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# splat.sh KIND...: commit each fault with mdev_splat.ko, in a test VM. A result is "ok" if the module committed the fault;
# whether the kernel reported it is checked by scripts/vm/splats on the host.
echo 3 >/proc/sys/kernel/hung_task_timeout_secs 2>/dev/null
echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 2>/dev/null
echo "TAP version 13"
echo "1..$#"
n=0
for kind in "$@"; do
	n=$((n + 1))
	# ECANCELED: the module committed the fault; any other error: it did not
	if insmod /modules/common/mdev_splat.ko kind="$kind" 2>&1 | grep -q "Operation canceled"; then
		echo "ok $n $kind"
	else
		echo "not ok $n $kind"
	fi
done
