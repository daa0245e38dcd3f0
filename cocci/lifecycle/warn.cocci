// SPDX-License-Identifier: GPL-2.0-only
///
/// An interrupt handler or a callback of the parent's bus warns when there is no private
/// data. It may come at any time, with no mdev there: that is no bug of the kernel, and
/// with panic_on_warn it takes the machine down.
///
//# Report only: what is right depends on the driver.
//
// Confidence: Moderate
// Options: --no-includes
// Keywords: WARN_ON, dev_get_drvdata
// Requires: 1.1.1

virtual context
virtual org
virtual report

@handler@
identifier x, f;
@@
(
 struct css_driver x = { ..., .irq = f, ... };
|
 struct css_driver x = { ..., .sch_event = f, ... };
|
 struct css_driver x = { ..., .chp_event = f, ... };
|
 struct css_driver x = { ..., .shutdown = f, ... };
)

@requested@
identifier f;
@@
(
 request_irq(..., f, ...)
|
 request_threaded_irq(..., f, ...)
)

@warns depends on org || report@
identifier handler.f, v;
position p;
@@
 f(...) { <+...
(
 WARN_ON@p(!v)
|
 WARN_ON_ONCE@p(!v)
|
 WARN_ON@p(v == NULL)
)
 ...+> }

@warns_context depends on context@
identifier handler.f, v;
@@
 f(...) { <+...
(
* WARN_ON(!v)
|
* WARN_ON_ONCE(!v)
|
* WARN_ON(v == NULL)
)
 ...+> }

@warns_irq depends on org || report@
identifier requested.f, v;
position p;
@@
 f(...) { <+...
(
 WARN_ON@p(!v)
|
 WARN_ON_ONCE@p(!v)
)
 ...+> }

@warns_irq_context depends on context@
identifier requested.f, v;
@@
 f(...) { <+...
(
* WARN_ON(!v)
|
* WARN_ON_ONCE(!v)
)
 ...+> }

@script:python depends on report@
p << warns.p;
@@
coccilib.report.print_report(p[0], "there may be no private data in a callback of the bus: return without a warning")

@script:python depends on org@
p << warns.p;
@@
coccilib.org.print_todo(p[0], "there may be no private data in a callback of the bus: return without a warning")

@script:python depends on report@
p << warns_irq.p;
@@
coccilib.report.print_report(p[0], "there may be no private data in an interrupt handler: return without a warning")

@script:python depends on org@
p << warns_irq.p;
@@
coccilib.org.print_todo(p[0], "there may be no private data in an interrupt handler: return without a warning")
