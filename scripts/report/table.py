# SPDX-License-Identifier: GPL-2.0-only
"""A table of test results: a line for each test, a column for stock and for ours."""

HEADS = {"own": "stock", "fixed": "fixes", "ours": "ours"}
WIDEST = 88             # columns for the name of a test


def cell(program, test):
    """The word for a test of a program, or for the program itself (@test: None)."""
    if not program:
        return "not run"
    if test:
        return program.results[test].word if test in program.results else "-"
    if program.code is None:
        return "NO END"
    if program.skipped is not None:
        return "skip"
    return "BAD" if list(program.faults()) else "ended"


def tests_of(runs):
    """{program: its tests}, in the order of the programs, over all columns."""
    found = {}
    for run in runs.values():
        for program in run.programs.values():
            found.setdefault(program.name, {}).update(dict.fromkeys(program.results))
    return found


def rows(runs, brief):
    """(text, {column: word}) of a table's lines.

    @brief: tests that passed in all columns are one line for each program.
    """
    for name, tests in tests_of(runs).items():
        passed = 0
        for test in tests:
            words = {column: cell(run.programs.get(name), test) for column, run in runs.items()}
            if brief and set(words.values()) == {"pass"}:
                passed += 1
            else:
                yield f"{name}: {test}", words
        if passed:
            yield f"{name}: {passed} tests", dict.fromkeys(runs, "pass")
        yield f"{name} (the program)", {column: cell(run.programs.get(name), None)
                                        for column, run in runs.items()}
    yield "(the machine)", {column: run.machine() for column, run in runs.items()}


def table(label, runs, brief):
    """The lines of a table. A line whose columns differ begins with "*"."""
    body = list(rows(runs, brief))
    width = min(WIDEST, max(len(text) for text, _ in body))
    lines = [label, line(" ", "", width, {c: HEADS[c] for c in runs})]
    for text, words in body:
        lines.append(line("*" if len(set(words.values())) > 1 else " ", text, width, words))
    return lines


def line(mark, text, width, words):
    cells = "  ".join(f"{words[column]:12}" for column in HEADS if column in words)
    return f"{mark} {text:{width}}  {cells.rstrip()}"
