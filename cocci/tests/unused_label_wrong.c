// SPDX-License-Identifier: GPL-2.0-only
// spatch: unused_label.cocci patch,context,org,report
// Labels that nothing jumps to, one of them behind a return.
int toy_start(struct toy *toy)
{
	int ret;

	mutex_lock(&toy->lock);
	ret = toy_on(toy);
	mutex_unlock(&toy->lock);
	return 0;

full:
	mutex_unlock(&toy->lock);
	return ret;
}

int toy_stop(struct toy *toy)
{
	int ret = -EIO;

	if (!toy)
		goto out;
	ret = toy_off(toy);
idle:
	toy->on = 0;
out:
	return ret;
}
