// SPDX-License-Identifier: GPL-2.0-only
///
/// Declare a struct mdev_pool in a driver whose types take different amounts of one
/// shared resource: the core charges and uncharges it. get_available and the driver's
/// counter go.
///
//# get_available must divide the free amount by the amount that the type takes, which is
//# a member of the driver's structure around struct mdev_type. The initial value of the
//# counter becomes the total; an assignment before the registration stays where it is. Pass all files of a driver to one run; scripts/migrate/migrate
//# checks the result. See budget_parent_ops.cocci for the 5.10 interface.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_driver, get_available, mdev_pool
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@initialize:python@
@@
import re
LEAVE = r"(return [^;]*|goto \w+);"
CLAIM = (r"do \{ if \((?P<v>\w+) < (?P<n>[\w>.-]+)\) (%s|\{ [^{}]* %s \}) \} while "
         r"\(!atomic(64)?_try_cmpxchg\(&(\w+(->|\.))*(?P<c>\w+), ?&(?P=v), ?(?P=v) - (?P=n)\)\);"
         % (LEAVE, LEAVE))

COUNTERS = set()

def is_after_leaving(p):
    """Whether the line before the label at p leaves the function."""
    with open(p.file, errors="replace") as f:
        before = [x for x in f.read().split("\n")[:int(p.line) - 1] if x.strip()]
    return bool(before) and bool(re.match(r"\t%s$" % LEAVE, before[-1]))

def is_claim(p):
    """Whether the statement at p is a loop that charges n to a counter, or leaves."""
    with open(p.file, errors="replace") as f:
        lines = f.read().split("\n")[int(p.line) - 1:int(p.line_end) + 1]
    words = " ".join(" ".join(lines)[int(p.column):].split())
    m = re.match(CLAIM, words)
    return bool(m) and m.group("c") in COUNTERS

@callback@
identifier x, show;
position p;
@@
struct mdev_driver x = { ..., .get_available = show@p, ... };

// the free amount: a count that goes down, or a total minus a count that goes up
@down@
identifier callback.show, C, type, cost, S, m, mtype;
expression e;
@@
show(struct mdev_type *mtype)
{
	...
(
	struct S *type = container_of(mtype, struct S, m);
|
	type = container_of(mtype, struct S, m);
)
	...
	return \(atomic_read(&\(C\|e->C\|e.C\))\|atomic64_read(&\(C\|e->C\|e.C\))\|
	         C\|e->C\|e.C\) / type->cost;
}

@up@
identifier callback.show, C, type, cost, S, m, mtype;
expression e, total;
@@
show(struct mdev_type *mtype)
{
	...
(
	struct S *type = container_of(mtype, struct S, m);
|
	type = container_of(mtype, struct S, m);
)
	...
	return (total - \(atomic_read(&\(C\|e->C\|e.C\))\|atomic64_read(&\(C\|e->C\|e.C\))\|
	                  C\|e->C\|e.C\)) / type->cost;
}

@start_atomic depends on down@
identifier down.C;
expression e, N;
@@
\(atomic_set\|atomic64_set\)(&\(C\|e->C\|e.C\), N);

@start_static depends on down@
identifier down.C;
expression N;
type T;
@@
(
 atomic_t C = ATOMIC_INIT(N);
|
 atomic64_t C = ATOMIC64_INIT(N);
|
 T C = N;
)

@start_plain depends on down@
identifier down.C;
identifier f != callback.show;
expression e, N;
@@
f(...) { <+...
 \(C\|e->C\|e.C\) = N
 ...+> }

@script:python b@
show << callback.show;
c1 << down.C = "";
k1 << down.cost = "";
c2 << up.C = "";
k2 << up.cost = "";
n1 << start_atomic.N = "";
n2 << start_static.N = "";
n3 << start_plain.N = "";
n4 << up.total = "";
s1 << down.S = "";
s2 << up.S = "";
m1 << down.m = "";
m2 << up.m = "";
C;
N;
what;
pool;
S;
m;
cost;
stat;
late;
registers;
@@
n = n1 or n2 or n3 or n4
if (c1 or c2) and n and n.replace("_", "a").isalnum():
    stem = show[:-len("_get_available")] if show.endswith("_get_available") else show
    amount = k1 or k2
    fixed = n[0].isdigit() or n.upper() == n
    COUNTERS.add(c1 or c2)
    coccinelle.C = cocci.make_ident(c1 or c2)
    coccinelle.N = cocci.make_expr(n)
    coccinelle.what = cocci.make_expr('"%s"' % amount.removeprefix("nr_").removeprefix("num_"))
    coccinelle.pool = cocci.make_ident(stem + "_pools")
    coccinelle.S = cocci.make_ident(s1 or s2)
    coccinelle.m = cocci.make_ident(m1 or m2)
    coccinelle.cost = cocci.make_ident(amount)
    # a total that a variable holds is assigned where the counter was, or before registration
    coccinelle.stat = cocci.make_ident("mdev_driver" if fixed else "no_such_tag")
    coccinelle.late = cocci.make_ident("no_such_tag" if fixed else "mdev_driver")
    set_late = not fixed and not n1 and not n3
    coccinelle.registers = cocci.make_ident("mdev_register_parent" if set_late
                                            else "no_such_function")
else:
    cocci.include_match(False)

// ---------------------------------------------------------------------------

// positions are valid until the first change, so the rules that need one come first
// a pattern can't match a do loop; the script reads the text of the statement
@loop depends on patch && b@
statement S;
position p : script:python() { is_claim(p[0]) };
@@
 S@p

@depends on loop@
statement S;
position loop.p;
@@
- S@p

// the replacement that Coccinelle leaves for a loop
@depends on loop@
identifier v;
expression E;
type T;
@@
(
 T v = E;
|
 T v;
)
- {}

@depends on loop@
expression E;
@@
 E;
- {}

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
identifier b.stat, b.pool, b.S, b.m, b.cost, callback.show, x;
expression b.N, b.what;
@@
+static const struct mdev_pool pool[] = {
+	{
+		.name = what,
+		.total = N,
+		MDEV_TYPE_COST(struct S, m, cost),
+	},
+};
+
 struct stat x = {
	...,
-	.get_available = show,
	...
 };

@declare_held depends on patch@
identifier b.late, b.pool, b.S, b.m, b.cost, callback.show, x;
expression b.what;
@@
+static struct mdev_pool pool[] = {
+	{
+		.name = what,
+		MDEV_TYPE_COST(struct S, m, cost),
+	},
+};
+
 struct late x = {
	...,
-	.get_available = show,
	...
 };

@gone depends on declare_fixed || declare_held@
identifier callback.show;
@@
- show(...) { ... }

@registered depends on gone@
identifier b.pool, callback.x;
expression par, dev, types, nr;
@@
- mdev_register_parent(par, dev, &x, types, nr)
+ mdev_register_parent_pools(par, dev, &x, types, nr, pool, ARRAY_SIZE(pool))

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

@set_total depends on declare_held@
identifier b.C, b.pool;
expression e, N;
@@
(
- \(atomic_set\|atomic64_set\)(&\(C\|e->C\|e.C\), N);
+ pool[0].total = N;
|
- \(C\|e->C\|e.C\) = N;
+ pool[0].total = N;
)

@depends on declare_fixed@
identifier b.C;
expression e, N;
@@
(
- \(atomic_set\|atomic64_set\)(&\(C\|e->C\|e.C\), N);
|
- \(C\|e->C\|e.C\) = N;
)

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
identifier callback.show;
@@
* show(...) { ... }

@script:python depends on report@
p << callback.p;
n << b.what;
t << b.N;
@@
coccilib.report.print_report(p[0],
    "the driver shares out %s: declare a pool of %s instead" % (n.strip('"'), t))

@script:python depends on org@
p << callback.p;
n << b.what;
t << b.N;
@@
coccilib.org.print_todo(p[0],
    "the driver shares out %s: declare a pool of %s instead" % (n.strip('"'), t))
