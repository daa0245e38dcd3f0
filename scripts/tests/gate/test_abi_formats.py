# SPDX-License-Identifier: GPL-2.0-only
"""The ABI gate's report for CI: jq and xmllint, which are no part of the gate, read it back."""
import json
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

# Debian installs modules for its own Python
sys.path.append("/usr/lib/python3/dist-packages")
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
import abi.report
from abi.compare.change import NOTHING, REBUILD, SOURCE, Change
from abi.formats.findings import place
from abi.formats.junit import junit
from abi.formats.markdown import annotations, markdown
from abi.formats.sarif import sarif
from abi.judge.policy import FAIL, INFO, WARN, Policy, policy
import sarif_om
from lib.common import CannotRun

# the part of the JUnit form that the gate writes; readers know no other elements. The address
# is the name of the language, and nothing is fetched from it
JUNIT = """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:complexType name="said" mixed="true">
 <xs:attribute name="message" use="required"/><xs:attribute name="type"/>
</xs:complexType>
<xs:complexType name="case"><xs:choice minOccurs="0">
 <xs:element name="failure" type="said"/><xs:element name="error" type="said"/>
 <xs:element name="skipped" type="said"/><xs:element name="system-out" type="xs:string"/>
</xs:choice>
 <xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/>
 <xs:attribute name="time" type="xs:decimal" use="required"/>
</xs:complexType>
<xs:complexType name="suite"><xs:sequence>
 <xs:element name="testcase" type="case" minOccurs="1" maxOccurs="unbounded"/>
 <xs:element name="system-out" type="xs:string"/>
</xs:sequence>
 <xs:attribute name="name" use="required"/>
 <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
 <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
 <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
 <xs:attribute name="skipped" type="xs:nonNegativeInteger" use="required"/>
 <xs:attribute name="time" type="xs:decimal" use="required"/>
</xs:complexType>
<xs:element name="testsuites"><xs:complexType><xs:sequence>
 <xs:element name="testsuite" type="suite" maxOccurs="unbounded"/>
</xs:sequence><xs:attribute name="name" use="required"/></xs:complexType></xs:element>
</xs:schema>
"""
# what SARIF 2.1.0 asks for, and what GitHub needs to show a result
SARIF = r"""
  .version == "2.1.0" and (."$schema" | type == "string") and (.runs | length == 1)
  and (.runs[0] as $run | ($run.tool.driver.name | length > 0)
    and ([$run.tool.driver.rules[].id] | length == (unique | length))
    and ([$run.invocations[].executionSuccessful | type] | all(. == "boolean"))
    and ([$run.results[] | (.message.text | length > 0)
        and (.level | IN("error", "warning", "note", "none"))
        and ($run.tool.driver.rules[.ruleIndex].id == .ruleId)
        and ([.locations[].physicalLocation | select(.) | .region.startLine >= 1
              and (.artifactLocation.uri | test("^[!-~]+$"))] | all)
        and ([.suppressions[]? | .kind | IN("external", "inSource")] | all)] | all))
"""
# the classes of sarif_om, made from the schema of SARIF, for the objects that the gate writes
CLASSES = {"runs": "Run", "tool": "Tool", "driver": "ToolComponent", "rules": "ReportingDescriptor",
           "shortDescription": "MultiformatMessageString", "invocations": "Invocation",
           "toolExecutionNotifications": "Notification", "message": "Message", "results": "Result",
           "locations": "Location", "logicalLocations": "LogicalLocation",
           "physicalLocation": "PhysicalLocation", "artifactLocation": "ArtifactLocation",
           "region": "Region", "suppressions": "Suppression"}
# objects whose members the writer chooses
FREE = ("properties", "partialFingerprints")


def by_schema(value, name="SarifLog"):
    """Make an object of a class of the schema: TypeError if a member is missing, KeyError if the
    schema has no member or object of this name."""
    kind = getattr(sarif_om, name)
    names = {a.metadata["schema_property_name"]: a.name for a in kind.__attrs_attrs__}
    for key, member in value.items():
        for one in member if isinstance(member, list) else [member]:
            if isinstance(one, dict) and key not in FREE:
                by_schema(one, CLASSES[key])
    return kind(**{names[key]: member for key, member in value.items()})


def outside(cmd, text):
    """Exit code and output of a program that reads text."""
    p = subprocess.run(cmd, input=text, capture_output=True, text=True)
    return p.returncode, p.stdout + p.stderr


def example():
    """A result with a change of each level, a suppressed one, and a part that was not read."""
    r = abi.report.Result("6.12 x86", "6.12.1")
    fail = Change("struct s", ["member <a> removed & \"gone\""], SOURCE, ["-\tint a;"], ["f"])
    warn = Change("export g", ["no longer GPL only"], NOTHING)
    info = Change("struct t", ["reserved space x used by y (z)"], NOTHING)
    done = Change("export h", ["removed"], REBUILD)
    fail.level, warn.level, info.level, done.suppressed = FAIL, WARN, INFO, "a | reason"
    r.changes, r.unread, r.compared = [info, warn, fail, done], ["a\x01 part"], {"exports": (1, 2)}
    return r


class Formats(unittest.TestCase):
    def test_junit(self):
        with tempfile.NamedTemporaryFile("w", suffix=".xsd") as f:
            f.write(JUNIT)
            f.flush()
            for results in ([example()], [abi.report.Result("same"), example()]):
                code, said = outside(["xmllint", "--noout", "--schema", f.name, "-"],
                                     junit(results))
                self.assertEqual(code, 0, said)
        for path, count in (("//failure", 1), ("//error", 1), ("//testcase/system-out", 3)):
            said = outside(["xmllint", "--xpath", f"count({path})", "-"], junit([example()]))[1]
            self.assertEqual(said.strip(), str(count), path)

    def test_junit_says_no_yes(self):
        """A kind that was not looked at did not pass."""
        r = abi.report.Result("same")
        r.left_out = {"header": "not in a module"}
        said = outside(["xmllint", "--xpath", "string(//skipped/@message)", "-"], junit([r]))[1]
        self.assertEqual(said.strip(), "not in a module")
        passed = "count(//testcase[not(*)])"
        self.assertEqual(outside(["xmllint", "--xpath", passed, "-"],
                                 junit([example()]))[1].strip(), "0")

    def test_sarif(self):
        r = example()
        r.headers = [os.path.abspath(abi.report.__file__)]
        code, said = outside(["jq", "-e", SARIF], sarif([r], {"libabigail": "2.2"}))
        self.assertEqual(code, 0, said)
        said = outside(["jq", "-c", "[.runs[0].results[].level], "
                        ".runs[0].invocations[0].executionSuccessful"], sarif([r], {}))[1]
        self.assertEqual(said, '["error","warning","note","note"]\nfalse\n')
        self.assertIn("a | reason", sarif([r], {}))

    def test_schema_of_sarif(self):
        r = example()
        r.headers = [os.path.abspath(abi.report.__file__)]
        said = json.loads(sarif([r], {"libabigail": "2.2"}))
        by_schema(said)
        result = said["runs"][0]["results"][0]
        result["ruleid"] = result.pop("ruleId")
        self.assertRaises(KeyError, by_schema, said)
        del result["ruleid"], result["message"]
        self.assertRaises(TypeError, by_schema, said)

    def test_json(self):
        said = outside(["jq", "-r", ".verdict, .results[0].changes[0].level"],
                       abi.report.as_json([example()], {}))[1]
        self.assertEqual(said, "changed\ninfo\n")

    def test_markdown(self):
        text = markdown([example()])
        for line in text.splitlines():
            if line.startswith("|"):
                self.assertEqual(line.replace("\\|", "").count("|"), 5, line)
        self.assertIn("a \\| reason", text)

    def test_annotations(self):
        r = example()
        lines = list(annotations([r]))
        self.assertEqual([x.split(" ")[0] for x in lines],
                         ["::error", "::error", "::warning", "::notice", "::notice"])
        r.unread = ["100%\nof it"]
        self.assertIn("100%25%0Aof it", list(annotations([r]))[0])

    def test_places(self):
        """Each header is read once, whatever the number of changes."""
        with tempfile.TemporaryDirectory() as top:
            paths = [os.path.join(top, f"{n}.h") for n in range(3)]
            for n, path in enumerate(paths):
                with open(path, "w") as f:
                    f.write(f"\n#define A{n} 1\nstruct s{n} {{\n\tint m{n};\n}};\n"
                            f"int f{n}(void);\n")
            subjects = [f"{kind}{n}" for kind in ("macro A", "struct s", "export f", "export m")
                        for n in range(3)]
            with mock.patch("builtins.open", side_effect=open) as opened:
                found = [place(s, paths) for s in subjects]
            self.assertEqual([(p, line) for line in (2, 3, 6, 4) for p in paths],
                             [(os.path.abspath(p), line) for p, line in found])
            self.assertEqual(3, opened.call_count)
            self.assertEqual(1, place("struct nowhere", paths)[1])

    def test_last_line(self):
        """make turns 1 and 2 into 2: the last line tells them apart."""
        r = example()
        self.assertTrue(abi.report.text([r]).endswith("abi-check: exit code 1: changed\n"))
        r.changes = []
        self.assertTrue(abi.report.text([r]).endswith("abi-check: exit code 2: could not run\n"))


class Levels(unittest.TestCase):
    def read(self, text):
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(text)
            f.flush()
            return Policy(f.name)

    def test_worst_counts(self):
        rules = self.read("[a]\nchange = struct s: member x *\nlevel = warn\n"
                          "[b]\nchange = struct s: *\nlevel = info\n")
        for facts, level in ((["member x removed"], WARN), (["size 1 -> 2 bytes"], INFO),
                             (["size 1 -> 2 bytes", "member x removed"], WARN)):
            c = Change("struct s", facts, SOURCE)
            rules.rate([c])
            self.assertEqual(c.level, level)
        c = Change("struct t", ["removed"], SOURCE)
        rules.rate([c])
        self.assertEqual(c.level, FAIL)

    def test_verdicts(self):
        r = example()
        r.unread = []
        for kept, verdict in (("struct s", "changed"), ("export g", "allowed changes"),
                              ("struct t", "allowed changes"), ("export h", "same")):
            r.changes = [c for c in example().changes if c.subject == kept]
            self.assertEqual(r.verdict(), verdict)
        r.unread = ["a part"]
        self.assertEqual(r.verdict(), "could not run")

    def test_mistakes(self):
        for text in ("[a]\nchange = x\n", "[a]\nlevel = info\n",
                     "[a]\nchange = x\nlevel = none\n", "[a]\nchange = x\nmembers = y\n"
                     "level = info\n", "change = x\n"):
            with self.assertRaises(CannotRun):
                self.read(text)
        with self.assertRaises(CannotRun):
            Policy("/nonexistent/policy")

    def test_families(self):
        for name in ("rh_reserved1", "android_kabi_reserved2", "suse_kabi_padding",
                     "kabi_reserved3", "deepin_kabi_reserved1", "__kabi_reserved_0"):
            self.assertTrue(policy().family(name), name)
        for name in ("reserved1", "rh_reserved", "padding"):
            self.assertFalse(policy().family(name), name)


class Groups(unittest.TestCase):
    def test_one_cause(self):
        """Exports to which the same happened are one entry; the worst comes first."""
        r = abi.report.Result("t")
        r.changes = [Change(f"export f{n}", ["another CRC"], REBUILD, exports=[f"f{n}"])
                     for n in range(9)] + [Change("struct s", ["member a removed"], SOURCE)]
        text = abi.report.text([r])
        self.assertIn("9 exports: another CRC", text)
        self.assertLess(text.index("struct s"), text.index("9 exports"))
        self.assertEqual(len(json.loads(abi.report.as_json([r], {}))["results"][0]["changes"]), 10)


if __name__ == "__main__":
    unittest.main()
