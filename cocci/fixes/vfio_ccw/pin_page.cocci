// SPDX-License-Identifier: GPL-2.0-only
// Pages are pinned and unpinned by their own addresses.

# spatch --smpl-spacing

virtual patch

@@
expression V, A;
@@
 vfio_pin_pages(V,
-	A
+	ALIGN_DOWN(A, PAGE_SIZE)
	, ...)

@@
expression V, A, N;
@@
 vfio_unpin_pages(V,
-	A
+	ALIGN_DOWN(A, PAGE_SIZE)
	, N)
