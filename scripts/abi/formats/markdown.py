# SPDX-License-Identifier: GPL-2.0-only
"""A summary in Markdown, and the annotations that CI systems of GitHub's make read from the log."""
from abi.formats.findings import INTENDED, LEVEL_WORDS, UNREAD, findings
from abi.judge.policy import FAIL, INFO, WARN
from abi.report import overall

SHOWN = 100
HEADINGS = ((FAIL, "Changes"), (UNREAD, "Not read"), (WARN, "Warnings"), (INFO, "Allowed"),
            (INTENDED, "Intended"))


def markdown(results):
    found = list(findings(results))
    lines = [f"# abi-check: {overall(results)}", "",
             "| | verdict | kernel | compared |", "|---|---|---|---|"]
    lines += [f"| {_cell(r.name)} | **{r.verdict()}** | {_cell(r.release)} | "
              f"{_cell(r.compared_line().removeprefix('compared: '))} |" for r in results]
    for level, heading in HEADINGS:
        some = [f for f in found if f.level == level]
        if some:
            lines += ["", f"## {heading}", "", "| | subject | fact | header |", "|---|---|---|---|"]
            lines += [f"| {_cell(f.result.name)} | `{_code(f.title)}` | "
                      f"{_cell(f.text if level != INTENDED else f.reason)} | "
                      f"{_cell(f'{f.path}:{f.line}' if f.path else '')} |" for f in some[:SHOWN]]
        if len(some) > SHOWN:
            lines += ["", f"{len(some) - SHOWN} more are in the text report."]
    said = [(r.name, x) for r in results if r.second for x in r.second.lines]
    if said:
        lines += ["", "## Second opinion", "", "| | |", "|---|---|"]
        lines += [f"| {_cell(name)} | {_cell(x)} |" for name, x in said]
    return "\n".join(lines) + "\n"


def _cell(text):
    """Text as one cell of a table, without markup of its own."""
    text = " ".join(str(text).split())
    for c in "\\|*_`<[":
        text = text.replace(c, "\\" + c)
    return text


def _code(text):
    """Text for a cell between backquotes."""
    return text.replace("`", "'").replace("|", "\\|")


def annotations(results):
    """::error and ::warning lines; what is allowed or intended is a ::notice."""
    for f in findings(results):
        word = LEVEL_WORDS[f.level].replace("note", "notice")
        where = f"file={_property(f.path)},line={f.line}," if f.path else ""
        yield (f"::{word} {where}title={_property(f'abi-check {f.result.name}')}::"
               + _escaped(f"{f.title}: {f.text}"))


def _escaped(text):
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text):
    return _escaped(text).replace(":", "%3A").replace(",", "%2C")
