# SPDX-License-Identifier: GPL-2.0-only
"""The report of a migrate run: a table of drivers, and a line for every file that uses the API."""

from migrate.driver import InPart, NotConverted

HEAD = ("driver", "device_api", "instances", "verdict", "files", "-", "+")


def table(drivers):
    rows = [HEAD]
    for d in drivers:
        counts = (len(d.changed()) or len(d.seeds), *d.lines())
        rows.append((d.place, d.api, d.count, d.verdict, *map(str, counts)))
    widths = [max(len(r[i]) for r in rows) for i in range(len(HEAD))]
    return ["  ".join(c.ljust(w) if i < 4 else c.rjust(w)
                      for i, (c, w) in enumerate(zip(r, widths))).rstrip() for r in rows]


def explanation(d):
    """A line for every removed piece of code: its kind and its text."""
    return [f"{path}:{line}: removed: {kind}: {text if len(text) < 60 else text[:57] + '...'}"
            for path, line, kind, text in d.removed]


def file_verdict(d, path):
    if d.refused:
        verdict = d.verdict
        if verdict == InPart.verdict:
            verdict += ": device_api is on the core, the number of instances is not"
        if path == d.path:
            return f"{path}:{d.line}: {verdict}: {d.reason}"
        if verdict == d.verdict:
            verdict = NotConverted.verdict
        return f"{path}: {verdict}: see {d.path}:{d.line}"
    return f"{path}: " + ("converted" if path in d.changed() else "nothing to do")


def file_verdicts(d):
    """A line for every file of a driver that uses the API, changed, or holds the reason."""
    files = {*d.seeds, *d.changed()} | ({d.path} if d.refused else set())
    return [file_verdict(d, p) for p in sorted(files)]
