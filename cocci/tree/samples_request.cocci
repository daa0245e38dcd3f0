// SPDX-License-Identifier: GPL-2.0-only
///
/// Let the samples ask the user for the device when it is being removed: a request callback, and
/// the interrupt VFIO_PCI_REQ_IRQ_INDEX that tells the user.
///
/// Without it, the removal of an mdev that a virtual machine uses waits until somebody stops the
/// virtual machine. QEMU registers an eventfd for the interrupt and unplugs the device.
///
//# The three samples have functions of one shape: an ioctl callback, and a function that fills
//# struct vfio_irq_info. Pass all of them to one run: mtty tells which arguments eventfd_signal()
//# has in the tree.
//
// Confidence: High
// Options: --no-includes
// Keywords: vfio_device_ops, request, VFIO_PCI_REQ_IRQ_INDEX
// Requires: 1.1.1
// File: samples/vfio-mdev/mtty.c samples/vfio-mdev/mdpy.c samples/vfio-mdev/mbochs.c

virtual patch
virtual context
virtual org
virtual report

@done@
identifier x, ask;
@@
 struct vfio_device_ops x = { ..., .request = ask, ... };

@two_arguments@
expression trigger, n;
@@
 eventfd_signal(trigger, n)

@ops depends on !done@
identifier x, ctl;
position p;
@@
 struct vfio_device_ops x = { ..., .ioctl = ctl@p, ... };

@info depends on ops@
identifier fill, irq;
@@
 fill(struct vfio_irq_info *irq) { ... }

@closes@
identifier ops.x, close;
@@
 struct vfio_device_ops x = { ..., .close_device = close, ... };

@script:python names depends on ops@
ctl << ops.ctl;
set;
ask;
drop;
wrap;
shut;
@@
stem = ctl.removesuffix("_ioctl")
coccinelle.set = cocci.make_ident(stem + "_set_request")
coccinelle.ask = cocci.make_ident(stem + "_request")
coccinelle.wrap = cocci.make_ident(stem + "_ioctl_or_request")
coccinelle.shut = cocci.make_ident(stem + "_close_request")
coccinelle.drop = cocci.make_ident(stem + "_keep_request")

// mtty has the header; the two displays do not
@depends on patch && ops@
@@
+#include <linux/eventfd.h>
 #include <drm/drm_fourcc.h>

@member depends on patch && ops@
@@
 struct mdev_state {
	struct vfio_device vdev;
+	/* told when the host wants the device back */
+	struct eventfd_ctx *request_irq;
	...
 };

@helpers depends on patch && member@
typedef s32, u64;
identifier ops.ctl, names.set, names.drop, names.wrap, vdev, cmd, arg;
@@
 long ctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg) { ... }
+
+static void drop(struct mdev_state *ms, struct eventfd_ctx *next)
+{
+	struct eventfd_ctx *last;
+
+	mutex_lock(&ms->ops_lock);
+	last = ms->request_irq;
+	ms->request_irq = next;
+	mutex_unlock(&ms->ops_lock);
+	if (last)
+		eventfd_ctx_put(last);
+}
+
+/* VFIO_DEVICE_SET_IRQS for VFIO_PCI_REQ_IRQ_INDEX; -ENOTTY for another interrupt */
+static long set(struct mdev_state *mdev_state, u64 at)
+{
+	unsigned long minsz = offsetofend(struct vfio_irq_set, count);
+	struct eventfd_ctx *next = NULL;
+	struct vfio_irq_set hdr;
+	size_t size;
+	s32 fd = -1;
+	int ret;
+
+	if (copy_from_user(&hdr, u64_to_user_ptr(at), minsz))
+		return -EFAULT;
+	if (hdr.index != VFIO_PCI_REQ_IRQ_INDEX)
+		return -ENOTTY;
+	ret = vfio_set_irqs_validate_and_prepare(&hdr, 1, VFIO_PCI_NUM_IRQS, &size);
+	if (ret)
+		return ret;
+	if ((hdr.flags & VFIO_IRQ_SET_ACTION_TYPE_MASK) != VFIO_IRQ_SET_ACTION_TRIGGER)
+		return -EINVAL;
+	if (hdr.count && !(hdr.flags & VFIO_IRQ_SET_DATA_EVENTFD))
+		return -EINVAL;
+	if (hdr.count && copy_from_user(&fd, u64_to_user_ptr(at + minsz), sizeof(fd)))
+		return -EFAULT;
+	if (fd >= 0)
+		next = eventfd_ctx_fdget(fd);
+	if (IS_ERR(next))
+		return PTR_ERR(next);
+	drop(mdev_state, next);
+	return 0;
+}
+
+static long wrap(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
+{
+	struct mdev_state *mdev_state = container_of(vdev, struct mdev_state, vdev);
+	long ret = -ENOTTY;
+
+	if (cmd == VFIO_DEVICE_SET_IRQS)
+		ret = set(mdev_state, arg);
+	return ret == -ENOTTY ? ctl(vdev, cmd, arg) : ret;
+}

@depends on helpers && two_arguments@
identifier names.wrap, names.ask, vdev, cmd, arg;
@@
 long wrap(struct vfio_device *vdev, unsigned int cmd, unsigned long arg) { ... }
+
+static void ask(struct vfio_device *vdev, unsigned int count)
+{
+	struct mdev_state *mdev_state = container_of(vdev, struct mdev_state, vdev);
+
+	mutex_lock(&mdev_state->ops_lock);
+	if (mdev_state->request_irq)
+		eventfd_signal(mdev_state->request_irq, 1);
+	mutex_unlock(&mdev_state->ops_lock);
+}

@depends on helpers && !two_arguments@
identifier names.wrap, names.ask, vdev, cmd, arg;
@@
 long wrap(struct vfio_device *vdev, unsigned int cmd, unsigned long arg) { ... }
+
+static void ask(struct vfio_device *vdev, unsigned int count)
+{
+	struct mdev_state *mdev_state = container_of(vdev, struct mdev_state, vdev);
+
+	mutex_lock(&mdev_state->ops_lock);
+	if (mdev_state->request_irq)
+		eventfd_signal(mdev_state->request_irq);
+	mutex_unlock(&mdev_state->ops_lock);
+}

@depends on patch && helpers@
identifier info.fill, irq;
@@
 fill(struct vfio_irq_info *irq)
 {
+	if (irq->index == VFIO_PCI_REQ_IRQ_INDEX) {
+		irq->flags = VFIO_IRQ_INFO_EVENTFD | VFIO_IRQ_INFO_NORESIZE;
+		irq->count = 1;
+		return 0;
+	}
	...
 }

@in_ops depends on patch && helpers@
identifier ops.x, ops.ctl, names.ask, names.wrap;
@@
 struct vfio_device_ops x = {
+	.request = ask,
	...,
-	.ioctl = ctl,
+	.ioctl = wrap,
	...
 };

@depends on patch && helpers && closes@
identifier closes.close, names.drop, vdev, mdev_state;
@@
 close(struct vfio_device *vdev)
 {
	... when any
	struct mdev_state *mdev_state = container_of(vdev, struct mdev_state, vdev);
	...
+	drop(mdev_state, NULL);
 }

// a driver without a close_device gets one
@no_close depends on patch && in_ops && !closes@
identifier ops.x, names.shut;
@@
 struct vfio_device_ops x = {
+	.close_device = shut,
	...
 };

@depends on no_close@
identifier names.wrap, names.drop, names.shut, vdev, cmd, arg;
@@
 long wrap(struct vfio_device *vdev, unsigned int cmd, unsigned long arg) { ... }
+
+static void shut(struct vfio_device *vdev)
+{
+	drop(container_of(vdev, struct mdev_state, vdev), NULL);
+}

@depends on context && ops@
identifier ops.ctl;
@@
* ctl(...) { ... }

@script:python depends on report@
p << ops.p;
@@
coccilib.report.print_report(p[0], "no request callback: the removal of a device in use waits for "
                                   "its user")

@script:python depends on org@
p << ops.p;
@@
coccilib.org.print_todo(p[0], "no request callback: the removal of a device in use waits for its "
                              "user")
