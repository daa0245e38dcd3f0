# SPDX-License-Identifier: GPL-2.0-only
"""JUnit: a suite for each tree or module. A change is a failed case, a part that was not read an
error. A kind of the interface without either is a case that passed, or was skipped where the gate
did not look at it."""
import re
import xml.etree.ElementTree as ET

from abi.formats.findings import CLASSES, INTENDED, UNREAD, findings
from abi.judge.policy import FAIL


def junit(results):
    top = ET.Element("testsuites", name="abi-check")
    for r in results:
        found = list(findings([r]))
        suite = ET.SubElement(top, "testsuite", name=r.name)
        for f in found:
            case = _case(suite, r, f"{f.title}: {f.text.split('. Needs')[0]}", f.kind)
            if f.level in (FAIL, UNREAD):
                what = ET.SubElement(case, "error" if f.level == UNREAD else "failure",
                                     message=_legal(f"{f.title}: {f.text}"), type=f.kind)
                what.text = _legal(f.text)
            else:
                words = f"intended: {f.reason}" if f.level == INTENDED else f"{f.level}: {f.text}"
                ET.SubElement(case, "system-out").text = _legal(words)
        for kind in sorted(set(CLASSES) - {UNREAD} - {f.kind for f in found}):
            case, why = _case(suite, r, CLASSES[kind], kind), r.left_out.get(kind)
            if r.unread:
                why = why or "a part could not be read"
            if why:
                ET.SubElement(case, "skipped", message=_legal(why))
        counts = {"tests": len(suite), "failures": len(suite.findall("*/failure")),
                  "errors": len(suite.findall("*/error")),
                  "skipped": len(suite.findall("*/skipped"))}
        for name, n in counts.items():
            suite.set(name, str(n))
        suite.set("time", f"{r.seconds:.2f}")
        ET.SubElement(suite, "system-out").text = _legal(r.compared_line())
    ET.indent(top)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(top, "unicode") + "\n"


def _case(suite, r, name, kind):
    return ET.SubElement(suite, "testcase", name=_legal(name), time="0",
                         classname="abi." + re.sub(r"\W+", "-", r.name) + "." + kind)


def _legal(text):
    """Text without the control characters that XML has no form for."""
    return re.sub(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "?", text)
