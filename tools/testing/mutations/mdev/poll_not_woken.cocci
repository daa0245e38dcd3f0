// SPDX-License-Identifier: GPL-2.0-only
// Mutation: a change of available_instances wakes nobody
// File: drivers/vfio/mdev/mdev_events.c
// Caught-by: mdev_event_test event.poll_sees_each_change
@@
@@
-sysfs_notify(...);
