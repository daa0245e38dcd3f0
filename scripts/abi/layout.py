# SPDX-License-Identifier: GPL-2.0-only
"""Three witnesses of layout: gcc (its DWARF, through pahole), clang (through bindgen) and rustc must agree with abi/layout/.

One compiler can be wrong about a header, or right in a way that another is not: a struct that only gcc lays out so is no
contract. The same headers are thereby kept such that a Rust driver could be written against them.
"""
import hashlib
import os
import re
import shlex

import abi.probe
import abi.tools
import abi.uapi
from abi.build import ABI_BUILD, put, staged_headers
from abi.dump import call
from lib.common import TOP, CannotRun

TABLES = os.path.join(TOP, "abi/layout")
CRATE = os.path.join(TOP, "abi/rust/mdev_sys.rs")


def by_pahole(module, structs):
    """{name: size, name.member: offset}"""
    if not structs:
        return {}
    # some versions end with 1 after the last name of several: what counts is what is printed
    _, text, err = call(["pahole", "-C", ",".join(structs), module])
    found, name = {}, None
    for line in text.splitlines():
        start = re.match(r"(?:struct|union) (\w+) \{", line)
        if start:
            name = start[1] if start[1] not in found else None
            continue
        size = re.match(r"\t/\* size: (\d+)", line)
        if size and name:
            found[name] = int(size[1])
        member = re.match(r"\t+(?!/\*).*?(?:\(\*(\w+)\)\(.*\)|(\w+)(?:\[[^\]]*\])*)(?: __attribute__\S+)?;\s*/\*\s+(\d+)\s+\d+ \*/", line)
        if member and name:
            found[f"{name}.{member[1] or member[2]}"] = int(member[3])
    missing = [s for s in structs if s not in found]
    if missing:
        raise CannotRun(f"pahole finds no struct {', '.join(missing)} in {module}: {err.strip()[-300:]}")
    return found


def bindings(header_text, structs, opaque, flags, out, cwd):
    """Let bindgen write the bindings; return what clang says of the layouts."""
    source = out + ".h"
    put(source, header_text)
    args = [source, "--allowlist-type", "^(" + "|".join(structs) + ")$", "--use-core", "--ctypes-prefix", "core::ffi", "--no-doc-comments",
            "--formatter", "none", "--no-prepend-enum-name", *[x for o in sorted(opaque) for x in ("--opaque-type", o)], "--", *flags]
    text = abi.tools.bindgen(args, cwd)
    put(out, text)
    found = {}
    for size in re.finditer(r'"Size of (\w+)"\]\s*\[[^\]]*?-\s*(\d+)usize', text):
        found[size[1]] = int(size[2])
    for field in re.finditer(r'"Offset of field: (\w+)::(\w+)"\]\s*\[[^\]]*?-\s*(\d+)usize', text):
        found[f"{field[1]}.{field[2]}"] = int(field[3])
    return {k: v for k, v in found.items() if k.split(".")[0] in structs}


def by_rustc(arch, bindings_file, table, work):
    """What rustc finds wrong in the table: the assertions that do not hold."""
    lines = []
    for name, value in sorted(table.items()):
        struct, _, member = name.partition(".")
        what = f"core::mem::offset_of!({struct}, {'r#type' if member == 'type' else member})" if member else f"core::mem::size_of::<{struct}>()"
        lines.append(f'const _: () = assert!({what} == {value}, "{name} is not at {value}");')
    assertions = os.path.join(work, "assertions.rs")
    put(assertions, "\n".join(lines) + "\n")
    p = abi.tools.rustc(arch, ["--crate-type", "lib", "--edition", "2021", "--emit", "metadata", "-o", os.path.join(work, "mdev_sys.rmeta"), CRATE],
                        env={"MDEV_BINDINGS": bindings_file, "MDEV_ASSERTIONS": assertions})
    if not p.returncode:
        return []
    wrong = sorted(set(re.findall(r"([\w.]+) is not at \d+", p.stderr)))
    return wrong or [p.stderr.strip()[:800]]


def clang_args(probe_object, arch):
    """The kernel's flags for one file, those that clang knows and that touch declarations."""
    folder, name = os.path.split(probe_object)
    with open(os.path.join(folder, f".{name}.cmd")) as f:
        command = f.readline().split(":=", 1)[1]
    words, keep, i = shlex.split(command.replace("\\#", "#")), [], 0
    while i < len(words):
        w = words[i]
        if w in ("-include", "-isystem"):
            keep += [w, words[i + 1]]
            i += 1
        elif w.startswith(("-I", "-D", "-U", "-std=", "-nostdinc", "-fms-extensions", "-fshort-wchar", "-funsigned-char", "-mno-", "-m64")) \
                and "KBUILD_MODFILE" not in w and not w.startswith(("-mno-fp-ret", "-mno-record", "-mno-skip", "-mno-pack")):
            keep.append(w)
        i += 1
    # relative paths are relative to the headers folder, in which bindgen runs as make did
    return [f"--target={abi.tools.CLANG_TARGETS[arch]}", *keep, "-D__BINDGEN__", "-Wno-everything", "-fms-extensions"]


def embedded(dump, structs):
    """Types of the kernel inside our structs: to bindgen, that many bytes."""
    found = set()
    for key, t in dump.types.items():
        if key.split()[-1] in structs:
            found |= {r.split()[1] for r in t.refers if r.startswith(("struct ", "union "))}
    return found - set(structs)


def table_path(name):
    return os.path.join(TABLES, name)


def read_table(name):
    path = table_path(name)
    if not os.path.exists(path):
        raise CannotRun(f"no table abi/layout/{name}: make abi-update REASON=… writes it, and you review it")
    table = {}
    with open(path) as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                key, value = line.split()
                table[key] = int(value)
    return table


def write_table(name, table):
    text = "# bytes: size of a struct, offset of a member; written by make abi-update, agreed upon by gcc, clang and rustc\n"
    put(table_path(name), text + "".join(f"{k:<44} {v:>5}\n" for k, v in sorted(table.items())))


class Witnesses:
    """What each of the three says of one set of headers."""

    def __init__(self, name, arch, module, structs, header_text, opaque, flags, work, cwd=None):
        self.name, self.arch, self.work = name, arch, work
        self.gcc = by_pahole(module, structs)
        self.bindings = os.path.join(work, "bindings.rs")
        self.clang = bindings(header_text, structs, opaque, flags, self.bindings, cwd)
        self.clang = {k.replace(".type_", ".type"): v for k, v in self.clang.items()}

    def disagreements(self, table):
        """[(what, table, gcc, clang)] where they differ, and what rustc says."""
        names = sorted({*table, *self.gcc, *self.clang})
        rows = [(n, table.get(n), self.gcc.get(n), self.clang.get(n)) for n in names
                if not table.get(n) == self.gcc.get(n) == self.clang.get(n)]
        ours = {k.replace(".type", ".type_") if k.endswith(".type") else k: v for k, v in table.items()}
        return rows, by_rustc(self.arch, self.bindings, ours, self.work)


def structs_of(headers):
    return sorted({n for h in headers for kind in ("struct", "union") for n in abi.probe.names(h)[kind]})


def kernel_witnesses(tree, arch, ours, headers_folder, dump):
    headers = staged_headers(ours)
    structs = structs_of(headers)
    work = os.path.join(ABI_BUILD, f"{tree}-{arch}", "layout")
    os.makedirs(work, exist_ok=True)
    text = "".join(f"#include {h}\n" for h in sorted({f"<linux/{os.path.basename(h)}>" for h in headers}))
    return Witnesses(f"{tree}-{arch}", arch, os.path.join(ours, "abi/abi_probe.ko"), structs, text, embedded(dump, structs),
                     clang_args(os.path.join(ours, "abi/abi_probe.o"), arch), work, headers_folder)


def uapi_witnesses(arch, headers, dump_file):
    folder = os.path.dirname(dump_file)
    include = os.path.join(os.path.dirname(folder), "include")
    text = "".join(f"#include <{h}>\n" for h in abi.uapi.HEADERS)
    kernel = {"x86": "/usr/include/x86_64-linux-gnu", "s390": "/usr/s390x-linux-gnu/include"}[arch]
    flags = [f"--target={abi.tools.CLANG_TARGETS[arch]}", "-nostdinc", "-I", include, "-I", kernel, "-I", "/usr/include"]
    return Witnesses(f"uapi-{arch}", arch, os.path.join(folder, "uapi.so"), structs_of(headers), text, set(), flags, folder)


def hear(witnesses):
    """Disagreements as lines of text; nothing is asked again while nothing has changed."""
    table = read_table(witnesses.name)
    rows, rust = witnesses.disagreements(table)
    lines = [f"{n}: table {show(t)}, gcc {show(g)}, clang {show(c)}" for n, t, g, c in rows]
    return lines + [f"{n}: rustc disagrees" for n in rust]


def show(value):
    return "nothing" if value is None else str(value)


def key(ours, name):
    """Changes with all that the witnesses look at."""
    digest = hashlib.sha256()
    for path in (os.path.join(ours, ".built"), table_path(name), CRATE, os.path.abspath(__file__), abi.tools.__file__):
        if os.path.exists(path):
            with open(path, "rb") as f:
                digest.update(f.read())
    return digest.hexdigest()
