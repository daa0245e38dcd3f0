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
#include <linux/atomic.h>
#include <linux/gfp.h>
#include <linux/iommu.h>
#include <linux/mm.h>
#include <linux/ratelimit.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/task_work.h>
#include <linux/wait_bit.h>

#include "vfio_ccw_mem.h"

/* Pages of one request to vfio. type1 pins them one by one; the array is on the stack. */
#define PIN_BATCH	32

/*
 * iommufd has another error than type1 for what is not mapped. A type1 that refuses pages which are
 * being unmapped (vfio_type1_unmap.cocci) says -EBUSY.
 */
static int mem_error(int ret)
{
	if (ret == -ENOENT)
		return -EINVAL;
	return ret == -EBUSY ? -EAGAIN : ret;
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
 * Allocates nothing: the first program does. vfio_ccw_program_exit() is the counterpart.
 */
void vfio_ccw_program_init(struct vfio_ccw_program *program, struct vfio_device *vdev)
{
	BUILD_BUG_ON(VFIO_CCW_CP_PAGE_SIZE != PAGE_SIZE);
	*program = (struct vfio_ccw_program) { .vdev = vdev };
	INIT_LIST_HEAD(&program->unmaps);
	vfio_ccw_cp_init(&program->cp, &mem_ops);
}

/*
 * Memory that is being unmapped
 *
 * vfio_dma_do_unmap() of vfio_iommu_type1.c asks its users one after another to unpin the memory,
 * looks whether it is unpinned, and asks again: after eleven rounds it hits BUG_ON(). While the
 * last user is asked, the first one could pin the memory again. So a program that uses the memory
 * is not loaded until the unmap has ended, however long that takes. iommufd does it by itself.
 *
 * The unmap ends, at the latest, when its task returns to user space, which runs the task work.
 */

/* Task works that have not run. */
static atomic_t mem_unmaps = ATOMIC_INIT(0);

/**
 * struct mem_unmap - memory that is being unmapped
 * @work: runs when the unmap has ended
 * @entry: in &vfio_ccw_program.unmaps
 * @users: one for @work, one for @entry
 * @ended: @work has run
 * @first: first byte
 * @last: last byte
 */
struct mem_unmap {
	struct callback_head work;
	struct list_head entry;
	refcount_t users;
	bool ended;
	u64 first;
	u64 last;
};

static void mem_put_unmap(struct mem_unmap *unmap)
{
	if (refcount_dec_and_test(&unmap->users))
		kfree(unmap);
}

static void mem_end_unmap(struct callback_head *work)
{
	struct mem_unmap *unmap = container_of(work, struct mem_unmap, work);

	WRITE_ONCE(unmap->ended, true);
	mem_put_unmap(unmap);
	if (atomic_dec_and_test(&mem_unmaps))
		wake_up_var(&mem_unmaps);
}

/**
 * vfio_ccw_program_wait_for_unmaps() - wait for all unmaps that have told this module
 *
 * Context: may sleep; all devices are closed. The last instructions of the task work may still run.
 */
void vfio_ccw_program_wait_for_unmaps(void)
{
	wait_var_event(&mem_unmaps, !atomic_read(&mem_unmaps));
}

/* Forget unmaps that have ended, or @all. */
static void mem_forget_unmaps(struct vfio_ccw_program *program, bool all)
{
	struct mem_unmap *unmap, *next;

	list_for_each_entry_safe(unmap, next, &program->unmaps, entry) {
		if (!all && !READ_ONCE(unmap->ended))
			continue;
		list_del(&unmap->entry);
		mem_put_unmap(unmap);
	}
}

/* Whether the program uses memory that is being unmapped. */
static bool mem_excluded(struct vfio_ccw_program *program)
{
	struct mem_unmap *unmap;

	mem_forget_unmaps(program, false);
	list_for_each_entry(unmap, &program->unmaps, entry)
		if (vfio_ccw_cp_uses(&program->cp, unmap->first, unmap->last - unmap->first + 1))
			return true;
	return false;
}

/*
 * A kernel thread, or a task that exits, does not return to user space. The mapping goes away with
 * its user then, who starts no program any more.
 */
static void mem_add_unmap(struct vfio_ccw_program *program, u64 first, u64 last)
{
	struct mem_unmap *unmap;

	mem_forget_unmaps(program, false);
	if (current->flags & (PF_KTHREAD | PF_EXITING))
		return;
	/* vfio can't be told that this failed */
	unmap = kzalloc_obj(*unmap, GFP_KERNEL | __GFP_NOFAIL);
	unmap->first = first;
	unmap->last = last;
	refcount_set(&unmap->users, 2);
	init_task_work(&unmap->work, mem_end_unmap);
	list_add(&unmap->entry, &program->unmaps);
	atomic_inc(&mem_unmaps);
	if (task_work_add(current, &unmap->work, TWA_RESUME))
		mem_end_unmap(&unmap->work);
}

/* Call @function for the host page of each page of the program. */
static void mem_do_pages(struct vfio_ccw_program *program, void (*function)(struct page *))
{
	const struct vfio_ccw_cp *cp = &program->cp;
	u32 i;

	/* host[0] is internal */
	for (i = 1; i < cp->nr_pages; i++)
		function(phys_to_page(cp->host[i]));
}

/* get_page() and put_page() are inline, and may be macros */
static void mem_get_page(struct page *page)
{
	get_page(page);
}

static void mem_put_page(struct page *page)
{
	put_page(page);
}

/**
 * vfio_ccw_program_free() - free the memory for channel programs
 * @program: the channel program, which is not loaded; or an abandoned one that has ended
 *
 * The next program allocates again. Memory that is being unmapped stays out of its reach.
 *
 * Context: may sleep.
 */
void vfio_ccw_program_free(struct vfio_ccw_program *program)
{
	WARN_ON_ONCE(program->loaded);
	if (program->abandoned)
		mem_do_pages(program, mem_put_page);
	program->abandoned = false;
	vfio_ccw_cp_destroy(&program->cp);
	vfio_ccw_cp_init(&program->cp, &mem_ops);
}

/**
 * vfio_ccw_program_exit() - undo vfio_ccw_program_init()
 * @program: the channel program, after vfio_ccw_program_free(), or an abandoned one
 */
void vfio_ccw_program_exit(struct vfio_ccw_program *program)
{
	mem_forget_unmaps(program, true);
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

/**
 * vfio_ccw_program_exclude() - keep programs out of memory that is being unmapped
 * @program: the channel program
 * @iova: first byte of the memory
 * @length: bytes of the memory, not 0
 *
 * vfio calls its users from the unmap, so this runs in the task that unmaps. Until it returns
 * to user space, vfio_ccw_program_load() fails with -EAGAIN for a program that uses the memory.
 *
 * Context: may sleep.
 * Return: whether the loaded program uses the memory. The caller ends and unloads it then.
 */
bool vfio_ccw_program_exclude(struct vfio_ccw_program *program, u64 iova, u64 length)
{
	mem_add_unmap(program, iova, iova + length - 1);
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

/**
 * vfio_ccw_program_abandon() - unpin the pages of a channel program that may still run
 * @program: the channel program
 *
 * Each page gets a reference, so that its memory is not used for anything else, and vfio sees it
 * unpinned. vfio_ccw_program_free() drops the references. Until then no other program is loaded.
 *
 * Context: may sleep. Takes the locks of vfio.
 */
void vfio_ccw_program_abandon(struct vfio_ccw_program *program)
{
	if (program->loaded) {
		mem_do_pages(program, mem_get_page);
		mem_unpin_runs(program, program->cp.nr_runs);
		WRITE_ONCE(program->loaded, false);
	}
	program->abandoned = true;
}
