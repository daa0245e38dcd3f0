// SPDX-License-Identifier: GPL-2.0-only
// An open file keeps the reference; its release gives it back.
// spatch: lifecycle/reference.cocci report
static int toy_open(struct inode *inode, struct file *file)
{
	struct toy_file *toy;
	int ret;

	if (!vfio_device_try_get_registration(&the_toy->vdev))
		return -ENODEV;
	toy = toy_file_new();
	if (IS_ERR(toy)) {
		ret = PTR_ERR(toy);
		goto put;
	}
	file->private_data = toy;
	return 0;

put:
	vfio_device_put_registration(&the_toy->vdev);
	return ret;
}
