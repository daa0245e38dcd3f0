// SPDX-License-Identifier: GPL-2.0-only
///
/// Report a driver that sets .device_api and has an attribute device_api too. Both have
/// the same name in sysfs, so the registration of the parent fails.
///
//# Report only: the fix depends on the driver.
//
// Confidence: High
// Options: --no-includes
// Keywords: device_api, MDEV_TYPE_ATTR_RO
// Requires: 1.1.1

virtual context
virtual org
virtual report

@core@
identifier x;
expression e;
@@
(
 struct mdev_parent_ops x = { ..., .device_api = e, ... };
|
 struct mdev_driver x = { ..., .device_api = e, ... };
)

@own depends on (core) && (org || report)@
declarer name MDEV_TYPE_ATTR_RO, MDEV_TYPE_ATTR;
position p;
@@
(
 MDEV_TYPE_ATTR_RO(device_api@p);
|
 MDEV_TYPE_ATTR(device_api@p, ...);
)

@own_context depends on (core) && context@
declarer name MDEV_TYPE_ATTR_RO, MDEV_TYPE_ATTR;
@@
(
* MDEV_TYPE_ATTR_RO(device_api);
|
* MDEV_TYPE_ATTR(device_api, ...);
)

@script:python depends on report@
p << own.p;
@@
coccilib.report.print_report(p[0],
    "the core shows .device_api too, so the registration will fail: drop this attribute")

@script:python depends on org@
p << own.p;
@@
coccilib.org.print_todo(p[0],
    "the core shows .device_api too, so the registration will fail: drop this attribute")
