// SPDX-License-Identifier: GPL-2.0-only
// Mutation: uevents about free instances are not limited
// File: drivers/vfio/mdev/mdev_budget.c
// Caught-by: mdev_event_test event.uevents_are_limited
@@
expression next;
@@
 mdev_changed(...)
 {
 <...
-time_before(jiffies, next) ? next - jiffies : 0
+0
 ...>
 }
