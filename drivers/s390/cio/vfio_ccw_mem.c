// SPDX-License-Identifier: GPL-2.0-only
/*
 * vfio-ccw: guest memory of channel programs
 *
 * The translation (vfio_ccw_cp.c) lists the guest pages that a program uses. This file reads the
 * program for it, pins the pages and unpins them.
 *
 * vfio finds the pages of a request by the DMA address of the first one, and takes any mapping that
 * the first page overlaps: an address in the middle of a page may lead to the neighbour of the
 * mapping that contains it. All requests to pin and to unpin have the address of a page.
 */
#include <linux/gfp.h>
#include <linux/iommu.h>
#include <linux/jiffies.h>
#include <linux/ratelimit.h>

#include "vfio_ccw_mem.h"

/*
 * vfio_dma_do_unmap() rechecks the range after each notification, and hits BUG_ON() if it is still
 * pinned after eleven of them. A user that starts programs in a loop could pin it again each time.
 */
#define EXCLUDE_TIME	(HZ / 50 + 1)

/* Pages of one request to vfio. type1 pins them one by one; the array is on the stack. */
#define PIN_BATCH	32

/* iommufd has another error than type1 for what is not mapped. */
static int mem_error(int ret)
{
	return ret == -ENOENT ? -EINVAL : ret;
}

static struct vfio_ccw_program *to_program(struct vfio_ccw_cp *cp)
{
	return container_of(cp, struct vfio_ccw_program, cp);
}

static int mem_read(struct vfio_ccw_cp *cp, u64 iova, void *to, size_t len)
{
	return mem_error(vfio_dma_rw(to_program(cp)->vdev, iova, to, len, false));
}

/* GFP_DMA is memory below 2 GiB on s390. The user decides how many blocks there are. */
static int mem_alloc(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block)
{
	block->virt = (void *)__get_free_page(GFP_KERNEL_ACCOUNT | GFP_DMA);
	if (!block->virt)
		return -ENOMEM;
	block->addr = virt_to_phys(block->virt);
	return 0;
}

static void mem_free(struct vfio_ccw_cp *cp, struct vfio_ccw_cp_block *block)
{
	free_page((unsigned long)block->virt);
}

static const struct vfio_ccw_cp_ops mem_ops = {
	.read = mem_read,
	.alloc = mem_alloc,
	.free = mem_free,
};

/**
 * vfio_ccw_program_init() - initialize the channel program
 * @program: the channel program
 * @vdev: the vfio device
 *
 * Allocates nothing: the first program does.
 */
void vfio_ccw_program_init(struct vfio_ccw_program *program, struct vfio_device *vdev)
{
	BUILD_BUG_ON(VFIO_CCW_CP_PAGE_SIZE != PAGE_SIZE);
	*program = (struct vfio_ccw_program) { .vdev = vdev, .excluded_until = jiffies };
	vfio_ccw_cp_init(&program->cp, &mem_ops);
}

/**
 * vfio_ccw_program_destroy() - free the memory for channel programs
 * @program: the channel program, which is not loaded. vfio_ccw_program_init() may follow
 *
 * Context: may sleep.
 */
void vfio_ccw_program_destroy(struct vfio_ccw_program *program)
{
	WARN_ON_ONCE(program->loaded);
	vfio_ccw_cp_destroy(&program->cp);
}

/* Unpin the first @nr pages of a run. */
static void mem_unpin(struct vfio_ccw_program *program, const struct vfio_ccw_cp_run *run, u32 nr)
{
	u32 done, batch;

	for (done = 0; done < nr; done += batch) {
		batch = min_t(u32, nr - done, VFIO_PIN_PAGES_MAX_ENTRIES);
		vfio_unpin_pages(program->vdev, run->iova + (u64)done * PAGE_SIZE, batch);
	}
}

/* Pin all pages of a run and enter their addresses, or pin none. */
static int mem_pin(struct vfio_ccw_program *program, const struct vfio_ccw_cp_run *run)
{
	u64 *host = program->cp.host + run->first;
	struct page *pages[PIN_BATCH];
	int batch, i, ret;
	u32 done;

	for (done = 0; done < run->nr; done += batch) {
		batch = min_t(u32, run->nr - done, PIN_BATCH);
		ret = vfio_pin_pages(program->vdev, run->iova + (u64)done * PAGE_SIZE, batch,
				     IOMMU_READ | IOMMU_WRITE, pages);
		if (ret != batch) {
			mem_unpin(program, run, done + max(ret, 0));
			return ret < 0 ? mem_error(ret) : -EINVAL;
		}
		for (i = 0; i < batch; i++)
			host[done + i] = page_to_phys(pages[i]);
	}
	return 0;
}

/* Unpin the pages of the first @nr runs. */
static void mem_unpin_runs(struct vfio_ccw_program *program, u32 nr)
{
	while (nr--) {
		const struct vfio_ccw_cp_run *run = &program->cp.runs[nr];

		mem_unpin(program, run, run->nr);
	}
}

static bool mem_excluded(const struct vfio_ccw_program *program)
{
	u64 first = program->excluded_first, last = program->excluded_last;

	return time_before(jiffies, program->excluded_until) &&
	       vfio_ccw_cp_uses(&program->cp, first, last - first + 1);
}

/**
 * vfio_ccw_program_exclude() - keep programs out of memory that is being unmapped
 * @program: the channel program
 * @iova: first byte of the memory
 * @length: bytes of the memory, not 0
 *
 * For some 20 ms, vfio_ccw_program_load() fails with -EAGAIN for a program that uses the memory.
 *
 * Return: whether the loaded program uses the memory. The caller ends and unloads it then.
 */
bool vfio_ccw_program_exclude(struct vfio_ccw_program *program, u64 iova, u64 length)
{
	u64 last = iova + length - 1;

	/* a range that is still excluded is excluded longer */
	if (time_before(jiffies, program->excluded_until)) {
		program->excluded_first = min(program->excluded_first, iova);
		program->excluded_last = max(program->excluded_last, last);
	} else {
		program->excluded_first = iova;
		program->excluded_last = last;
	}
	program->excluded_until = jiffies + EXCLUDE_TIME;
	return program->loaded && vfio_ccw_cp_uses(&program->cp, iova, length);
}

/**
 * vfio_ccw_program_load() - translate a channel program and pin its pages
 * @program: the channel program, which is not loaded
 * @orb: the ORB of the guest, 12 bytes
 *
 * On success, &vfio_ccw_cp.orb is ready to be started, and vfio_ccw_program_unload() unpins the
 * pages. On an error no page is pinned, and &vfio_ccw_cp.why and &vfio_ccw_cp.where tell the cause.
 *
 * Context: may sleep. Takes the locks of vfio and mmap_lock of the user.
 * Return: 0; -EINVAL for a program that reads, writes or jumps to memory that is not mapped, or
 * that is malformed; -EAGAIN if it uses memory that is being unmapped; -EOPNOTSUPP for a feature
 * that is not translated; -EPERM for memory that is mapped without permission to write; -ENOMEM;
 * other errors of vfio_pin_pages() and vfio_dma_rw().
 */
int vfio_ccw_program_load(struct vfio_ccw_program *program, const void *orb)
{
	/* a guest that starts to run has programs without prefetching, one after another */
	static DEFINE_RATELIMIT_STATE(warnings, 5 * HZ, 1);
	struct vfio_ccw_cp *cp = &program->cp;
	u32 i;
	int ret;

	if (WARN_ON_ONCE(program->loaded))
		return -EBUSY;
	ret = vfio_ccw_cp_translate(cp, orb);
	if (ret)
		return ret;
	if (mem_excluded(program)) {
		cp->why = "it uses memory that is being unmapped";
		vfio_ccw_cp_discard(cp);
		return -EAGAIN;
	}

	for (i = 0; i < cp->nr_runs; i++) {
		ret = mem_pin(program, &cp->runs[i]);
		if (ret) {
			cp->why = "a page of its data cannot be pinned";
			mem_unpin_runs(program, i);
			vfio_ccw_cp_discard(cp);
			return ret;
		}
	}
	vfio_ccw_cp_fill(cp);
	WRITE_ONCE(program->loaded, true); /* the work item looks without the lock */

	if (cp->no_prefetch && __ratelimit(&warnings))
		dev_warn(program->vdev->dev,
			 "Prefetching channel program even though prefetch not specified in ORB\n");
	return 0;
}

/**
 * vfio_ccw_program_unload() - unpin the pages of a channel program
 * @program: the channel program; the channel does not run it. Nothing happens if it is not loaded
 *
 * Context: may sleep. Takes the locks of vfio.
 */
void vfio_ccw_program_unload(struct vfio_ccw_program *program)
{
	if (!program->loaded)
		return;
	WRITE_ONCE(program->loaded, false);
	mem_unpin_runs(program, program->cp.nr_runs);
	vfio_ccw_cp_discard(&program->cp);
}
