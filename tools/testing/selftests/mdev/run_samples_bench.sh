#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=dash
# run_samples_bench.sh: measure the sample in C and the sample in Rust in one test VM.
#
# The results are lines that start with @bench_sample, see mdev_bench_samples.c.
tests=$(dirname "$0")
for m in irqbypass iommufd vfio vfio_virqfd vfio_iommu_type1 mdev mdpy rust_mdev; do
	for dir in /modules/ours /modules/common; do
		[ -e $dir/$m.ko ] || continue
		insmod $dir/$m.ko || exit 2
		break
	done
done
echo 5 >/proc/sys/kernel/printk
sleep 5
echo "@@TEST mdev_bench_samples"
MDEV_TEST_MODULES=/modules/ours:/modules/common "$tests/mdev_bench_samples"
rc=$?
echo "@@DONE mdev_bench_samples $rc"
exit $rc
