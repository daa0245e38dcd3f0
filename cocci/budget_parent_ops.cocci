// SPDX-License-Identifier: GPL-2.0-only
///
/// Declare a struct mdev_pool in a driver of the 5.10 interface whose attribute
/// available_instances divides the free amount of a shared resource by the amount that
/// the type takes (see budget.cocci for struct mdev_driver).
///
//# On 5.10 the costs are those of the types in the order of supported_type_groups, so the
//# driver's table of types must have the same order. Pass all files of a driver
//# to one run; scripts/migrate/migrate checks the order and the result.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_parent_ops, available_instances, mdev_pool
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@initialize:python@
@@
import re

def is_after_leaving(p):
    """Whether the line before the label at p leaves the function."""
    with open(p.file, errors="replace") as f:
        before = [x for x in f.read().split("\n")[:int(p.line) - 1] if x.strip()]
    return bool(before) and bool(re.match(r"\t(return [^;]*|goto \w+);", before[-1]))

@ro@
declarer name MDEV_TYPE_ATTR_RO;
position p;
@@
MDEV_TYPE_ATTR_RO(available_instances@p);

@full@
declarer name MDEV_TYPE_ATTR;
identifier show;
expression mode;
position p;
@@
MDEV_TYPE_ATTR(available_instances@p, mode, show, NULL);

@script:python names@
p1 << ro.p = [];
p2 << full.p = [];
s2 << full.show = "";
show;
@@
coccinelle.show = cocci.make_ident(s2 or "available_instances_show")

// ---------------------------------------------------------------------------
// The quotient: the free amount divided by the amount that the type takes

@up@
identifier names.show, type, cost, C;
expression e, total;
@@
show(...) { <+...
 (total - \(atomic_read(&\(C\|e->C\|e.C\))\|C\|e->C\|e.C\)) / type->cost
...+> }

@down depends on !up@
identifier names.show, type, cost, C;
expression e;
@@
show(...) { <+...
 \(atomic_read(&\(C\|e->C\|e.C\))\|C\|e->C\|e.C\) / type->cost
...+> }

// The driver finds the type by name in a table ...
@finder depends on up || down@
identifier names.show, type, find;
expression key;
type T;
@@
show(...) { <+...
(
 T type = find(key);
|
 type = find(key)
)
...+> }

@table@
identifier finder.find;
global idexpression tab;
expression i;
@@
find(...) { <+...
(
 return &tab[i];
|
 return tab + i;
)
...+> }

// ... or the types are named "1", "2" and so on, which is the amount, and a loop over
// the list of instances sums up the amounts taken
@numbered depends on !up && !down@
identifier names.show, per, i, text;
expression len, dev;
@@
show(...) { <+...
 for (i = 0; i < 2; i++) {
 snprintf(text, len, "%s-%d", dev_driver_string(dev), i + 1);
 if (!strcmp(..., text)) {
	per = i + 1;
	break;
 }
 }
...+> }

@summed depends on numbered@
identifier names.show, at, member, amount, used, head;
iterator name list_for_each_entry;
@@
show(...) { <+...
 list_for_each_entry(at, &head, member)
	used += at->amount;
...+> }

@walked@
identifier names.show, numbered.per, summed.used;
expression total;
@@
show(...) { <+...
 (total - used) / per
...+> }

@start_atomic depends on down@
identifier down.C;
expression e, N;
@@
atomic_set(&\(C\|e->C\|e.C\), N);

@start_static depends on down@
identifier down.C;
expression N;
type T;
@@
(
 atomic_t C = ATOMIC_INIT(N);
|
 T C = N;
)

@start_plain depends on down@
identifier down.C;
identifier f != names.show;
expression e, N;
@@
f(...) { <+...
 \(C\|e->C\|e.C\) = N
 ...+> }

@ops@
identifier x, make;
@@
 struct mdev_parent_ops x = { ..., .create = make, ... };

@script:python b@
show << names.show;
make << ops.make;
c1 << down.C = "";
k1 << down.cost = "";
c2 << up.C = "";
k2 << up.cost = "";
k3 << summed.amount = "";
t << table.tab = "";
n1 << start_atomic.N = "";
n2 << start_static.N = "";
n3 << start_plain.N = "";
n4 << up.total = "";
n5 << walked.total = "";
C;
N;
tab;
cost;
numbers;
what;
pool;
stat;
late;
listed;
regf;
@@
n = n1 or n2 or n3 or n4 or n5
if ((c1 or c2) and t or n5) and n and n.replace("_", "a").isalnum():
    stem = make.removesuffix("_create")
    cost = k1 or k2 or k3
    fixed = n[0].isdigit() or n.upper() == n
    coccinelle.C = cocci.make_ident(c1 or c2 or "no_such_counter")
    coccinelle.N = cocci.make_expr(n)
    coccinelle.tab = cocci.make_ident(t or "no_such_table")
    coccinelle.cost = cocci.make_ident(cost)
    coccinelle.numbers = cocci.make_ident(stem + "_" + cost.removeprefix("nr_"))
    coccinelle.what = cocci.make_expr('"%s"' % cost.removeprefix("nr_").removeprefix("num_"))
    coccinelle.pool = cocci.make_ident(stem + "_pools")
    # a number in a variable is read when the parent is registered
    coccinelle.stat = cocci.make_ident("mdev_parent_ops" if fixed and not k3 else "no_such_tag")
    coccinelle.late = cocci.make_ident("mdev_parent_ops" if not fixed and not k3
                                       else "no_such_tag")
    coccinelle.listed = cocci.make_ident("mdev_parent_ops" if fixed and k3 else "no_such_tag")
    coccinelle.regf = cocci.make_ident("no_such_function" if fixed else "mdev_register_device")
else:
    cocci.include_match(False)

// ---------------------------------------------------------------------------

// positions are valid until the first change, so the rules that need one come first
// A label that only decrements the counter and returns, and has no fall-through
@lonely depends on patch && b@
identifier b.C, L;
expression e, n, r;
position p : script:python() { is_after_leaving(p[0]) };
@@
 L@p:
(
 \(atomic_add\|atomic_sub\|atomic64_add\|atomic64_sub\)(n, &\(C\|e->C\|e.C\));
|
 \(C\|e->C\|e.C\) += n;
|
 \(C\|e->C\|e.C\) -= n;
)
 return r;

@declare_fixed depends on patch@
identifier b.stat, b.pool, b.tab, b.cost, x;
expression b.N, b.what;
@@
+static const struct mdev_pool pool[] = {
+	{
+		.name = what,
+		.total = N,
+		MDEV_COSTS(tab, cost),
+	},
+};
+
 struct stat x = { ... };

@declare_held depends on patch@
identifier b.late, b.pool, b.tab, b.cost, x;
expression b.what;
@@
+static struct mdev_pool pool[] = {
+	{
+		.name = what,
+		MDEV_COSTS(tab, cost),
+	},
+};
+
 struct late x = { ... };

@declare_listed depends on patch@
identifier b.listed, b.pool, b.numbers, x;
expression b.N, b.what;
@@
+/* the types are named after what they take */
+static const unsigned int numbers[] = { 1, 2 };
+
+static const struct mdev_pool pool[] = {
+	{
+		.name = what,
+		.total = N,
+		MDEV_COST_ARRAY(numbers),
+	},
+};
+
 struct listed x = { ... };

@gone depends on declare_fixed || declare_held || declare_listed@
identifier names.show;
@@
- show(...) { ... }

@depends on gone@
declarer name MDEV_TYPE_ATTR_RO;
@@
- MDEV_TYPE_ATTR_RO(available_instances);

@depends on gone@
declarer name MDEV_TYPE_ATTR;
expression list es;
@@
- MDEV_TYPE_ATTR(available_instances, es);

@depends on gone@
identifier a;
@@
 struct attribute *a[] = {
	...,
-	&mdev_type_attr_available_instances.attr,
	...
 };

@at_assign depends on declare_held@
identifier b.regf, b.pool;
expression b.N;
expression ret;
@@
+ pool[0].total = N;
  ret = regf(...);

@at_return depends on declare_held@
identifier b.regf, b.pool;
expression b.N;
@@
+ pool[0].total = N;
  return regf(...);

@depends on gone@
identifier b.pool, ops.x;
expression dev;
@@
- mdev_register_device(dev, &x)
+ mdev_register_device_pools(dev, &x, pool, ARRAY_SIZE(pool))

@depends on gone@
identifier b.C;
expression e, N;
@@
(
- atomic_set(&\(C\|e->C\|e.C\), N);
|
- \(C\|e->C\|e.C\) = N;
)

@depends on gone@
identifier lonely.L;
expression lonely.r;
expression c;
@@
 if (c)
- goto L;
+ return r;

@depends on gone@
identifier lonely.L;
expression lonely.r;
@@
- goto L;
+ return r;

// ---- functions that count, locks and labels; leftovers are removed below

@counts depends on gone@
identifier b.C, f;
expression e;
@@
 f(...) { <+... \(C\|e->C\|e.C\) ...+> }

@locked depends on gone@
identifier b.C;
expression e, o;
identifier M;
statement S;
identifier take = {mutex_lock, spin_lock, spin_lock_irq, spin_lock_bh};
@@
 take(&\(M\|o->M\|o.M\));
(
 if (<+... \(C\|e->C\|e.C\) ...+>) S
|
 <+... \(C\|e->C\|e.C\) ...+>;
)

@label depends on gone@
identifier b.C, L;
expression e, n;
@@
 L:
(
 \(atomic_add\|atomic_sub\|atomic64_add\|atomic64_sub\)(n, &\(C\|e->C\|e.C\));
|
 \(C\|e->C\|e.C\) += n;
|
 \(C\|e->C\|e.C\) -= n;
)

// ---- admission

@admit_sub depends on gone@
identifier b.C, L;
expression e, n, r;
@@
- if ((
(
-   \(atomic_sub_return\|atomic64_sub_return\)(n, &\(C\|e->C\|e.C\)) < 0
|
-   \(atomic_read\|atomic64_read\)(&\(C\|e->C\|e.C\)) < n
|
-   \(C\|e->C\|e.C\) < n
)
- ))
(
- return r;
|
- goto L;
|
- { ... return r; }
|
- { ... goto L; }
)

@admit_add depends on gone@
identifier b.C, L;
expression e, n, r, up.total;
@@
- if ((
(
-   \(atomic_add_return\|atomic64_add_return\)(n, &\(C\|e->C\|e.C\)) > total
|
-   n + \(atomic_read\|atomic64_read\)(&\(C\|e->C\|e.C\)) > total
|
-   n + \(C\|e->C\|e.C\) > total
|
-   total - \(C\|e->C\|e.C\) < n
)
- ))
(
- return r;
|
- goto L;
|
- { ... return r; }
|
- { ... goto L; }
)

// ---- charging and uncharging

@back_in_braces depends on gone@
identifier b.C, L;
expression e, n, x, r;
@@
 if (x)
-{
(
- \(atomic_add\|atomic_sub\|atomic64_add\|atomic64_sub\)(n, &\(C\|e->C\|e.C\));
|
- \(C\|e->C\|e.C\) += n;
|
- \(C\|e->C\|e.C\) -= n;
)
(
 return r;
|
 goto L;
)
-}

@count depends on gone@
identifier b.C;
expression e, n;
@@
(
- \(atomic_add\|atomic_sub\|atomic64_add\|atomic64_sub\)(n, &\(C\|e->C\|e.C\));
|
- \(C\|e->C\|e.C\) += n;
|
- \(C\|e->C\|e.C\) -= n;
)

@depends on gone@
identifier b.C;
type T;
expression N;
@@
(
- T C = N;
|
- T C;
)

@depends on gone@
identifier b.C, S;
type T;
@@
 struct S {
	...
-	T C;
	...
 };

@unlocked depends on gone@
identifier locked.M;
expression o;
@@
(
- mutex_lock(&\(M\|o->M\|o.M\));
- mutex_unlock(&\(M\|o->M\|o.M\));
|
- spin_lock(&\(M\|o->M\|o.M\));
- spin_unlock(&\(M\|o->M\|o.M\));
|
- spin_lock_irq(&\(M\|o->M\|o.M\));
- spin_unlock_irq(&\(M\|o->M\|o.M\));
|
- spin_lock_bh(&\(M\|o->M\|o.M\));
- spin_unlock_bh(&\(M\|o->M\|o.M\));
)

@still depends on unlocked@
identifier locked.M;
identifier use != {mutex_init, spin_lock_init, mutex_destroy};
expression o;
@@
 use(..., &\(M\|o->M\|o.M\), ...)

@depends on unlocked && !still@
declarer name DEFINE_MUTEX, DEFINE_SPINLOCK;
identifier locked.M;
@@
(
- DEFINE_MUTEX(M);
|
- DEFINE_SPINLOCK(M);
)

@depends on unlocked && !still@
identifier locked.M;
expression o;
@@
- \(mutex_init\|spin_lock_init\|mutex_destroy\)(&\(M\|o->M\|o.M\));

@depends on unlocked && !still@
identifier locked.M, S;
type T;
@@
 struct S {
	...
-	T M;
	...
 };

@depends on gone@
identifier lonely.L;
expression lonely.r;
@@
- L:
- return r;

@tail depends on gone@
identifier label.L;
expression x, r;
@@
 x;
 L:
 return r;

@depends on gone@
identifier label.L;
expression tail.r;
expression c;
@@
 if (c)
- goto L;
+ return r;

@depends on gone@
identifier label.L;
expression tail.r;
@@
- goto L;
+ return r;

@depends on gone@
identifier label.L;
expression tail.r;
@@
- L:
 return r;

@idle depends on gone@
identifier counts.f;
type T;
identifier v;
expression i;
@@
 f(...) {
	... when any
-	T v = i;
	... when strict
	    when != v
 }

// ---------------------------------------------------------------------------

@star depends on context@
identifier names.show;
@@
* show(...) { ... }

@script:python depends on report@
p1 << ro.p = [];
p2 << full.p = [];
n << b.what;
t << b.N;
@@
for p in (p1, p2):
    if p:
        coccilib.report.print_report(p[0],
            "the driver shares out %s: declare a pool of %s instead" % (n.strip('"'), t))

@script:python depends on org@
p1 << ro.p = [];
p2 << full.p = [];
n << b.what;
t << b.N;
@@
for p in (p1, p2):
    if p:
        coccilib.org.print_todo(p[0],
            "the driver shares out %s: declare a pool of %s instead" % (n.strip('"'), t))
