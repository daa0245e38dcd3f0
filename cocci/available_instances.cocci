// SPDX-License-Identifier: GPL-2.0-only
///
/// Set .max_instances in a driver that admits a fixed number of instances of any type,
/// and drop its counter: the initialisation, the check before an instance is created,
/// the decrement on each error path and in remove, the member or variable, a lock that
/// guards nothing else, and the attribute or callback that shows the number.
///
//# A limit in a variable is read right before the parent is registered. The attribute
//# or callback that shows the number identifies the counter. Pass all files of a driver
//# to one run. spatch alone does not check the result; scripts/migrate/migrate does, and
//# converts the number of a driver completely or not at all.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: mdev_parent_ops, mdev_driver, available_instances, max_instances
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report
// the owner's word that a constant which the driver shows and does not enforce is meant as a limit
virtual shown
// the number is one of the parent: register it with a pool
virtual pool

// ---------------------------------------------------------------------------
// The number is shown by an attribute (5.10) or by get_available (6.1 and later)

@initialize:python@
@@
import re

# a number, a macro or the length of an array: an initializer can hold it
CONSTANT = r"(?:\( *(?:unsigned )?int *\) *)?(?:\d\w*|[A-Z_][A-Z0-9_]*|ARRAY_SIZE *\( *\w+ *\))"

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

@plain@
identifier attr;
position p;
@@
struct mdev_type_attribute attr@p = __ATTR_RO(available_instances);

@spelt@
identifier attr, show;
expression mode;
position p;
@@
struct mdev_type_attribute attr@p = __ATTR(available_instances, mode, show, NULL);

@callback@
identifier x, show;
position p;
@@
struct mdev_driver x = { ..., .get_available = show@p, ... };

@script:python names@
p1 << ro.p = [];
p2 << full.p = [];
s2 << full.show = "";
p3 << plain.p = [];
a3 << plain.attr = "";
p4 << spelt.p = [];
a4 << spelt.attr = "";
s4 << spelt.show = "";
p5 << callback.p = [];
s5 << callback.show = "";
show;
av;
@@
coccinelle.show = cocci.make_ident(s2 or s4 or s5 or "available_instances_show")
coccinelle.av = cocci.make_ident(a3 or a4 or "mdev_type_attr_available_instances")

// ---------------------------------------------------------------------------
// The counter: a number that goes down, or a limit minus a number that goes up.
// A quotient means a shared resource, which the budget rules convert.

@quotient@
identifier names.show;
expression a, b;
@@
show(...) { <+... a / b ...+> }

@up depends on !quotient@
identifier names.show;
identifier C;
expression e, limit;
@@
show(...) { <+...
(
 limit - atomic_read(&C)
|
 limit - atomic_read(&e->C)
|
 limit - atomic_read(&e.C)
|
 limit - e->C
|
 limit - e.C
|
 limit - C
)
 ...+> }

// a local variable, such as the length of a list, is not a counter
@up_local depends on up@
identifier names.show, up.C;
type T;
expression i;
@@
show(...) {
 ... when any
\(T C;\|T C = i;\)
 ... when any
}

@down_atomic depends on !quotient && !up@
identifier names.show;
identifier C;
expression e;
@@
show(...) { <+...
(
 atomic_read(&C)
|
 atomic_read(&e->C)
|
 atomic_read(&e.C)
)
 ...+> }

@down_printed depends on !quotient && !up && !down_atomic@
identifier names.show;
identifier C;
expression e, buf, n;
identifier print = {sprintf, sysfs_emit};
identifier nprint = {snprintf, scnprintf};
@@
show(...) { <+...
(
 print(buf, ..., \(C\|e->C\|e.C\))
|
 nprint(buf, n, ..., \(C\|e->C\|e.C\))
)
 ...+> }

@down_returned depends on !quotient && !up && !down_atomic && !down_printed@
identifier names.show;
identifier C;
expression e;
@@
show(...) { <+...
 return \(C\|e->C\|e.C\);
 ...+> }

// a local variable is printed: take the value that it was given
@down_local depends on down_printed@
identifier names.show;
identifier down_printed.C;
identifier D;
expression e;
type T;
@@
show(...) { <+...
(
 T C = \(D\|e->D\|e.D\);
|
 C = \(D\|e->D\|e.D\)
)
 ...+> }

@fixed depends on shown && !quotient && !up && !down_atomic@
identifier names.show;
constant K;
expression buf, n;
identifier print = {sprintf, sysfs_emit};
identifier nprint = {snprintf, scnprintf};
@@
show(...) {
(
 return K;
|
 return print(buf, ..., K);
|
 return nprint(buf, n, ..., K);
)
 }

@script:python counter@
c1 << up.C = "";
l1 << up_local.T = "";
c2 << down_atomic.C = "";
c3 << down_printed.C = "";
c5 << down_returned.C = "";
c4 << down_local.D = "";
k << fixed.K = "";
C;
@@
# a name that no source has, where the number has no counter
c = "no_such_counter" if k else c1 or c2 or c4 or c3 or c5
if c and not l1:
    coccinelle.C = cocci.make_ident(c)
else:
    cocci.include_match(False)

// ---------------------------------------------------------------------------
// The limit: the end of a count that goes up, or the start of one that goes down

@start_atomic depends on !up@
identifier counter.C;
expression e, N;
@@
(
 atomic_set(&C, N);
|
 atomic_set(&e->C, N);
|
 atomic_set(&e.C, N);
)

@start_static_atomic depends on !up@
identifier counter.C;
expression N;
@@
 atomic_t C = ATOMIC_INIT(N);

@start_static depends on !up@
identifier counter.C;
type T != atomic_t;
expression N;
@@
 T C = N;

@start_plain depends on !up@
identifier counter.C;
identifier f != names.show;
expression e, N;
@@
f(...) { <+...
(
 \(C\|e->C\|e.C\) = <+... \(C\|e->C\|e.C\) ...+>
|
 C = N
|
 e->C = N
|
 e.C = N
)
 ...+> }

@start_member depends on !up@
identifier counter.C;
identifier S, x;
expression N;
@@
(
 struct S x = { ..., .C = ATOMIC_INIT(N), ... };
|
 struct S x = { ..., .C = N, ... };
)

@parent@
position p;
@@
mdev_register_parent@p(...)

@script:python number@
n1 << up.limit = "";
n2 << start_atomic.N = "";
n3 << start_static_atomic.N = "";
n4 << start_static.N = "";
n5 << start_plain.N = "";
n7 << start_member.N = "";
k << fixed.K = "";
c << counter.C;
p6 << parent.p = [];
N;
otag;
dtag;
create;
regf;
poolvar;
pooldev;
poolpar;
@@
# A literal or a macro goes into the structure, a variable is read at registration, and a
# number of the parent fits neither. mdev_register_device() takes a max_instances of 0 for a
# driver that counts, so a variable goes into a pool there. include_match(False) would drop the
# matches of all rules; an identifier that no source has keeps a single rule from matching.
n = k or n1 or n2 or n3 or n4 or n5 or n7
while n.startswith("(") and n.endswith(")") and ")" not in n[1:-1].replace("()", ""):
    n = n[1:-1].strip()
sum_of_constants = bool(n) and bool(re.fullmatch(CONSTANT + "( *[-+*/] *" + CONSTANT + ")*", n))
if n and (sum_of_constants or n.replace("_", "a").isalnum()):
    fixed = sum_of_constants
    coccinelle.N = cocci.make_expr(n)
    coccinelle.otag = cocci.make_ident("mdev_parent_ops" if fixed else "no_such_tag")
    coccinelle.dtag = cocci.make_ident("mdev_driver" if fixed else "no_such_tag")
    coccinelle.create = cocci.make_ident("create" if fixed else "no_such_member")
    coccinelle.regf = cocci.make_ident("mdev_register_parent" if p6 and not fixed else
                                       "no_such_function")
    coccinelle.poolvar = cocci.make_ident("no_such_function" if p6 or fixed else
                                          "mdev_register_device")
    coccinelle.pooldev = cocci.make_ident("mdev_register_device")
    coccinelle.poolpar = cocci.make_ident("mdev_register_parent")
elif n and not re.search(r"\w *\(|[=?!&|<>]", n.replace("->", ".")):
    # a member: only a pool can hold it
    coccinelle.N = cocci.make_expr(n)
    for x in ("otag", "dtag", "create", "regf", "poolvar"):
        setattr(coccinelle, x, cocci.make_ident("no_such_name"))
    coccinelle.pooldev = cocci.make_ident("mdev_register_device")
    coccinelle.poolpar = cocci.make_ident("mdev_register_parent")
else:
    cocci.include_match(False)

// ---------------------------------------------------------------------------
// The number goes into the structure

@ops@
identifier x;
@@
 struct mdev_parent_ops x = { ... };

// positions are valid until the first change, so the rules that need one come first
// A label that only decrements the counter and returns, and has no fall-through
@lonely depends on patch && number@
identifier counter.C, L;
expression e, r;
position p : script:python() { is_after_leaving(p[0]) };
@@
 L@p:
(
 atomic_inc(&\(C\|e->C\|e.C\));
|
 atomic_dec(&\(C\|e->C\|e.C\));
|
 \(C\|e->C\|e.C\)++;
|
 \(C\|e->C\|e.C\)--;
)
 return r;

@in_pool depends on patch && pool@
identifier number.pooldev;
expression number.N;
expression dev, x;
@@
- pooldev(dev, x)
+ mdev_register_device_pools(dev, x, &(const struct mdev_pool) { .name = "instances", .total = N }, 1)

@variable_in_pool depends on patch && !pool@
identifier number.poolvar;
expression number.N;
expression dev, x;
@@
- poolvar(dev, x)
+ mdev_register_device_pools(dev, x, &(const struct mdev_pool) { .name = "instances", .total = N }, 1)

@in_pool_of_parent depends on patch && pool@
identifier number.poolpar;
expression number.N;
expression par, dev, x, types, nr;
@@
- poolpar(par, dev, x, types, nr)
+ mdev_register_parent_pools(par, dev, x, types, nr, &(const struct mdev_pool) { .name = "instances", .total = N }, 1)

@in_ops depends on patch && ops && !pool@
identifier number.otag, x;
expression number.N;
@@
 struct otag x = {
+	.max_instances = N,
	...
 };

@in_driver depends on patch && !ops && !pool@
identifier number.dtag, x;
expression number.N;
@@
 struct dtag x = {
+	.max_instances = N,
	...
 };

// callbacks that are assigned one by one
@in_code depends on patch && !ops && !pool@
identifier number.create;
struct mdev_parent_ops *x;
struct mdev_parent_ops y;
expression number.N;
expression f;
@@
(
+ x->max_instances = N;
  x->create = f;
|
+ y.max_instances = N;
  y.create = f;
)

@registered depends on patch && !pool@
identifier number.regf, x;
expression dev, par;
@@
 regf(par, dev, &x, ...)

@at_assign depends on patch@
identifier number.regf, registered.x;
expression number.N;
expression ret, dev, par;
@@
+ x.max_instances = N;
  ret = regf(par, dev, &x, ...);

@at_return depends on patch@
identifier number.regf, registered.x;
expression number.N;
expression dev, par;
@@
+ x.max_instances = N;
  return regf(par, dev, &x, ...);

@at_if depends on patch@
identifier number.regf, registered.x;
expression number.N;
expression dev, par;
statement S1, S2;
@@
+ x.max_instances = N;
  if (<+... regf(par, dev, &x, ...) ...+>) S1 else S2

// ---------------------------------------------------------------------------
// Drop the driver's counting

@gone depends on in_pool || variable_in_pool || in_pool_of_parent || in_ops || in_driver || in_code || at_assign || at_return || at_if@
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

@depends on gone@
identifier names.show, x;
@@
 struct mdev_driver x = {
	...,
-	.get_available = show,
	...
 };

// Functions that count; leftovers in them are removed below
@counts depends on gone@
identifier counter.C;
identifier f;
expression e;
@@
 f(...) { <+... \(C\|e->C\|e.C\) ...+> }

@calls depends on gone@
identifier counts.f;
identifier g;
@@
 g(...) { <+... f(...) ...+> }

// A lock taken right before the counter is used may guard nothing else
@locked depends on gone@
identifier counter.C;
expression e, o;
identifier M;
identifier take = {mutex_lock, spin_lock, spin_lock_irq, spin_lock_bh, spin_lock_irqsave};
statement S;
@@
 take(&\(M\|o->M\|o.M\), ...);
(
 if (<+... \(C\|e->C\|e.C\) ...+>) S
|
 <+... \(C\|e->C\|e.C\) ...+>;
)

@scoped depends on gone@
iterator name scoped_guard;
identifier counter.C;
expression e, o, kind;
identifier M;
@@
 scoped_guard(kind, &\(M\|o->M\|o.M\)) { <+... \(C\|e->C\|e.C\) ...+> }

@guarded depends on gone@
identifier counter.C;
identifier M, f;
expression e, o, kind;
@@
 f(...) {
	... when any
	guard(kind)(&\(M\|o->M\|o.M\));
	<+... \(C\|e->C\|e.C\) ...+>
 }

@script:python lock@
m1 << locked.M = "";
m2 << scoped.M = "";
m3 << guarded.M = "";
M;
@@
coccinelle.M = cocci.make_ident(m1 or m2 or m3 or "no_such_lock")

// A label that only decrements the counter
@label depends on gone@
identifier counter.C;
identifier L;
expression e;
@@
 L:
(
 atomic_inc(&\(C\|e->C\|e.C\));
|
 atomic_dec(&\(C\|e->C\|e.C\));
|
 \(C\|e->C\|e.C\)++;
|
 \(C\|e->C\|e.C\)--;
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

// ---- admission

// The check of the limit, in any spelling: scripts/migrate/judge/admission.py computes what it
// admits. A goto comes before return, because "..." follows a goto to the return behind its label.
@admit_value depends on gone@
identifier counter.C;
identifier L, v;
expression e, r;
@@
- v = <+... \(C\|e->C\|e.C\) ...+>;
- if (<+... v ...+>)
(
- goto L;
|
- return r;
|
- { ... goto L; }
|
- { ... return r; }
)

@admit depends on gone@
identifier counter.C;
identifier L;
expression e, r;
@@
- if (<+... \(C\|e->C\|e.C\) ...+>)
(
- goto L;
|
- return r;
|
- { ... goto L; }
|
- { ... return r; }
)

// ---- decrements, and increments without a check

@back_alone depends on gone@
identifier counter.C;
expression e;
expression x;
@@
- if (\(x < 0\|x != 0\|!x\|IS_ERR(x)\))
(
- atomic_inc(&\(C\|e->C\|e.C\));
|
- atomic_dec(&\(C\|e->C\|e.C\));
|
- \(C\|e->C\|e.C\)++;
|
- \(C\|e->C\|e.C\)--;
)

@back_in_braces depends on gone@
identifier counter.C;
expression e, x;
expression r;
identifier L;
@@
 if (x)
-{
(
- atomic_inc(&\(C\|e->C\|e.C\));
|
- atomic_dec(&\(C\|e->C\|e.C\));
|
- \(C\|e->C\|e.C\)++;
|
- \(C\|e->C\|e.C\)--;
)
(
 return r;
|
 goto L;
)
-}

@count depends on gone@
identifier counter.C;
expression e;
@@
(
- atomic_inc(&\(C\|e->C\|e.C\));
|
- atomic_dec(&\(C\|e->C\|e.C\));
|
- atomic_add(1, &\(C\|e->C\|e.C\));
|
- atomic_sub(1, &\(C\|e->C\|e.C\));
|
- \(C\|e->C\|e.C\)++;
|
- \(C\|e->C\|e.C\)--;
|
- ++\(C\|e->C\|e.C\);
|
- --\(C\|e->C\|e.C\);
|
- \(C\|e->C\|e.C\) += 1;
|
- \(C\|e->C\|e.C\) -= 1;
|
- C = C + 1;
|
- C = C - 1;
|
- e->C = e->C + 1;
|
- e->C = e->C - 1;
|
- e.C = e.C + 1;
|
- e.C = e.C - 1;
)

// ---- the initialisation and the declaration of the counter

@start depends on gone@
identifier counter.C;
expression e, N;
@@
(
- atomic_set(&\(C\|e->C\|e.C\), N);
|
- \(C\|e->C\|e.C\) = N;
)

@depends on gone@
identifier counter.C;
identifier S, x;
expression N;
@@
 struct S x
- = { .C = N }
 ;

@depends on gone@
identifier counter.C;
identifier S, x;
expression N;
@@
 struct S x = {
	...,
-	.C = N,
	...
 };

@depends on gone@
identifier counter.C;
type T;
expression N;
@@
(
- T C = N;
|
- T C;
)

@depends on gone@
identifier counter.C;
identifier S;
type T;
@@
 struct S {
	...
-	T C;
	...
 };

// ---- a lock that guards nothing now

@unlocked depends on gone@
identifier lock.M;
expression o, flags;
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
|
- spin_lock_irqsave(&\(M\|o->M\|o.M\), flags);
- spin_unlock_irqrestore(&\(M\|o->M\|o.M\), flags);
)

@unscoped depends on gone@
iterator name scoped_guard;
identifier lock.M;
expression o, kind;
@@
- scoped_guard(kind, &\(M\|o->M\|o.M\)) { }

// a guard that nothing but the end of the function follows
@unguarded depends on gone@
identifier lock.M;
expression o, kind, r;
@@
- guard(kind)(&\(M\|o->M\|o.M\));
  return r;

@unguarded_void depends on gone@
identifier lock.M;
identifier counts.f;
expression o, kind;
@@
 void f(...) {
	... when any
-	guard(kind)(&\(M\|o->M\|o.M\));
 }

@still depends on gone@
identifier lock.M;
identifier use != {mutex_init, spin_lock_init, mutex_destroy};
expression o;
@@
 use(..., &\(M\|o->M\|o.M\), ...)

@still_guard depends on gone@
identifier lock.M;
expression o, kind;
@@
 guard(kind)(&\(M\|o->M\|o.M\))

@still_scoped depends on gone@
iterator name scoped_guard;
identifier lock.M;
expression o, kind;
statement S;
@@
 scoped_guard(kind, &\(M\|o->M\|o.M\)) S

@depends on gone && !still && !still_guard && !still_scoped@
declarer name DEFINE_MUTEX, DEFINE_SPINLOCK;
identifier lock.M;
@@
(
- DEFINE_MUTEX(M);
|
- DEFINE_SPINLOCK(M);
)

@depends on gone && !still && !still_guard && !still_scoped@
identifier lock.M;
expression o;
@@
- \(mutex_init\|spin_lock_init\|mutex_destroy\)(&\(M\|o->M\|o.M\));

@depends on gone && !still && !still_guard && !still_scoped@
identifier lock.M, S;
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

@depends on gone@
identifier counts.f;
type T;
identifier v;
@@
 f(...) {
	... when any
-	T v;
	... when strict
	    when != v
 }

// ---- a helper that only counts

// a callback stays, even if nothing but its return is left
@callback_body depends on gone@
identifier counts.f, s, x, m;
@@
 struct s x = { ..., .m = f, ... };

@helper depends on gone && !callback_body@
identifier counts.f;
@@
- f(...)
- {
- 	return 0;
- }

@depends on helper@
identifier counts.f;
identifier L, v;
expression r;
@@
- v = f(...);
- if (v)
(
- return r;
|
- goto L;
|
- { ... return r; }
|
- { ... goto L; }
)

@depends on helper@
identifier counts.f;
identifier L;
expression r;
@@
- if (\(f(...)\|f(...) < 0\|f(...) != 0\))
(
- return r;
|
- goto L;
|
- { ... return r; }
|
- { ... goto L; }
)

@helper_void depends on gone && !callback_body@
identifier counts.f;
@@
- void f(...)
- {
- }

@depends on helper_void@
identifier counts.f;
identifier L;
expression x, r;
@@
 if (x)
-{
- f(...);
(
 return r;
|
 goto L;
)
-}

@depends on helper_void@
identifier counts.f;
@@
- f(...);

// a local that held the helper's result
@depends on helper@
identifier calls.g;
type T;
identifier v;
@@
 g(...) {
	... when any
-	T v;
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
p3 << plain.p = [];
p4 << spelt.p = [];
p5 << callback.p = [];
n << number.N;
@@
for p in (p1, p2, p3, p4, p5):
    if p:
        coccilib.report.print_report(p[0],
            "the driver counts its instances: set .max_instances = " + n)

@script:python depends on org@
p1 << ro.p = [];
p2 << full.p = [];
p3 << plain.p = [];
p4 << spelt.p = [];
p5 << callback.p = [];
n << number.N;
@@
for p in (p1, p2, p3, p4, p5):
    if p:
        coccilib.org.print_todo(p[0], "the driver counts its instances: set .max_instances = " + n)
