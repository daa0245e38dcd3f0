// SPDX-License-Identifier: GPL-2.0-only
///
/// Check all of an unmapped range for pinned pages, not only its first page.
///
/// If only the first page is compared, a channel program in flight keeps a later page pinned, and
/// vfio type1 ends the unmap with BUG(). Trees whose cp_iova_pinned() has a length argument stay
/// as they are; older ones get cp_range_pinned(), which has one.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: cp_iova_pinned, pfn_array_iova_pinned
// Requires: 1.1.1
// File: drivers/s390/cio/vfio_ccw_cp.c
// File: drivers/s390/cio/vfio_ccw_cp.h

# spatch --disable-worth-trying-opt --smpl-spacing

virtual patch
virtual context
virtual org
virtual report

@range depends on patch@
typedef bool, u64;
expression E;
@@
-bool cp_iova_pinned(struct channel_program *cp, u64 iova)
+bool cp_iova_pinned(struct channel_program *cp, u64 iova)
+{
+	return cp_range_pinned(cp, iova, 1);
+}
+
+/* Whether any page of a range is pinned. */
+bool cp_range_pinned(struct channel_program *cp, u64 iova, u64 length)
 {
 <+...
-	pfn_array_iova_pinned(E, iova)
+	pfn_array_range_pinned(E, iova, length)
 ...+>
 }

@depends on range@
typedef bool, u64;
identifier pfn;
expression E;
@@
-static bool pfn_array_iova_pinned(struct pfn_array *pa, unsigned long iova)
+static bool pfn_array_range_pinned(struct pfn_array *pa, u64 iova, u64 length)
 {
-	unsigned long pfn = iova >> PAGE_SHIFT;
+	u64 first = iova >> PAGE_SHIFT, last = (iova + length - 1) >> PAGE_SHIFT;
 <+...
-	E == pfn
+	E >= first && E <= last
 ...+>
 }

@declared@
typedef bool, u64;
position p;
@@
 extern bool cp_range_pinned@p(struct channel_program *cp, u64 iova, u64 length);

@depends on patch && !declared@
typedef bool, u64;
@@
-extern bool cp_iova_pinned(struct channel_program *cp, u64 iova);
+extern bool cp_iova_pinned(struct channel_program *cp, u64 iova);
+extern bool cp_range_pinned(struct channel_program *cp, u64 iova, u64 length);

@first depends on org || report@
typedef bool, u64;
expression E;
position p;
@@
 bool cp_iova_pinned(struct channel_program *cp, u64 iova)
 {
 <+...
	pfn_array_iova_pinned@p(E, iova)
 ...+>
 }

@depends on context@
typedef bool, u64;
expression E;
@@
 bool cp_iova_pinned(struct channel_program *cp, u64 iova)
 {
 <+...
*	pfn_array_iova_pinned(E, iova)
 ...+>
 }

@script:python depends on report@
p << first.p;
@@
coccilib.report.print_report(p[0],
    "only the first page of the unmapped range is checked: check all of it")

@script:python depends on org@
p << first.p;
@@
coccilib.org.print_todo(p[0],
    "only the first page of the unmapped range is checked: check all of it")
