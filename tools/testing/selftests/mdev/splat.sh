#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# splat.sh KIND...: have mdev_splat.ko commit each fault in turn (in the VM). Its results are those of the proof: a fault
# is "ok" when the module could commit it; whether the report was seen is decided by scripts/vm/splats, on the host.
echo 3 >/proc/sys/kernel/hung_task_timeout_secs 2>/dev/null
echo 3 >/sys/module/rcupdate/parameters/rcu_cpu_stall_timeout 2>/dev/null
echo "TAP version 13"
echo "1..$#"
n=0
for kind in "$@"; do
	n=$((n + 1))
	# the module refuses to stay, by ECANCELED; another error means that it did not get so far
	if insmod /modules/common/mdev_splat.ko kind="$kind" 2>&1 | grep -q "Operation canceled"; then
		echo "ok $n $kind"
	else
		echo "not ok $n $kind"
	fi
done
