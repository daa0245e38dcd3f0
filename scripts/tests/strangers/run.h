/* SPDX-License-Identifier: GPL-2.0-only */
/* Creates and removes instances of one driver, and prints what a user sees of it on one line. */

#define INSTANCES 40
static struct mdev_device instances[INSTANCES];

/* what sysfs shows as NAME: the driver's own attribute, or else what the core knows */
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
		unsigned int most = ops ? ops->max_instances : driver->max_instances;

		sprintf(buf, "%u\n", most - registered.instances);
	}
	buf[strlen(buf) - 1] = 0;
}

static int create(int n)
{
	static struct kobject type = { "toy" };
	struct mdev_device *m = &instances[n];
	unsigned int most = registered.ops ? registered.ops->max_instances
					   : registered.driver->max_instances;
	int ret;

	memset(m, 0, sizeof(*m));
	m->parent = m->dev.parent = registered.dev;
	m->type = registered.type;
	if (most && registered.instances >= most)
		return -EUSERS;
	ret = registered.ops ? registered.ops->CREATE(&type, m) : registered.driver->probe(m);
	registered.instances += !ret;
	return ret;
}

static void destroy(int n)
{
	if (registered.ops)
		registered.ops->remove(&instances[n]);
	else
		registered.driver->remove(&instances[n]);
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

static void run(const char *name, int (*probe)(struct device *dev))
{
	static struct device dev;
	char buf[4096] = "";
	int n, i, before;

	memset(&dev, 0, sizeof(dev));
	fails_at = allocations = live = held = 0;
	printf("%s: %d ", name, probe(&dev));
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
	show("available_instances", buf);
	printf(" %s %d %d\n", buf, live - before, held);
}
