// SPDX-License-Identifier: GPL-2.0-only
/*
 * The host wants a device back: its user is asked to let go of it
 *
 * The user here is a small VMM, which does what QEMU does: it registers an eventfd for
 * VFIO_PCI_REQ_IRQ_INDEX, and closes the device when it is signalled. The stock samples have no
 * request callback, so that a removal waits until the user has another reason to close the device.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "mdev_harness.h"
#include "mdev_lib.h"

#define ASKED_WITHIN_MS	5000

FIXTURE(request)
{
	char type[PATH_SIZE];
	struct vfio_user vfio;
	struct uuid u;
	int asked;
};

FIXTURE_VARIANT(request)
{
	const char *module;
	const char *id;
};

FIXTURE_VARIANT_ADD(request, mtty) { .module = "mtty", .id = "mtty-1" };
FIXTURE_VARIANT_ADD(request, mdpy) { .module = "mdpy", .id = "mdpy-vga" };
FIXTURE_VARIANT_ADD(request, mbochs) { .module = "mbochs", .id = "mbochs-small" };
FIXTURE_VARIANT_ADD(request, rust) { .module = "rust_mdev", .id = "faux_driver-2m" };

/* As each VMM does: some samples know the number of interrupts only after this */
static int device_info(struct vfio_user *user)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	return ioctl(user->device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0;
}

/* Registers an eventfd for the request; -1 for none. */
static int request_set(struct vfio_user *user, int fd)
{
	char buf[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	struct vfio_irq_set *set = (struct vfio_irq_set *)buf;
	int32_t data = fd;

	*set = (struct vfio_irq_set){
		.argsz = sizeof(buf),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = VFIO_PCI_REQ_IRQ_INDEX,
		.count = 1,
	};
	memcpy(set->data, &data, sizeof(data));
	return ioctl(user->device, VFIO_DEVICE_SET_IRQS, set) ? -errno : 0;
}

FIXTURE_SETUP(request)
{
	int ret = sample_ready(variant->module);

	self->vfio = (struct vfio_user){ -1, -1, -1 };
	self->asked = -1;
	if (ret)
		SKIP(return, "%s.ko: %s", variant->module, strerror(-ret));
	if (drivers_kind() == DRIVERS_OLD ||
	    (drivers_kind() == DRIVERS_MIGRATED && core_kind() == CORE_OURS &&
	     (file_exists("/modules/ours/mdev_test_ops.ko") ||
	      file_exists("/modules/common/mdev_test_ops.ko"))))
		SKIP(return, "the interface of 5.10 has no request callback");
	ASSERT_TRUE(type_path(variant->module, variant->id, self->type));
	self->u = uuid_new();
	ASSERT_EQ(0, mdev_create(self->type, self->u.s));
	ret = vfio_open_mdev(self->u.s, &self->vfio);
	if (ret) {
		mdev_remove_all();
		ASSERT_EQ(-ENOENT, ret);
		SKIP(return, "no /dev/vfio groups in this kernel");
	}
	self->asked = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	ASSERT_LE(0, self->asked);
	ASSERT_EQ(0, device_info(&self->vfio));
}

FIXTURE_TEARDOWN(request)
{
	vfio_close_mdev(&self->vfio);
	if (self->asked >= 0)
		close(self->asked);
	mdev_remove_all();
}

/* A VMM that lets go of the device when it is asked, or at the end of its patience */
struct vmm {
	const char *uuid;
	struct vfio_user *vfio;
	int asked, patience, ret;
	bool was_asked;
	long long took;
};

static void vmm_or_remover(unsigned int who, void *arg)
{
	struct vmm *v = arg;
	struct pollfd p = { .fd = v->asked, .events = POLLIN };
	long long start = now_ms();

	if (who) {
		v->was_asked = poll(&p, 1, v->patience) == 1;
		vfio_close_mdev(v->vfio);
		return;
	}
	v->ret = mdev_remove(v->uuid);
	v->took = now_ms() - start;
}

TEST_F(request, the_user_is_asked_and_lets_go)
{
	struct vfio_irq_info info = { .argsz = sizeof(info), .index = VFIO_PCI_REQ_IRQ_INDEX };
	struct vmm v = {
		.uuid = self->u.s, .vfio = &self->vfio, .asked = self->asked,
		.patience = 2 * ASKED_WITHIN_MS,
	};

	EXPECT_EQ(0, ioctl(self->vfio.device, VFIO_DEVICE_GET_IRQ_INFO, &info));
	EXPECT_EQ(1U, info.count);
	EXPECT_TRUE(info.flags & VFIO_IRQ_INFO_EVENTFD);
	EXPECT_EQ(0, request_set(&self->vfio, self->asked));
	crowd_run(2, vmm_or_remover, &v);
	EXPECT_EQ(0, v.ret);
	EXPECT_TRUE(v.was_asked);
	EXPECT_GT(ASKED_WITHIN_MS, v.took);
	EXPECT_FALSE(mdev_exists(self->u.s));
	say("@request %s took=%lld ms", variant->module, v.took);
}

TEST_F(request, a_user_may_withdraw_the_eventfd)
{
	struct vmm v = {
		.uuid = self->u.s, .vfio = &self->vfio, .asked = self->asked, .patience = 1000,
	};

	EXPECT_EQ(0, request_set(&self->vfio, self->asked));
	EXPECT_EQ(0, request_set(&self->vfio, self->asked));
	EXPECT_EQ(0, request_set(&self->vfio, -1));
	EXPECT_EQ(-EBADF, request_set(&self->vfio, 4000));
	crowd_run(2, vmm_or_remover, &v);
	EXPECT_EQ(0, v.ret);
	EXPECT_FALSE(v.was_asked);
}

/* The next user of a device is not the last one */
TEST_F(request, a_user_that_left_is_not_asked)
{
	struct vmm v = {
		.uuid = self->u.s, .vfio = &self->vfio, .asked = self->asked, .patience = 1000,
	};

	EXPECT_EQ(0, request_set(&self->vfio, self->asked));
	vfio_close_mdev(&self->vfio);
	ASSERT_EQ(0, vfio_open_mdev(self->u.s, &self->vfio));
	crowd_run(2, vmm_or_remover, &v);
	EXPECT_EQ(0, v.ret);
	EXPECT_FALSE(v.was_asked);
}

TEST_HARNESS_MAIN
