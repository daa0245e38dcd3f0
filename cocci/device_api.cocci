// SPDX-License-Identifier: GPL-2.0-only
///
/// Set .device_api in struct mdev_parent_ops or struct mdev_driver and drop the
/// driver's own sysfs attribute. The core shows .device_api; a second attribute of
/// that name makes the registration of the parent fail.
///
//# Pass all files of a driver to one run: the attribute and the structure may be in
//# different files. spatch alone does not check the result; scripts/migrate/migrate
//# does, and converts a driver completely, or this attribute alone, or not at all.
//
// Confidence: High
// Options: --no-includes --include-headers
// Keywords: mdev_parent_ops, mdev_driver, device_api
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

// ---------------------------------------------------------------------------
// The attribute: its variable and its show function

@ro@
declarer name MDEV_TYPE_ATTR_RO;
position p;
@@
MDEV_TYPE_ATTR_RO(device_api@p);

@full@
declarer name MDEV_TYPE_ATTR;
identifier show;
expression mode;
position p;
@@
MDEV_TYPE_ATTR(device_api@p, mode, show, NULL);

@plain@
identifier attr;
position p;
@@
struct mdev_type_attribute attr@p = __ATTR_RO(device_api);

@spelt@
identifier attr, show;
expression mode;
position p;
@@
struct mdev_type_attribute attr@p = __ATTR(device_api, mode, show, NULL);

@script:python names@
p1 << ro.p = [];
p2 << full.p = [];
s2 << full.show = "";
p3 << plain.p = [];
a3 << plain.attr = "";
p4 << spelt.p = [];
a4 << spelt.attr = "";
s4 << spelt.show = "";
show;
av;
@@
coccinelle.show = cocci.make_ident(s2 or s4 or "device_api_show")
coccinelle.av = cocci.make_ident(a3 or a4 or "mdev_type_attr_device_api")

// ---------------------------------------------------------------------------
// The constant that the attribute shows

@value@
identifier names.show, buf;
expression API;
expression size;
position p;
@@
 show(..., char *buf)
 {
	... when != return ...;
(
	return sprintf@p(buf, \("%s\n"\|"%s"\), API);
|
	return sysfs_emit@p(buf, \("%s\n"\|"%s"\), API);
|
	return snprintf@p(buf, size, \("%s\n"\|"%s"\), API);
|
	return scnprintf@p(buf, size, \("%s\n"\|"%s"\), API);
)
 }

@literal@
identifier names.show, buf;
constant char [] text;
position p;
@@
 show(..., char *buf)
 {
(
	return sprintf@p(buf, text);
|
	return sysfs_emit@p(buf, text);
)
 }

@script:python api@
e << value.API = "";
t << literal.text = "";
API;
@@
if e:
    # a constant: an initializer can hold it
    if e.startswith('"') or e.replace("_", "a").isalnum() and e.upper() == e:
        coccinelle.API = cocci.make_expr(e)
    else:
        cocci.include_match(False)
elif t.endswith('\\n"') and "%" not in t:
    coccinelle.API = cocci.make_expr(t.replace('\\n"', '"'))
else:
    cocci.include_match(False)

// ---------------------------------------------------------------------------

@ops@
identifier x;
@@
 struct mdev_parent_ops x = { ... };

@named@
identifier x;
expression e;
@@
(
 struct mdev_parent_ops x = { ..., .device_api = e, ... };
|
 struct mdev_driver x = { ..., .device_api = e, ... };
)

@in_ops depends on patch && ops && !named@
identifier x;
expression api.API;
@@
 struct mdev_parent_ops x = {
+	.device_api = API,
	...
 };

@in_driver depends on patch && !ops && !named@
identifier x;
expression api.API;
@@
 struct mdev_driver x = {
+	.device_api = API,
	...
 };

// callbacks that are assigned one by one
@assigned@
struct mdev_parent_ops *x;
struct mdev_parent_ops y;
expression f;
@@
(
 x->create = f;
|
 y.create = f;
)

@in_code depends on patch && assigned && !ops && !named@
struct mdev_parent_ops *x;
struct mdev_parent_ops y;
expression api.API, f;
@@
(
+ x->device_api = API;
  x->create = f;
|
+ y.device_api = API;
  y.create = f;
)

@gone depends on in_ops || in_driver || in_code@
identifier names.show;
@@
- show(...) { ... }

@depends on gone@
declarer name MDEV_TYPE_ATTR_RO;
@@
- MDEV_TYPE_ATTR_RO(device_api);

@depends on gone@
declarer name MDEV_TYPE_ATTR;
expression list es;
@@
- MDEV_TYPE_ATTR(device_api, es);

@depends on gone@
identifier names.av;
expression e;
@@
- struct mdev_type_attribute av = e;

@depends on gone@
identifier names.av, a;
@@
 struct attribute *a[] = {
	...,
-	&av.attr,
	...
 };

// ---------------------------------------------------------------------------

@star depends on context@
identifier names.show;
@@
* show(...) { ... }

@script:python depends on report@
p1 << ro.p = [];
p2 << full.p = [];
p3 << plain.p = [];
p4 << spelt.p = [];
@@
for p in (p1, p2, p3, p4):
    if p:
        coccilib.report.print_report(p[0],
            "the driver has its own device_api attribute: set .device_api instead")

@script:python depends on org@
p1 << ro.p = [];
p2 << full.p = [];
p3 << plain.p = [];
p4 << spelt.p = [];
@@
for p in (p1, p2, p3, p4):
    if p:
        coccilib.org.print_todo(p[0],
            "the driver has its own device_api attribute: set .device_api instead")
