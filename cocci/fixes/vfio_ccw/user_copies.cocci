// SPDX-License-Identifier: GPL-2.0-only
// io_mutex is not held over a page fault of the user.

# spatch --smpl-spacing

virtual patch

@ read @
identifier f;
identifier s;
@@
 f(...)
 {
 <...
	struct s *region;
+	struct s copy;
 ...>
	mutex_lock(&private->io_mutex);
 <+...
(
-	if (copy_to_user(buf, (void *)region + pos, count))
-		ret = -EFAULT;
-	else
-		ret = count;
+	copy = *region;
+	ret = count;
|
-	if (copy_to_user(buf, (void *)region + pos, count)) {
-		ret = -EFAULT;
-		goto out;
-	}
+	copy = *region;
)
 ...+>
	mutex_unlock(&private->io_mutex);
+	if (ret > 0 && copy_to_user(buf, (void *)&copy + pos, count))
+                ret = -EFAULT;
 ... when any
 }

@ write @
identifier f;
identifier label;
identifier s;
@@
 f(...)
 {
 <...
	struct s *region;
+	struct s copy;
+	unsigned long left;
 ...>
+	left = copy_from_user((void *)&copy + pos, buf, count);
	if (!mutex_trylock(&private->io_mutex))
		return -EAGAIN;
 <+...
-	if (copy_from_user((void *)region + pos, buf, count)) {
+	if (left) {
		ret = -EFAULT;
		goto label;
	}
+	memcpy((void *)region + pos, (void *)&copy + pos, count);
 ...+>
 }
