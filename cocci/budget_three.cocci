// SPDX-License-Identifier: GPL-2.0-only
///
/// Declare three pools in a driver whose get_available is the smallest
/// of three quotients. The allocator drops its checks and sums, and keeps the amounts
/// that it hands out.
///
//# i915 gvt has this shape: low aperture, high aperture and fences. The hardware gives
//# the totals, so the pools are set up where the parent is registered. Pass all files of
//# the driver to one run; scripts/migrate/migrate checks the result. See
//# budget_three_parent_ops.cocci for the 5.10 interface.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_driver, get_available, mdev_pool, min3
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@callback@
identifier x, show;
position p;
@@
struct mdev_driver x = { ..., .get_available = show@p, ... };

@avail@
identifier callback.show, F1, F2, F3, a1, a2, a3;
expression T1, T2, T3, o1, o2, o3, c1, c2, c3, lock;
@@
show(...)
{
	...
	mutex_lock(&lock);
	a1 = T1 - o1.F1;
	a2 = T2 - o2.F2;
	a3 = T3 - o3.F3;
	mutex_unlock(&lock);
	return min3(a1 / c1, a2 / c2, a3 / c3);
}

// The costs of an instance are in the structure around struct mdev_type ...
@around depends on avail@
identifier callback.show, mtype, type, S, m, k1, k2, k3;
expression a1, a2, a3;
@@
show(struct mdev_type *mtype)
{
	...
	struct S *type = container_of(mtype, struct S, m);
	...
	return min3(a1 / type->k1, a2 / type->k2, a3 / type->k3);
}

// ... or in a table of configurations: the types are made of its entries, in their order
@beside depends on avail && !around@
identifier callback.show, mtype, type, S, m, conf, k1, k2, k3;
expression a1, a2, a3;
@@
show(struct mdev_type *mtype)
{
	...
	struct S *type = container_of(mtype, struct S, m);
	...
	return min3(a1 / type->conf->k1, a2 / type->conf->k2, a3 / type->conf->k3);
}

@in_order depends on beside exists@
identifier beside.conf, beside.m, i, C, c, own, all, ptrs;
identifier tab;
@@
 for (i = 0; ...; ++i)
 {
	const struct C *c = &tab[i];
	...
	own->all[i].conf = c;
	...
	own->ptrs[i] = &own->all[i].m;
	...
 }

// the totals depend on one local variable of get_available
@owner depends on avail@
identifier callback.show, own, O;
expression E;
@@
show(...)
{
	...
	struct O *own = E;
	...
	mutex_lock(&own->lock);
	...
}

@script:python b@
show << callback.show;
a1 << avail.a1;
a2 << avail.a2;
a3 << avail.a3;
own << owner.own;
regf;
n1;
n2;
n3;
@@
stem = show.removesuffix("_get_available")
coccinelle.regf = cocci.make_ident(stem + "_register_parent")
coccinelle.n1 = cocci.make_expr('"%s"' % a1.removesuffix("_avail"))
coccinelle.n2 = cocci.make_expr('"%s"' % a2.removesuffix("_avail"))
coccinelle.n3 = cocci.make_expr('"%s"' % a3.removesuffix("_avail"))

// ---------------------------------------------------------------------------

@call depends on patch && (around || in_order)@
identifier callback.x, b.regf;
expression dev;
identifier parent, types, nr;
identifier v;
@@
- mdev_register_parent(&v->parent, dev, &x, v->types, v->nr)
+ regf(v, dev)

@declare_around depends on call && around@
identifier callback.x, callback.show, b.regf, owner.O, owner.own;
identifier call.parent, call.types, call.nr;
identifier around.S, around.m, around.k1, around.k2, around.k3;
expression avail.T1, avail.T2, avail.T3, b.n1, b.n2, b.n3;
@@
 struct mdev_driver x = {
	...,
-	.get_available = show,
	...
 };
+
+static int regf(struct O *own, struct device *dev)
+{
+	const struct mdev_pool pools[] = {
+		{
+			.name = n1,
+			.total = T1,
+			MDEV_TYPE_COST(struct S, m, k1),
+		},
+		{
+			.name = n2,
+			.total = T2,
+			MDEV_TYPE_COST(struct S, m, k2),
+		},
+		{
+			.name = n3,
+			.total = T3,
+			MDEV_TYPE_COST(struct S, m, k3),
+		},
+	};
+
+	return mdev_register_parent_pools(&own->parent, dev, &x, own->types, own->nr, pools, ARRAY_SIZE(pools));
+}

@declare_beside depends on call && in_order@
identifier callback.x, callback.show, b.regf, owner.O, owner.own;
identifier call.parent, call.types, call.nr;
identifier in_order.all, beside.conf, beside.k1, beside.k2, beside.k3;
expression avail.T1, avail.T2, avail.T3, b.n1, b.n2, b.n3;
@@
 struct mdev_driver x = {
	...,
-	.get_available = show,
	...
 };
+
+static int regf(struct O *own, struct device *dev)
+{
+	const struct mdev_pool pools[] = {
+		{
+			.name = n1,
+			.total = T1,
+			MDEV_COSTS(own->all->conf, k1),
+		},
+		{
+			.name = n2,
+			.total = T2,
+			MDEV_COSTS(own->all->conf, k2),
+		},
+		{
+			.name = n3,
+			.total = T3,
+			MDEV_COSTS(own->all->conf, k3),
+		},
+	};
+
+	return mdev_register_parent_pools(&own->parent, dev, &x, own->types, own->nr, pools, ARRAY_SIZE(pools));
+}

@head depends on declare_around || declare_beside@
identifier callback.show;
@@
- show(...) { ... }

// ---------------------------------------------------------------------------
// The allocator: drop comparisons and sums, keep the amounts handed out. Its counters
// are the members that get_available reads.

@claims depends on head@
identifier avail.F1, f;
expression e, n;
@@
 f(...) { <+... e.F1 += n; ...+> }

@releases depends on head@
identifier avail.F1, f;
expression e, n;
@@
 f(...) { <+... e.F1 -= n; ...+> }

@compare depends on claims@
identifier claims.f, avail.F1, avail.F2, avail.F3;
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

@sum depends on head@
identifier avail.F1, avail.F2, avail.F3;
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

@member1 depends on head@
identifier avail.F1, S;
type T;
@@
 struct S {
	...
-	T F1;
	...
 };

@member2 depends on head@
identifier avail.F2, S;
type T;
@@
 struct S {
	...
-	T F2;
	...
 };

@member3 depends on head@
identifier avail.F3, S;
type T;
@@
 struct S {
	...
-	T F3;
	...
 };

@empty1 depends on head@
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

@empty2 depends on head@
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

@empty3 depends on head@
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

@depends on head@
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

@given_up depends on head@
identifier releases.f, l;
expression x, r;
@@
 x;
 l:
 f(...);
 return r;

@idle depends on head@
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

@star depends on context && avail@
identifier callback.show;
@@
* show(...) { ... }

@script:python depends on report@
p << callback.p;
a << b.n1;
@@
coccilib.report.print_report(p[0],
    "the driver shares out three resources: declare pools instead")

@script:python depends on org@
p << callback.p;
a << b.n1;
@@
coccilib.org.print_todo(p[0], "the driver shares out three resources: declare pools instead")
