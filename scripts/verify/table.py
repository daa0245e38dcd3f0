# SPDX-License-Identifier: GPL-2.0-only
"""The state table of the model, in Promela, generated from fsm_table of the driver.

The model has an inline of the same name for each function of the table. It may differ from the C
in all but the states that it sets.
"""
import re

from docs import fsm
from lib.common import CannotRun

MODEL = "tools/verification/vfio_ccw.pml"
SOURCE, HEADER = fsm.SOURCE, fsm.HEADER
# these take the lock of the subchannel; the others are called with it held
REQUESTS = ("IO_REQ", "ASYNC_REQ", "OPEN", "CLOSE")


class Drift(CannotRun):
    """The model and the driver do not fit together."""


def inlines(text):
    """{name: body} of the inlines of the model."""
    head = r"^inline (\w+)\([^)]*\)\s*\{(.*?)\}(?=\n\n|\n\Z|\ninline)"
    return {m[1]: m[2] for m in re.finditer(head, text, re.M | re.S)}


def states_set(name, code, machine, seen=()):
    """The states that an inline sets, and the inlines that it uses or whose event it raises."""
    if name in seen:
        return set()
    found = set(re.findall(r"\bstate = (\w+)", code[name])) & set(machine.states)
    used = set(re.findall(r"\b(\w+)\(", code[name]))
    for event in set(machine.events) & {n.removeprefix("event_") for n in used}:
        used |= set(machine.column(event))
    for other in used & set(code):
        found |= states_set(other, code, machine, (*seen, name))
    return found


def disagreements(machine, code):
    """One line for each function of the table that the model lacks, or that sets other states."""
    for function in sorted(set(machine.table.values())):
        where = next(f"{s} x {e}" for (s, e), f in machine.table.items() if f == function)
        if function not in code:
            yield (f"fsm_table calls {function}() for {where}, and {MODEL} has no inline of that "
                   "name: add it, with the steps of the function in their order")
            continue
        driver = set(machine.uses(function)[0])
        model = states_set(function, code, machine)
        if driver != model:
            yield (f"{function}() sets {' '.join(sorted(driver)) or 'no state'} in {SOURCE} and "
                   f"{' '.join(sorted(model)) or 'no state'} in {MODEL}")
    for function in sorted(n for n in code if n.startswith("fsm_") and n not in machine.code):
        yield f"{MODEL} has {function}(), and {SOURCE} has no such function"


def promela(source, header, text):
    """The text of fsm_table.pml: the driver's @source and @header, the model without #ifdef."""
    try:
        machine = fsm.Machine(source, header)
        wrong = list(disagreements(machine, inlines(text)))
    except fsm.Unreadable as e:
        raise Drift(f"{SOURCE}: {e}; scripts/docs/fsm.py reads the table") from e
    if wrong:
        raise Drift("\n".join(wrong))
    lines = [f"#define {state}\t{n}" for n, state in enumerate(machine.states)]
    for event in machine.events:
        # a variant of the model may define another function for an entry
        for state in machine.states:
            lines += [f"#ifndef ON_{state}_{event}",
                      f"#define ON_{state}_{event}\t{machine.table[state, event]}", "#endif"]
        request = event in REQUESTS
        lines += [f"inline {'request' if request else 'event'}_{event}()", "{"]
        lines += ["\trequest();"] if request else []
        lines += ["\tif"]
        for state in machine.states:
            look = f"state == {state}"
            if request:
                look = f"atomic {{ sch_lock == 0 && {look} -> sch_lock = _pid }}"
            lines.append(f"\t:: {look} -> ON_{state}_{event}()")
        lines += ["\tfi", "}"]
    return "\n".join(lines) + "\n"
