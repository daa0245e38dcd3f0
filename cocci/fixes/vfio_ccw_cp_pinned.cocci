// SPDX-License-Identifier: GPL-2.0-only
///
/// Hold io_mutex in cp_iova_pinned(), so that the channel program is not freed meanwhile.
///
/// An unmap compares its range with the pages of a program that may complete at the same time.
/// Trees whose cp_iova_pinned() does not take io_mutex get a wrapper that does.
///
//
// Confidence: High
// Options: --no-includes
// Keywords: cp_iova_pinned, io_mutex
// Requires: 1.1.1
// File: drivers/s390/cio/vfio_ccw_cp.c

virtual patch
virtual context
virtual org
virtual report

@locked@
identifier F =~ "^cp_iova_pinned$";
@@
 F(...)
 {
 ...
 mutex_lock(...);
 ... when any
 }

@depends on patch && !locked@
typedef bool, u64;
identifier cp, iova, length;
@@
- bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
+bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
+{
+	struct vfio_ccw_private *private = container_of(cp, struct vfio_ccw_private, cp);
+	bool pinned;
+
+	mutex_lock(&private->io_mutex);
+	pinned = cp_iova_pinned_locked(cp, iova, length);
+	mutex_unlock(&private->io_mutex);
+	return pinned;
+}
+
+static bool cp_iova_pinned_locked(struct channel_program *cp, u64 iova, u64 length)
 {
 ...
 }

// The wrapper takes the old function's place below its comment.
@depends on patch && !locked@
@@
 struct page_array {
 ...
 };
+
+static bool cp_iova_pinned_locked(struct channel_program *cp, u64 iova, u64 length);

@bare depends on (org || report) && !locked@
typedef bool, u64;
identifier cp, iova, length;
position p;
@@
 bool cp_iova_pinned@p(struct channel_program *cp, u64 iova, u64 length)
 { ... }

@depends on context && !locked@
typedef bool, u64;
identifier cp, iova, length;
@@
* bool cp_iova_pinned(struct channel_program *cp, u64 iova, u64 length)
 { ... }

@script:python depends on report@
p << bare.p;
@@
coccilib.report.print_report(p[0],
    "the channel program may be freed during this lookup: hold io_mutex")

@script:python depends on org@
p << bare.p;
@@
coccilib.org.print_todo(p[0], "the channel program may be freed during this lookup: hold io_mutex")
