// SPDX-License-Identifier: GPL-2.0-only
// spatch: unused_label.cocci patch,context,org,report
// A goto jumps to each label; a label of that name in another function makes no difference.
int toy_start(struct toy *toy)
{
	int ret;

	ret = toy_on(toy);
	if (ret)
		goto out;
	toy->on = 1;
out:
	return ret;
}

int toy_stop(struct toy *toy)
{
	if (!toy)
		goto none;
	return toy_off(toy);

none:
	return -EIO;
}
