// SPDX-License-Identifier: GPL-2.0-only
///
/// Drop a label that nothing jumps to: only the check of a limit did, which the core does
/// now. Behind a return or a goto the code of the label goes too, because nothing reaches it.
///
//# For drivers from which available_instances.cocci dropped the check.
//
// Confidence: Moderate
// Options: --no-includes --include-headers
// Keywords: label, goto
// Requires: 1.1.1

virtual patch
virtual context
virtual org
virtual report

@initialize:python@
@@
import re

def place(p):
    """The lines of the function around p, and the number of p's line among them."""
    with open(p.file, errors="replace") as f:
        lines = f.read().split("\n")
    at = int(p.line) - 1
    first = next((n for n in range(at, -1, -1) if lines[n].startswith("{")), 0)
    last = next((n for n in range(at, len(lines)) if lines[n].startswith("}")), len(lines))
    return lines[first:last], at - first

def is_unused(p, label):
    lines, _ = place(p)
    return not any(re.search(r"\bgoto %s;" % label, x) for x in lines)

def is_behind_exit(p):
    lines, at = place(p)
    before = [x for x in lines[:at] if x.strip()]
    after = [x for x in lines[at + 1:] if x.strip()]
    return bool(before) and bool(re.match(r"\t(return\b[^;]*|goto \w+);", before[-1])) \
        and not re.match(r"\w+:", after[0] if after else "")

@found@
identifier L;
position p : script:python(L) { is_unused(p[0], L) };
@@
 L@p:

@depends on patch@
identifier L;
expression x, y, r;
statement S;
position p : script:python(L) { is_unused(p[0], L) and is_behind_exit(p[0]) };
position q : script:python(L) { is_unused(q[0], L) and not is_behind_exit(q[0]) };
@@
(
- L@p:
- return r;
|
- L@p:
- x;
- return r;
|
- L@p:
- x;
- y;
- return r;
|
- L@q:
  S
)

@depends on context@
identifier L;
position found.p;
@@
* L@p:

@script:python depends on report@
p << found.p;
@@
coccilib.report.print_report(p[0], "nothing jumps to this label")

@script:python depends on org@
p << found.p;
@@
coccilib.org.print_todo(p[0], "nothing jumps to this label")
