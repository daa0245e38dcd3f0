// SPDX-License-Identifier: GPL-2.0-only
///
/// Report a path that leaks a reference on a vfio device. vfio_unregister_group_dev()
/// then waits forever.
///
//# Report only: the fix depends on the driver.
//
// Confidence: Moderate
// Options: --no-includes
// Keywords: vfio_device_try_get, vfio_device_put
// Requires: 1.1.1

virtual context
virtual org
virtual report

// a helper that returns the referenced device passes the reference to its caller
@getter@
identifier f, v;
expression d;
identifier get = {vfio_device_try_get, vfio_device_try_get_registration};
@@
 f(...)
 {
	... when any
	get(d)
	... when any
	return v;
 }

// an open file keeps the reference until its release
@leak depends on org || report exists@
identifier get = {vfio_device_try_get, vfio_device_try_get_registration};
identifier put = {vfio_device_put, vfio_device_put_registration};
expression d, e, file, v;
position p, q;
constant c;
@@
(
 if (!get@p(d)) { ... return ...; }
|
 if (!get@p(d)) return ...;
)
 ... when != put(d)
     when != put(&e->vdev)
     when != file->private_data = v
(
 return@q c;
|
 return@q -c;
)

@leak_context depends on context exists@
identifier get = {vfio_device_try_get, vfio_device_try_get_registration};
identifier put = {vfio_device_put, vfio_device_put_registration};
expression d, e, file, v;
constant c;
@@
(
* if (!get(d)) { ... return ...; }
|
* if (!get(d)) return ...;
)
 ... when != put(d)
     when != put(&e->vdev)
     when != file->private_data = v
(
* return c;
|
* return -c;
)

@taken depends on org || report exists@
expression v, s;
identifier get =~ "_get_priv$";
identifier put = {vfio_device_put, vfio_device_put_registration};
constant c;
position p;
@@
 v = get(s);
 ... when != put(&v->vdev)
     when != put(v)
     when != v == NULL
(
 if (!v) { ... return ...; }
|
 if (!v) return ...;
)
 ... when != put(&v->vdev)
     when != put(v)
(
 return@p c;
|
 return@p -c;
)

@taken_context depends on context exists@
expression v, s;
identifier get =~ "_get_priv$";
identifier put = {vfio_device_put, vfio_device_put_registration};
constant c;
@@
 v = get(s);
 ... when != put(&v->vdev)
     when != put(v)
     when != v == NULL
(
 if (!v) { ... return ...; }
|
 if (!v) return ...;
)
 ... when != put(&v->vdev)
     when != put(v)
(
* return c;
|
* return -c;
)

@script:python depends on report@
p << leak.q;
@@
coccilib.report.print_report(p[0],
    "this path does not drop the reference on the vfio device: put it before the return")

@script:python depends on org@
p << leak.q;
@@
coccilib.org.print_todo(p[0],
    "this path does not drop the reference on the vfio device: put it before the return")

@script:python depends on report@
p << taken.p;
@@
coccilib.report.print_report(p[0],
    "this path does not drop the reference on the vfio device: put it before the return")

@script:python depends on org@
p << taken.p;
@@
coccilib.org.print_todo(p[0],
    "this path does not drop the reference on the vfio device: put it before the return")
