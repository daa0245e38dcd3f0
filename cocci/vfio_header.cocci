// SPDX-License-Identifier: GPL-2.0-only
///
/// A file that names the kind of vfio device it makes includes the header that declares these names.
///
/// .device_api stands where the structure of callbacks is, which may be another file than the one
/// that had the attribute, and that one included <linux/vfio.h>.
///
//# scripts/migrate/migrate asks for this where it moved such a name; by itself it is only to be run on a
//# file that needs it.
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
coccilib.report.print_report(p[0], "<linux/vfio.h> declares what .device_api may be")

@script:python depends on org@
p << lacks.p;
@@
coccilib.org.print_todo(p[0], "<linux/vfio.h> declares what .device_api may be")
