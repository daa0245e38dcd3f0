# SPDX-License-Identifier: GPL-2.0-only
"""Three witnesses of layout: gcc, clang and rustc must agree with the tables in abi/layout.

gcc is heard through its DWARF (pahole), clang through bindgen. A layout that only one compiler
has is no contract; a Rust driver can be written against headers on which all three agree.
"""
import hashlib
import os
import re

import abi.read.names
import abi.tools
import abi.uapi
from abi.build import staged_headers
from abi.kdir import ABI_BUILD
from abi.read.dump import call
from abi.read.headers import command
from abi.read.probe import put
from lib.common import TOP, CannotRun

TABLES = os.path.join(TOP, "abi/layout")
CRATE = os.path.join(TOP, "abi/rust/mdev_sys.rs")
PAHOLE_MEMBER = re.compile(
    r"\t+(?!/\*).*?(?:\(\*(\w+)\)\(.*\)|(\w+)(?:\[[^\]]*\])*)(?: __attribute__\S+)?;"
    r"\s*/\*\s+(\d+)\s+\d+ \*/")
KEPT_FLAGS = ("-I", "-D", "-U", "-std=", "-nostdinc", "-fms-extensions", "-fshort-wchar",
              "-funsigned-char", "-mno-", "-m64")
GCC_ONLY = ("-mno-fp-ret", "-mno-record", "-mno-skip", "-mno-pack")
UAPI_INCLUDE = {"x86": "/usr/include/x86_64-linux-gnu", "s390": "/usr/s390x-linux-gnu/include"}


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
        size, member = re.match(r"\t/\* size: (\d+)", line), PAHOLE_MEMBER.match(line)
        if size and name:
            found[name] = int(size[1])
        if member and name:
            found[f"{name}.{member[1] or member[2]}"] = int(member[3])
    missing = [s for s in structs if s not in found]
    if missing:
        raise CannotRun(f"pahole finds no struct {', '.join(missing)} in {module}: "
                        f"{err.strip()[-300:]}")
    return found


def bindings(header_text, structs, opaque, flags, out, cwd):
    """Write the bindings of bindgen to out; return clang's layout as by_pahole() does."""
    source = out + ".h"
    put(source, header_text)
    args = [source, "--allowlist-type", "^(" + "|".join(structs) + ")$", "--use-core",
            "--ctypes-prefix", "core::ffi", "--no-doc-comments", "--formatter", "none",
            "--no-prepend-enum-name"]
    args += [x for o in sorted(opaque) for x in ("--opaque-type", o)]
    text = abi.tools.bindgen([*args, "--", *flags], cwd)
    put(out, text)
    found = {}
    for name, size in re.findall(r'"Size of (\w+)"\]\s*\[[^\]]*?-\s*(\d+)usize', text):
        found[name] = int(size)
    for name, member, offset in re.findall(
            r'"Offset of field: (\w+)::(\w+)"\]\s*\[[^\]]*?-\s*(\d+)usize', text):
        found[f"{name}.{member}".replace(".type_", ".type")] = int(offset)
    return {k: v for k, v in found.items() if k.split(".")[0] in structs}


def by_rustc(arch, bindings_file, table, work):
    """The entries of the table that rustc contradicts."""
    lines = []
    for name, value in sorted(table.items()):
        struct, _, member = name.partition(".")
        if member:
            member = "r#type" if member == "type" else member
            what = f"core::mem::offset_of!({struct}, {member})"
        else:
            what = f"core::mem::size_of::<{struct}>()"
        lines.append(f'const _: () = assert!({what} == {value}, "{name} is not at {value}");')
    assertions = os.path.join(work, "assertions.rs")
    put(assertions, "\n".join(lines) + "\n")
    p = abi.tools.rustc(
        arch, ["--crate-type", "lib", "--edition", "2021", "--emit", "metadata",
               "-o", os.path.join(work, "mdev_sys.rmeta"), CRATE],
        env={"MDEV_BINDINGS": bindings_file, "MDEV_ASSERTIONS": assertions})
    if not p.returncode:
        return []
    wrong = sorted(set(re.findall(r"([\w.]+) is not at \d+", p.stderr)))
    return wrong or [p.stderr.strip()[:800]]


def clang_args(probe_object, arch):
    """The kernel's flags for one file, as far as clang knows them and they touch declarations."""
    words, keep = iter(command(probe_object)), []
    for w in words:
        if w in ("-include", "-isystem"):
            keep += [w, next(words)]
        elif w.startswith(KEPT_FLAGS) and not w.startswith(GCC_ONLY) and "KBUILD_MODFILE" not in w:
            keep.append(w)
    # relative paths are relative to the headers folder, in which bindgen runs as make did
    return [f"--target={abi.tools.CLANG_TARGETS[arch]}", *keep, "-D__BINDGEN__",
            "-Wno-everything", "-fms-extensions"]


def embedded(dump, structs):
    """The kernel's types inside our structs: bindgen treats them as bytes."""
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
        raise CannotRun(f"no table abi/layout/{name}: make abi-update REASON=… writes it, and you "
                        "review it")
    with open(path) as f:
        rows = [line.split() for line in f if line.strip() and not line.startswith("#")]
    return {key: int(value) for key, value in rows}


def write_table(name, table):
    text = ("# bytes: size of a struct, offset of a member; written by make abi-update, agreed "
            "upon by gcc, clang and rustc\n")
    put(table_path(name), text + "".join(f"{k:<44} {v:>5}\n" for k, v in sorted(table.items())))


class Witnesses:
    """The three answers for one set of headers."""

    def __init__(self, name, arch, module, structs, header_text, opaque, flags, work, cwd=None):
        self.name, self.arch, self.work = name, arch, work
        self.gcc = by_pahole(module, structs)
        self.bindings = os.path.join(work, "bindings.rs")
        self.clang = bindings(header_text, structs, opaque, flags, self.bindings, cwd)

    def disagreements(self, table):
        """[(entry, table, gcc, clang)] that differ, and the entries that rustc contradicts."""
        names = sorted({*table, *self.gcc, *self.clang})
        rows = [(n, table.get(n), self.gcc.get(n), self.clang.get(n)) for n in names
                if not table.get(n) == self.gcc.get(n) == self.clang.get(n)]
        rust = {re.sub(r"\.type$", ".type_", k): v for k, v in table.items()}
        return rows, by_rustc(self.arch, self.bindings, rust, self.work)


def structs_of(headers):
    found = map(abi.read.names.names, headers)
    return sorted({n for names in found for kind in ("struct", "union") for n in names[kind]})


def kernel_witnesses(tree, arch, ours, headers_folder, dump):
    headers, probe = staged_headers(ours), os.path.join(ours, "abi/abi_probe")
    structs = structs_of(headers)
    work = os.path.join(ABI_BUILD, f"{tree}-{arch}", "layout")
    os.makedirs(work, exist_ok=True)
    names = sorted({os.path.basename(h) for h in headers})
    text = "".join(f"#include <linux/{n}>\n" for n in names)
    return Witnesses(f"{tree}-{arch}", arch, probe + ".ko", structs, text, embedded(dump, structs),
                     clang_args(probe + ".o", arch), work, headers_folder)


def uapi_witnesses(arch, headers, dump_file):
    folder = os.path.dirname(dump_file)
    include = os.path.join(os.path.dirname(folder), "include")
    text = "".join(f"#include <{h}>\n" for h in abi.uapi.HEADERS)
    flags = [f"--target={abi.tools.CLANG_TARGETS[arch]}", "-nostdinc", "-I", include,
             "-I", UAPI_INCLUDE[arch], "-I", "/usr/include"]
    return Witnesses(f"uapi-{arch}", arch, os.path.join(folder, "uapi.so"), structs_of(headers),
                     text, set(), flags, folder)


def hear(witnesses):
    """Disagreements with the table as lines of text."""
    rows, rust = witnesses.disagreements(read_table(witnesses.name))
    lines = [f"{n}: table {_show(t)}, gcc {_show(g)}, clang {_show(c)}" for n, t, g, c in rows]
    return lines + [f"{n}: rustc disagrees" for n in rust]


def _show(value):
    return "nothing" if value is None else str(value)


def key(ours, name):
    """A hash of everything that the witnesses depend on."""
    digest = hashlib.sha256()
    for path in (os.path.join(ours, ".built"), table_path(name), CRATE, os.path.abspath(__file__),
                 abi.tools.__file__):
        if os.path.exists(path):
            with open(path, "rb") as f:
                digest.update(f.read())
    return digest.hexdigest()
