// SPDX-License-Identifier: GPL-2.0-only
// The index of a region keeps all bits of the file offset.

# spatch --smpl-spacing

virtual patch

@@
identifier index, ppos;
@@
-	unsigned int index = VFIO_CCW_OFFSET_TO_INDEX(*ppos);
+	u64 index = VFIO_CCW_OFFSET_TO_INDEX(*ppos);
