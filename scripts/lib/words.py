# SPDX-License-Identifier: GPL-2.0-only
"""Words of reports."""
SHOWN = 6


def few(names):
    """The first names, and how many more there are."""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more
