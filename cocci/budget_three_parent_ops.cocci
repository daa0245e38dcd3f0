// SPDX-License-Identifier: GPL-2.0-only
///
/// Declare three pools in a driver of the 5.10 interface that stores the
/// smallest of three quotients in each type whenever an instance is created or removed,
/// and shows it in available_instances (see budget_three.cocci for struct mdev_driver).
///
//# The function that registers the parent gets the structure with the totals as an
//# argument. Its table of types must be in the order of supported_type_groups. Pass all
//# files of the driver to one run; scripts/migrate/migrate checks the result.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_parent_ops, available_instances, mdev_pool
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@ro@
declarer name MDEV_TYPE_ATTR_RO;
position p;
@@
MDEV_TYPE_ATTR_RO(available_instances@p);

@update@
identifier kept, u, O, own, a1, a2, a3, F1, F2, F3, m1, m2, m3, c1, c2, c3, types, i;
expression T1, T2, T3, o1, o2, o3;
@@
u(struct O *own)
{
	...
	a1 = T1 - o1.F1;
	a2 = T2 - o2.F2;
	a3 = T3 - o3.F3;
	for (...;...;...) {
		m1 = a1 / own->types[i].c1;
		m2 = a2 / own->types[i].c2;
		m3 = a3 / own->types[i].c3;
		own->types[i].kept = min(min(m1, m2), m3);
		...
	}
}

@shown@
identifier update.kept;
expression type;
@@
available_instances_show(...) { <+... type->kept ...+> }

@ops depends on shown@
identifier x, make;
@@
 struct mdev_parent_ops x = { ..., .create = make, ... };

@script:python b@
make << ops.make;
a1 << update.a1;
a2 << update.a2;
a3 << update.a3;
regf;
n1;
n2;
n3;
@@
stem = make.removesuffix("_create")
coccinelle.regf = cocci.make_ident(stem + "_register_device")
coccinelle.n1 = cocci.make_expr('"%s"' % a1.removesuffix("_avail"))
coccinelle.n2 = cocci.make_expr('"%s"' % a2.removesuffix("_avail"))
coccinelle.n3 = cocci.make_expr('"%s"' % a3.removesuffix("_avail"))

// ---------------------------------------------------------------------------

@registered depends on patch && shown@
identifier ops.x, b.regf, h, arg, dev;
@@
 h(struct device *dev, void *arg, ...)
 {
	...
-	return mdev_register_device(dev, &x);
+	return regf(dev, arg);
 }

@gone depends on registered@
identifier ops.x, b.regf;
identifier update.O, update.own, update.types, update.c1, update.c2, update.c3;
expression update.T1, update.T2, update.T3, b.n1, b.n2, b.n3;
@@
 struct mdev_parent_ops x = { ... };
+
+static int regf(struct device *dev, struct O *own)
+{
+	const struct mdev_pool pools[] = {
+		{
+			.name = n1,
+			.total = T1,
+			MDEV_COSTS(own->types, c1),
+		},
+		{
+			.name = n2,
+			.total = T2,
+			MDEV_COSTS(own->types, c2),
+		},
+		{
+			.name = n3,
+			.total = T3,
+			MDEV_COSTS(own->types, c3),
+		},
+	};
+
+	return mdev_register_device_pools(dev, &x, pools, ARRAY_SIZE(pools));
+}

@depends on gone@
@@
- available_instances_show(...) { ... }

@depends on gone@
declarer name MDEV_TYPE_ATTR_RO;
@@
- MDEV_TYPE_ATTR_RO(available_instances);

@depends on gone@
identifier a;
@@
 struct attribute *a[] = {
	...,
-	&mdev_type_attr_available_instances.attr,
	...
 };

@depends on gone@
identifier update.u;
expression v;
@@
- if (!IS_ERR(v))
-	u(...);

@depends on gone@
identifier update.u;
@@
- u(...);

@depends on gone@
identifier update.u;
@@
- u(...) { ... }

// the initial number of each type is only printed
@depends on gone@
identifier update.kept, f, print;
expression t, E;
@@
 f(...) { <+...
- t.kept = E;
 ... when any
 print(...,
-	t.kept
+	E
	, ...);
 ...+> }

@depends on gone@
identifier update.kept, S;
type T;
@@
 struct S {
	...
-	T kept;
	...
 };

// ---------------------------------------------------------------------------
// The allocator: drop comparisons and sums, keep the amounts handed out. Its counters
// are the members in the quotients.

@claims depends on gone@
identifier update.F1, f;
expression e, n;
@@
 f(...) { <+... e.F1 += n; ...+> }

@releases depends on gone@
identifier update.F1, f;
expression e, n;
@@
 f(...) { <+... e.F1 -= n; ...+> }

@compare depends on claims@
identifier claims.f, update.F1, update.F2, update.F3;
identifier L, max, taken, left, want, item;
constant char [] word;
expression T, o, n;
@@
 f(...) { <...
- item = word;
- max = T;
- taken = \(o.F1\|o.F2\|o.F3\);
- left = max - taken;
  want = n;
- if (want > left)
-	goto L;
 ...> }

@sum depends on gone@
identifier update.F1, update.F2, update.F3;
expression o, n;
@@
(
- \(o.F1\|o.F2\|o.F3\) += n;
|
- \(o.F1\|o.F2\|o.F3\) -= n;
)

@refusal depends on compare@
identifier compare.L;
expression r;
@@
- L:
- gvt_err(...);
- gvt_err(...);
- return r;

@member1 depends on gone@
identifier update.F1, S;
type T;
@@
 struct S {
	...
-	T F1;
	...
 };

@member2 depends on gone@
identifier update.F2, S;
type T;
@@
 struct S {
	...
-	T F2;
	...
 };

@member3 depends on gone@
identifier update.F3, S;
type T;
@@
 struct S {
	...
-	T F3;
	...
 };

@empty1 depends on gone@
identifier member1.S;
@@
- struct S {
- };

@depends on empty1@
identifier member1.S, A, m;
@@
 struct A {
	...
-	struct S m;
	...
 };

@empty2 depends on gone@
identifier member2.S;
@@
- struct S {
- };

@depends on empty2@
identifier member2.S, A, m;
@@
 struct A {
	...
-	struct S m;
	...
 };

@empty3 depends on gone@
identifier member3.S;
@@
- struct S {
- };

@depends on empty3@
identifier member3.S, A, m;
@@
 struct A {
	...
-	struct S m;
	...
 };

// ---- unused variables, functions, labels and structures

@depends on gone@
identifier claims.f, v;
type T;
expression E;
@@
 f(...)
 {
	... when any
(
-	T v;
|
-	T v = E;
)
	... when strict
	    when != v
 }

@given_up depends on gone@
identifier releases.f, l;
expression x, r;
@@
 x;
 l:
 f(...);
 return r;

@idle depends on gone@
identifier releases.f;
type T;
identifier v;
expression E;
@@
- void f(...)
- {
-	T v = E;
- }

@depends on idle@
identifier releases.f;
@@
- f(...);

@depends on idle@
identifier given_up.l;
expression given_up.r;
expression c;
@@
 if (c)
- goto l;
+ return r;

@depends on idle@
identifier given_up.l;
expression given_up.r;
@@
- goto l;
+ return r;

@depends on idle@
identifier given_up.l;
expression given_up.r;
@@
- l:
 return r;

// ---------------------------------------------------------------------------

@star depends on context && update@
@@
* available_instances_show(...) { ... }

@script:python depends on report@
p << ro.p;
a << b.n1;
@@
coccilib.report.print_report(p[0],
    "the driver shares out three resources: declare pools instead")

@script:python depends on org@
p << ro.p;
a << b.n1;
@@
coccilib.org.print_todo(p[0], "the driver shares out three resources: declare pools instead")
