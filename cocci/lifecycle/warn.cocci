// SPDX-License-Identifier: GPL-2.0-only
///
/// Report an interrupt handler or bus callback that warns when there is no private data.
/// Both may run while there is no mdev, which is no bug; with panic_on_warn the warning
/// stops the machine.
///
//# Report only: the fix depends on the driver.
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
coccilib.report.print_report(p[0],
    "a bus callback may run without private data: return without a warning")

@script:python depends on org@
p << warns.p;
@@
coccilib.org.print_todo(p[0],
    "a bus callback may run without private data: return without a warning")

@script:python depends on report@
p << warns_irq.p;
@@
coccilib.report.print_report(p[0],
    "an interrupt handler may run without private data: return without a warning")

@script:python depends on org@
p << warns_irq.p;
@@
coccilib.org.print_todo(p[0],
    "an interrupt handler may run without private data: return without a warning")
