# SPDX-License-Identifier: GPL-2.0-only
"""Tables in reStructuredText; the first row is the head."""


def list_table(rows, *options):
    """The lines of a list-table, for cells of any length."""
    lines = [".. list-table::", "   :header-rows: 1", *(f"   :{x}" for x in options), ""]
    for row in rows:
        lines += [f"   {'  -' if n else '* -'} {cell}" for n, cell in enumerate(row)]
    return lines


def simple_table(rows):
    """A table with a column of text for each cell."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    rule = "  ".join("=" * w for w in widths)
    lines = ["  ".join(c.ljust(w) for c, w in zip(r, widths)).rstrip() for r in rows]
    return "\n".join([rule, lines[0], rule, *lines[1:], rule]) + "\n"
