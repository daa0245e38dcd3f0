// SPDX-License-Identifier: GPL-2.0-only
///
/// Declare a budget of three resources in a driver whose get_available is the smallest
/// of three quotients. The allocator drops its checks and sums, and keeps the amounts
/// that it hands out.
///
//# i915 gvt has this shape: low aperture, high aperture and fences. The hardware gives
//# the totals, so the budget is set up where the parent is registered. Pass all files of
//# the driver to one run; scripts/migrate/migrate checks the result. See
//# budget_three_parent_ops.cocci for the 5.10 interface.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_driver, get_available, mdev_budget, min3
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
costs;
regf;
n1;
n2;
n3;
@@
stem = show.removesuffix("_get_available")
coccinelle.costs = cocci.make_ident(stem + "_cost")
coccinelle.regf = cocci.make_ident(stem + "_register_parent")
coccinelle.n1 = cocci.make_expr('"%s"' % a1.removesuffix("_avail"))
coccinelle.n2 = cocci.make_expr('"%s"' % a2.removesuffix("_avail"))
coccinelle.n3 = cocci.make_expr('"%s"' % a3.removesuffix("_avail"))

// ---------------------------------------------------------------------------

@call depends on patch@
identifier callback.x, b.regf;
expression dev;
identifier parent, types, nr;
identifier v;
@@
- mdev_register_parent(&v->parent, dev, &x, v->types, v->nr)
+ regf(v, dev)

@declare depends on call@
identifier callback.x, callback.show, b.costs, b.regf, owner.O, owner.own;
identifier call.parent, call.types, call.nr;
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
+	const struct mdev_resource resources[] = {
+		{
+			.name = n1,
+			.total = T1,
+		},
+		{
+			.name = n2,
+			.total = T2,
+		},
+		{
+			.name = n3,
+			.total = T3,
+		},
+	};
+	const struct mdev_budget budget = {
+		.resources = resources,
+		.nr_resources = ARRAY_SIZE(resources),
+		.cost = costs,
+	};
+
+	return mdev_register_parent_budget(&own->parent, dev, &x, own->types, own->nr, &budget);
+}

@quotients depends on declare@
identifier callback.show, a1, a2, a3, F1, F2, F3;
expression c1, c2, c3, T1, T2, T3, o1, o2, o3, lock;
@@
 show(...)
 {
	...
-	mutex_lock(&lock);
-	a1 = T1 - o1.F1;
-	a2 = T2 - o2.F2;
-	a3 = T3 - o3.F3;
-	mutex_unlock(&lock);
-	return min3(a1 / c1, a2 / c2, a3 / c3);
+	if (resource == 0)
+		return c1;
+	if (resource == 1)
+		return c2;
+	return c3;
 }

@head depends on quotients@
typedef u64;
identifier callback.show, b.costs, mtype;
@@
-unsigned int
+u64
-show
+costs
 (struct mdev_type *mtype
+ , unsigned int resource
 )
 { ... }

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
identifier b.costs, v;
type T;
expression E;
@@
 costs(...)
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
    "the driver shares out three resources: declare a budget instead")

@script:python depends on org@
p << callback.p;
a << b.n1;
@@
coccilib.org.print_todo(p[0], "the driver shares out three resources: declare a budget instead")
