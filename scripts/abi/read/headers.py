# SPDX-License-Identifier: GPL-2.0-only
"""Public headers as the preprocessor sees them: macros, their expansions, and declarations.

The probe's compile command supplies the flags, so that every #if is decided as in a build.
"""
import hashlib
import json
import os
import re
import shlex
import subprocess

from abi.read.names import without_calls
from lib.common import CannotRun

LINE = re.compile(r'# \d+ "([^"]*)"')
GUARD = re.compile(r"^#ifndef (\w+)\n#define \1$", re.M)
DEFINE = re.compile(r"#define (\w+)(\(([^)]*)\))?(?: (.*))?$")
MARK = '"abi_macro:'


# attributes that change a layout, a call, or the code that a compiler makes around a call
BINDING = ("ms_abi", "sysv_abi", "regparm", "stdcall", "fastcall", "cdecl", "vectorcall", "pcs",
           "aarch64_vector_pcs", "no_caller_saved_registers", "mode", "vector_size",
           "scalar_storage_order", "transparent_union", "randomize_layout", "noreturn",
           "returns_nonnull", "nonnull", "const", "pure", "malloc", "assume_aligned")


# a definition of a type ends behind its brace
RECORD = re.compile(r"\s*(?:typedef\s+)?(?:struct|union|enum)\s*"
                    r"(?:__attribute__\s*\(\([^{;]*?\)\)\s*)*\w*\s*\{")


class Headers:
    """macros is {name: (definition, expansion)}, declared the names of functions and variables,
    and attributes {name of a declaration or type: [attributes of BINDING]}."""

    def __init__(self, macros, declared, attributes):
        self.macros, self.declared, self.attributes = macros, declared, attributes


def read(folder, headers, kdir):
    """The public headers of a folder that was built in kdir, kept until the next build."""
    keep = os.path.join(folder, "abi", "headers.json")
    with open(os.path.join(folder, ".built")) as f:
        stamp = f.read() + hashlib.sha256(open(__file__, "rb").read()).hexdigest()
    if os.path.exists(keep):
        with open(keep) as f:
            kept = json.load(f)
        if kept["of"] == stamp:
            return Headers(kept["macros"], set(kept["declared"]), kept["attributes"])
    found = _preprocess(os.path.join(folder, "abi", "abi_probe"), headers, kdir)
    with open(keep, "w") as f:
        json.dump({"of": stamp, "macros": found.macros, "declared": sorted(found.declared),
                   "attributes": found.attributes}, f)
    return found


def command(built):
    """The compiler and its flags for an object file, as kbuild recorded them."""
    folder, name = os.path.split(built)
    with open(os.path.join(folder, f".{name}.cmd")) as f:
        line = f.readline().split(":=", 1)[1].split(" ; ")[0]
    words = shlex.split(line.replace("\\#", "#"))[:-1]
    return [w for i, w in enumerate(words) if w not in ("-c", "-o") and words[i - 1] != "-o"
            and not w.startswith("-Wp,-M")]


def _preprocess(probe, headers, kdir):
    flags, public = command(probe + ".o"), {os.path.realpath(h) for h in headers}
    text = _cpp([*flags, "-E", "-dD", probe + ".c"], kdir)
    macros, parameters, statements, guards = {}, {}, [], set()
    inside, seen = False, set()
    for header in public:
        with open(header, errors="replace") as f:
            guards.update(GUARD.findall(f.read()))
    for line in text.split("\n"):
        marker = LINE.match(line)
        if marker:
            path = os.path.realpath(os.path.join(kdir, marker[1]))
            inside = path in public
            seen.add(path)
        elif line.startswith("#undef "):
            macros.pop(line.split()[1], None)
        elif inside and line.startswith("#define "):
            m = DEFINE.match(line)
            if m and m[1] not in guards:
                definition = f"{m[1]}{m[2] or ''} {m[4] or ''}".rstrip()
                macros[m[1]], parameters[m[1]] = definition, m[3]
        elif inside and not line.startswith("#"):
            statements.append(line)
    if public - seen:
        raise CannotRun(f"the probe in {os.path.dirname(probe)} does not include "
                        f"{', '.join(sorted(public - seen))}; it was built in another folder")
    expansions = _expand(flags, kdir, probe, {n: parameters[n] for n in macros})
    return Headers({n: (d, expansions.get(n, "")) for n, d in macros.items()},
                   declarations("\n".join(statements)), attributes("\n".join(statements)))


def _expand(flags, kdir, probe, parameters):
    """{macro: its expansion, with its own parameters as arguments}"""
    lines = [f'#include "{os.path.basename(probe)}.c"']
    for name, arguments in parameters.items():
        call = name
        if arguments is not None:
            call += "(" + arguments.replace("...", "abi_more") + ")"
        lines += [f'{MARK}{name}"', call]
    source = probe + "_macros.i.c"
    with open(source, "w") as f:
        f.write("\n".join(lines) + "\n")
    text = _cpp([*flags, "-E", "-P", source], kdir)
    found = {}
    for part in text.split(MARK)[1:]:
        name, expansion = part.split('"', 1)
        found[name] = " ".join(expansion.split())
    return found


def _cpp(cmd, kdir):
    p = subprocess.run(cmd, capture_output=True, text=True, errors="replace", cwd=kdir,
                       stdin=subprocess.DEVNULL)
    if p.returncode:
        raise CannotRun(f"the preprocessor could not read the public headers: {p.stderr[-600:]}")
    return p.stdout


def declarations(text):
    """The names of the functions and variables that C text declares at its outermost level."""
    flat, depth = [], 0
    for c in text:
        depth += c == "{"
        if not depth:
            flat.append(c)
        depth -= c == "}"
        if c == "}" and not depth:
            flat.append(";")
    found = set()
    for statement in without_calls("".join(flat)).split(";"):
        m = re.search(r"(\w+)\s*\(", statement) or re.search(r"(\w+)\s*(?:\[[^\]]*\]\s*)*$",
                                                              statement.strip())
        if m and "typedef" not in statement:
            found.add(m[1])
    return found


def attributes(text):
    """{name: [attributes of BINDING]} of C text; a struct has those of its members."""
    found, start, depth = {}, 0, 0
    for end, c in enumerate(text):
        depth += (c in "{(") - (c in "})")
        if depth or c not in ";}" or c == "}" and RECORD.match(text[start:end]):
            continue
        statement, start = text[start:end + 1], end + 1
        words = _binding(statement)
        plain = without_calls(statement)
        m = (re.search(r"\b(?:struct|union|enum)\s+(\w+)\s*\{", plain)
             or re.search(r"(\w+)\s*\(", plain) or re.search(r"(\w+)\s*(?:\[|;)", plain))
        if m:
            found[m[1]] = sorted(found.get(m[1], []) + words)
    return found


def _binding(statement):
    """The attributes of BINDING in a statement, with their arguments."""
    found = []
    for m in re.finditer(r"__attribute__\s*\(\(", statement):
        depth, end = 2, m.end()
        while depth and end < len(statement):
            depth += (statement[end] == "(") - (statement[end] == ")")
            end += 1
        for name, argument in re.findall(r"(\w+)\s*(\([^()]*\))?", statement[m.end():end - 2]):
            if name.strip("_") in BINDING:
                found.append(name.strip("_") + argument.replace(" ", ""))
    return found
