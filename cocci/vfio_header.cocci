// SPDX-License-Identifier: GPL-2.0-only
///
/// Include <linux/vfio.h> in a file that sets .device_api to one of its names.
///
/// device_api.cocci moves the name from the attribute's file to that of the callback
/// structure, and the two may have different includes.
///
//# scripts/migrate/migrate runs this rule on the files that need it.
//
// Confidence: High
// Options: --no-includes
// Keywords: device_api, VFIO_DEVICE_API_PCI_STRING
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@has@
@@
 #include <linux/vfio.h>

@depends on patch && !has@
@@
 #include <linux/mdev.h>
+#include <linux/vfio.h>

@depends on context && !has@
@@
*#include <linux/mdev.h>

@lacks depends on (org || report) && !has@
position p;
@@
 #include <linux/mdev.h>@p

@script:python depends on report@
p << lacks.p;
@@
coccilib.report.print_report(p[0],
    "this file needs <linux/vfio.h> for the names that .device_api takes")

@script:python depends on org@
p << lacks.p;
@@
coccilib.org.print_todo(p[0], "this file needs <linux/vfio.h> for the names that .device_api takes")
