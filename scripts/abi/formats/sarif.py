# SPDX-License-Identifier: GPL-2.0-only
"""SARIF 2.1.0: a result for each change, at the line of the public header that defines it."""
import json
import os
from pathlib import Path
from urllib.parse import quote

from abi.formats.findings import CLASSES, INTENDED, LEVEL_WORDS, UNREAD, findings

# an identifier that readers of SARIF ask for; nothing is fetched from it
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(results, tools):
    found = list(findings(results))
    rules = [{"id": kind, "shortDescription": {"text": text}} for kind, text in CLASSES.items()
             if kind != UNREAD]
    ids = [x["id"] for x in rules]
    lost = [f for f in found if f.level == UNREAD]
    run = {
        "tool": {"driver": {"name": "abi-check", "rules": rules,
                            "properties": {"tools": tools}}},
        "invocations": [{
            "executionSuccessful": not lost,
            "toolExecutionNotifications": [
                {"level": "error", "message": {"text": f"{f.result.name}: {f.text}"}}
                for f in lost]}],
        "results": [_result(f, ids) for f in found if f.level != UNREAD],
        "properties": {"compared": {r.name: r.compared_line() for r in results}},
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=1) + "\n"


def _uri(path):
    return Path(path).as_uri() if os.path.isabs(path) else quote(path)


def _result(f, ids):
    said = {"ruleId": f.kind, "ruleIndex": ids.index(f.kind), "level": LEVEL_WORDS[f.level],
            "message": {"text": f"{f.result.name}: {f.title}: {f.text}"},
            "partialFingerprints": {"subject/v1": f"{f.result.name}/{f.names[0]}"}}
    where = {"logicalLocations": [{"fullyQualifiedName": n} for n in f.names[:100]]}
    if f.path:
        where["physicalLocation"] = {"artifactLocation": {"uri": _uri(f.path)},
                                     "region": {"startLine": f.line}}
    said["locations"] = [where]
    if f.level == INTENDED:
        said["suppressions"] = [{"kind": "external", "justification": f.reason}]
    return said
