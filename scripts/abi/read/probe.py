# SPDX-License-Identifier: GPL-2.0-only
"""A probe for declarations that no export mentions: a module, built and never installed.

It exports a function for each struct, union, enum, integer constant and inline function of a
header. A struct that only an inline function uses affects every driver and no export; libabigail
sees it through the probe.
"""
import hashlib
import json
import os
import re

from abi.read.names import names

# older public headers rely on headers that their users included before
KERNEL_PROLOGUE = ("#include <linux/module.h>\n#include <linux/device.h>\n"
                   "#include <linux/uuid.h>\n")
KERNEL_EPILOGUE = ('MODULE_DESCRIPTION("probe of the ABI gate, never installed");\n'
                   'MODULE_LICENSE("GPL");\n')
INLINE = "abi_inline_"
HEADER, SOURCE, LEFT_OUT = "probe.h", "abi_probe.c", "left-out.json"


def put(path, text):
    """Write a file; a file that stays the same keeps its time."""
    if os.path.exists(path):
        with open(path) as f:
            if f.read() == text:
                return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as f:
        f.write(text)


def source(headers, include_as, kernel, left_out=()):
    """The text of the probe's header, with all declarations, and of its source."""
    done = set(left_out)
    declared = ["/* generated from the public headers */"]
    code = [KERNEL_PROLOGUE if kernel else ""]
    code += [*(f"#include <{i}>\n" for i in include_as), f'#include "{HEADER}"\n\n']

    def export(name, parameter, *before):
        if name in done:        # left out, or defined twice, under #if and #else
            return
        done.add(name)
        declared.extend(before)
        declared.append(f"void {name}({parameter});")
        code.append(f"void {name}({parameter})\n{{\n}}\n")
        code.append(f"EXPORT_SYMBOL({name});\n" if kernel else "")

    def value(name, member, expression):
        # one enum each: a shared enum would change with every added value
        export(name, f"enum {name} *arg", f"enum {name} {{ {member} = {expression} }};")

    for found in map(names, headers):
        for kind in ("struct", "union", "enum"):
            for n in found[kind]:
                export(f"abi_{kind}_{n}", f"{kind} {n} *arg")
        for kind in ("struct", "union"):
            for n in found[kind]:
                value(f"abi_align_{kind}_{n}", f"abi_align_of_{n}", f"__alignof__({kind} {n})")
        for n in found["typedef"]:
            export(f"abi_typedef_{n}", f"{n} *arg")
        for n in found["constant"] + found["enumerator"]:
            value(f"abi_constant_{n}", f"abi_value_{n}", n)
        for n in found["inline"]:
            export(f"{INLINE}{n}", f"__typeof__(&{n}) arg")
    if kernel:
        code.append(KERNEL_EPILOGUE)
    return "\n".join(declared) + "\n", "".join(code)


def write(folder, headers, include_as, kernel=True):
    """Write the probe into a folder; a file that stays the same keeps its time."""
    os.makedirs(folder, exist_ok=True)
    whole, _ = source(headers, include_as, kernel)
    stamp = hashlib.sha256(whole.encode()).hexdigest()
    kept = _kept(folder)
    if kept.get("of") != stamp:
        kept = {"of": stamp, "left out": {}}
        with open(os.path.join(folder, LEFT_OUT), "w") as f:
            json.dump(kept, f)
    declared, code = source(headers, include_as, kernel, kept["left out"])
    files = {HEADER: declared, SOURCE: code}
    if kernel:
        # gcc would fold these empty functions into one and leave the others without types
        files["Makefile"] = "ccflags-y += -fno-ipa-icf\nobj-m += abi_probe.o\n"
    for name, text in files.items():
        put(os.path.join(folder, name), text)


def _kept(folder):
    path = os.path.join(folder, LEFT_OUT)
    if not os.path.exists(path):
        return {}
    with open(path) as f:
        return json.load(f)


def left_out(folder):
    """{declaration: the compiler's words} of declarations that do not compile."""
    return _kept(folder).get("left out", {})


def leave_out(folder, log):
    """Note the declarations that a compiler's log has errors about; return whether any is new.

    An error in a macro is reported where the macro is defined, and a note names the probe's line.
    """
    kept, new, lines = _kept(folder), {}, {}
    for name in (HEADER, SOURCE):
        with open(os.path.join(folder, name)) as f:
            lines[name] = f.read().split("\n")
    place = re.compile(rf"\b({re.escape(HEADER)}|{re.escape(SOURCE)}):(\d+):")
    for message in re.split(r"(?m)^(?=\S+: (?:error|warning): )", log):
        error, at = re.match(r"\S+: error: (.*)", message), place.search(message)
        if error and at:
            # a function of the source has up to three lines below the one with its name
            last = int(at[2])
            near = "\n".join(lines[at[1]][max(0, last - 4):last])
            names = re.findall(r"^(?:void|enum) (abi_\w+)", near, re.M)
            if names:
                new.setdefault(names[-1], error[1])
    kept["left out"] = {**new, **kept["left out"]}
    with open(os.path.join(folder, LEFT_OUT), "w") as f:
        json.dump(kept, f)
    return bool(new)


def readable(name):
    """A declaration of the probe in the words of the header: constant X, struct Y."""
    kind, _, rest = name.removeprefix("abi_").partition("_")
    if kind == "align":
        kind, _, rest = rest.partition("_")
    return f"{kind} {rest}"
