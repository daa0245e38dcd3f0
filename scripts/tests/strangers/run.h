/* SPDX-License-Identifier: GPL-2.0-only */
/* Creates and removes instances of one driver, and prints what a user sees of it on one line. */

#define INSTANCES 40
static struct mdev_device all[2][INSTANCES];
#define mdevs all[turn]

/* how many instances the core admits for a parent, or -1 where the driver counts */
static long limit(void)
{
	const struct mdev_parent_ops *ops = registered.ops;

	if (registered.nr_pools)
		return registered.total;
	if (ops)
		return ops->max_instances ? (long)ops->max_instances : -1;
	return registered.driver->get_available ? -1 : (long)registered.driver->max_instances;
}

/*
 * What sysfs shows as NAME: the driver's own attribute, or else what the core knows. A number below
 * 0, also as one without sign, counts as 0.
 */
static void show(const char *name, char *buf)
{
	const struct mdev_parent_ops *ops = registered.ops;
	const struct mdev_driver *driver = registered.driver;
	struct kobject type = { "toy" };
	int found = 0;

	for (int i = 0; ops && ops->supported_type_groups[0]->attrs[i]; i++) {
		struct attribute *a = ops->supported_type_groups[0]->attrs[i];

		if (strcmp(a->name, name) || found++)
			continue;
		container_of(a, struct mdev_type_attribute, attr)->show(KOBJ(&type), DEVICE, buf);
	}
	if (!strcmp(name, "device_api")) {
		const char *api = ops ? ops->device_api : driver->device_api;

		/* the core refuses two attributes of one name */
		if (api && found++)
			strcpy(buf, "two\n");
		else if (api)
			sprintf(buf, "%s\n", api);
	} else if (driver && driver->get_available) {
		sprintf(buf, "%u\n", driver->get_available(registered.type));
	} else if (!found) {
		sprintf(buf, "%ld\n", limit() - registered.instances);
	}
	buf[strlen(buf) - 1] = 0;
	if (strtol(buf, NULL, 10) < 0 || strtol(buf, NULL, 10) > INT_MAX)
		strcpy(buf, "0");
}

static int create(int n)
{
	static struct kobject type = { "toy" };
	struct mdev_device *m = &mdevs[n];
	int ret;

	memset(m, 0, sizeof(*m));
	m->parent = m->dev.parent = registered.dev;
	m->type = registered.type;
	if (limit() >= 0 && registered.instances >= limit())
		return -EUSERS;
	ret = registered.ops ? registered.ops->CREATE(&type, m) : registered.driver->probe(m);
	registered.instances += !ret;
	return ret;
}

static void destroy(int n)
{
	if (registered.ops)
		registered.ops->remove(&mdevs[n]);
	else
		registered.driver->remove(&mdevs[n]);
	registered.instances--;
}

/* one character for each create: + or -, and the number that is shown then */
static int fill(void)
{
	char buf[4096];
	int n;

	for (n = 0; n < INSTANCES; n++) {
		int ret = create(n);

		show("available_instances", buf);
		printf("%c%s%s", ret ? '-' : '+', buf, held ? "!" : "");
		if (ret)
			break;
	}
	return n;
}

/* two parents in turn: each is filled, emptied and filled again while the other is full */
static void run_two(void)
{
	char buf[4096] = "";
	int n[2] = { 0, 0 };

	for (int round = 0; round < 4; round++) {
		turn = round % 2;
		while (n[turn])
			destroy(--n[turn]);
		n[turn] = fill();
		turn = !turn;
		show("available_instances", buf);
		printf("/%s ", buf);
	}
	for (turn = 1; turn >= 0; turn--)
		while (n[turn])
			destroy(--n[turn]);
	turn = 0;
}

static void run(const char *name, int (*probe)(struct device *dev), int number)
{
	static struct device devices[2];
	char buf[4096] = "";
	int n, i, before;

	memset(devices, 0, sizeof(devices));
	memset(parents, 0, sizeof(parents));
	devices[1].parent = &devices[0];
	fails_at = allocations = live = held = 0;
	printf("%s:", name);
	for (turn = 0; turn < number; turn++)
		printf(" %d ", probe(&devices[turn]));
	turn = 0;
	show("device_api", buf);
	printf("%s ", buf);
	before = live;
	n = fill();
	for (i = 0; i < n; i++)
		destroy(i);
	printf(" %d ", live - before);
	for (i = 1; i < 4; i++) {
		allocations = 0;
		fails_at = i;
		n = create(0);
		fails_at = 0;
		if (!n)
			destroy(0);
		printf("%c%d", n ? '-' : '+', live - before);
	}
	printf(" ");
	n = fill();
	while (n--)
		destroy(n);
	if (number == 2)
		run_two();
	show("available_instances", buf);
	printf(" %s %d %d\n", buf, live - before, held);
}
