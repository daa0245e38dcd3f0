// SPDX-License-Identifier: GPL-2.0-only
// spatch: tree/vfio_type1_unmap.cocci patch,context,org,report
// The unmap ends, whatever users do.
struct vfio_iommu {
	struct mutex lock;
	struct rb_root dma_list;
	struct list_head device_list;
	bool v2;
};

static int vfio_iommu_type1_pin_pages(void *iommu_data, dma_addr_t user_iova, int npage,
				      struct page **pages)
{
	struct vfio_iommu *iommu = iommu_data;
	struct vfio_dma *dma;
	int i, j, ret;

	mutex_lock(&iommu->lock);
	for (i = 0; i < npage; i++) {
		dma_addr_t iova = user_iova + PAGE_SIZE * i;

		dma = vfio_find_dma(iommu, iova, PAGE_SIZE);
		if (!dma) {
			ret = -EINVAL;
			goto pin_unwind;
		}
		ret = toy_pin(dma, iova, pages + i);
		if (ret)
			goto pin_unwind;
	}
	goto pin_done;

pin_unwind:
	for (j = 0; j < i; j++) {
		dma = vfio_find_dma(iommu, user_iova + PAGE_SIZE * j, PAGE_SIZE);
		toy_unpin(dma, pages + j);
	}
pin_done:
	mutex_unlock(&iommu->lock);
	return ret;
}

static int vfio_dma_do_unmap(struct vfio_iommu *iommu, struct vfio_iommu_type1_dma_unmap *unmap,
			     struct vfio_bitmap *bitmap)
{
	struct vfio_dma *dma, *dma_last = NULL;
	int ret = -EINVAL, retries = 0;
	dma_addr_t iova = unmap->iova;
	dma_addr_t iova_end;
	size_t size = unmap->size;
	struct rb_node *n;

	mutex_lock(&iommu->lock);

	if (check_add_overflow(iova, size - 1, &iova_end))
		goto unlock;

	WARN_ON((size - 1) & PAGE_MASK);
again:
	ret = 0;
	n = vfio_find_dma_first_node(iommu, iova, iova_end);

	while (n) {
		dma = rb_entry(n, struct vfio_dma, node);
		if (!RB_EMPTY_ROOT(&dma->pfn_list)) {
			if (dma_last == dma) {
				if (WARN_ON_ONCE(++retries > 10)) {
					ret = -EBUSY;
					break;
				}
			} else {
				dma_last = dma;
				retries = 0;
			}

			vfio_notify_dma_unmap(iommu, dma);
			goto again;
		}
		n = rb_next(n);
		vfio_remove_dma(iommu, dma);
	}

unlock:
	mutex_unlock(&iommu->lock);

	return ret;
}

static void *vfio_iommu_type1_open(unsigned long arg)
{
	struct vfio_iommu *iommu = kzalloc(sizeof(*iommu), GFP_KERNEL);

	iommu->dma_list = RB_ROOT;
	mutex_init(&iommu->lock);
	return iommu;
}
