# SPDX-License-Identifier: GPL-2.0-only
"""Sections of abi/mutations.conf with "on = port": pairs of the module of port.py."""
import os
import re
import shlex
import shutil

import abi.folder
import abi.kernel
import abi.pair
import abi.report
import abi.tools
from abi.kdir import ABI_BUILD
from abi.report import Result
from check.gate.bench import EDIT, difference, mutations
from check.gate.port import FILES
from lib.common import CannotRun, run

SHORT = {"api.h": "include/api.h"}
# "link" of a section: the module as a whole kernel, with CRCs for its exports, or without
KERNELS = ("vmlinux", "vmlinux-without-crcs")
LINK = """SECTIONS {{
. = 0xffffffff81000000;
.text : {{ *(.text .text.* .init.text) }}
.rodata : {{ *(.rodata .rodata.*) }}
__ksymtab : {{ *(SORT(___ksymtab+*)) }}
__ksymtab_gpl : {{ *(SORT(___ksymtab_gpl+*)) }}
{crcs}
.data : {{ *(.data .data.*) *(.bss) }}
/DISCARD/ : {{ *(.modinfo) *(__param) *(.note*) }}
}}
"""


def build(folder, case, new):
    """The module of one side."""
    texts = dict(FILES)
    for edits in (case.get("before", ""), case.get("edit", "") if new else ""):
        _edit(texts, edits)
    for name, text in texts.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
    flags = case.get("flags.new" if new else "flags.old", case.get("flags", "-g")).split()
    compiler = case.get("compiler", "gcc").split()
    run([*compiler, *flags, "-O2", "-w", "-Iinclude", "-c", "port.c", "-o", "port.o"], cwd=folder)
    if compiler[0] == "gcc":
        run(["ld", "-r", "port.o", "-o", "port.ko"], cwd=folder)
    else:
        os.rename(os.path.join(folder, "port.o"), os.path.join(folder, "port.ko"))
    file = "port.ko"
    if case.get("link") in KERNELS:
        file = _kernel(folder, case, new)
    if "after" in case:
        run([*shlex.split(case["after"]), file], cwd=folder)
    return os.path.join(folder, file)


def _kernel(folder, case, new):
    """The module, linked as a kernel is."""
    with open(os.path.join(folder, "port.c")) as f:
        kinds = re.findall(r"^EXPORT(_GPL)?\(", f.read(), re.M)
    tables = ("__kcrctab", kinds.count("")), ("__kcrctab_gpl", kinds.count("_GPL"))
    crcs = "".join(f"{name} : {{ {'LONG(1) ' * (n - 1)}LONG({case.get('crc', '1') if new else 1}) "
                   "}\n" for name, n in tables)
    with open(os.path.join(folder, "kernel.lds"), "w") as f:
        f.write(LINK.format(crcs=crcs if case["link"] == "vmlinux" else ""))
    run(["ld", "-T", "kernel.lds", "--unresolved-symbols=ignore-all",
         "--no-warn-rwx-segments", "-o", "vmlinux", "port.o"], cwd=folder)
    if case.get("types") == "BTF":
        run([abi.tools.path("pahole"), "-J", "vmlinux"], cwd=folder)
    if case.get("types") in ("BTF", "none"):
        run(["objcopy", "--strip-debug", "vmlinux"], cwd=folder)
    return "vmlinux"


def folders():
    """None, or how the report on two folders of modules differs from the expected one."""
    top, case = os.path.join(ABI_BUILD, "pairs", "folders"), mutations()["port-swapped"]
    shutil.rmtree(top, ignore_errors=True)
    paths, wrong = [os.path.join(top, side) for side in ("old", "new")], []
    for path in paths:
        swapped = build(path + ".build", case, path == paths[1])
        os.makedirs(os.path.join(path, "kernel"))
        for name in ("kernel/port.ko", "kernel/dock.ko", "quay.ko"):
            shutil.copy(swapped, os.path.join(path, name))
        with open(os.path.join(path, "Module.symvers"), "w") as f:
            f.write(f"0x{paths.index(path) + 1:08x}\tkfree\tvmlinux\tEXPORT_SYMBOL\t\n")
    os.unlink(os.path.join(paths[1], "quay.ko"))
    headers = os.path.join(paths[0] + ".build", "include")
    for symbols, expected in ((None, ["export kfree: another CRC; its type was not read",
                                      "module quay: removed",
                                      "struct sample: members in another order"]),
                              ({"port_debug"}, ["module quay: removed"])):
        result = abi.folder.check_folders(*paths, headers, symbols=symbols)
        said = sorted(i for c in result.open() for i in c.ids())
        if said != expected or result.unread:
            wrong += [f"expected {expected}", *abi.report.text([result]).splitlines()]
    result = abi.folder.check_folders(*paths, headers, symbols={"port_debug", "port_gone"})
    if "1 symbols of the list are exported by no module and" not in " ".join(result.unread):
        wrong.append(f"a stale list of symbols: {result.unread}")
    return "\n".join(wrong) or None


def _edit(texts, edits):
    for line in edits.strip().splitlines():
        name, regex, replacement = EDIT.fullmatch(line.strip()).groups()
        name = SHORT.get(name, name)
        text, n = re.subn(regex, replacement.replace(r"\&", "&"), texts[name])
        if not n or text == texts[name]:
            raise CannotRun(f"abi/mutations.conf: {name} has nothing that matches {regex}")
        texts[name] = text


def judge(name, case, table=None):
    """None, or how the gate's report on a pair differs from the expected one."""
    top = os.path.join(ABI_BUILD, "pairs", name)
    shutil.rmtree(top, ignore_errors=True)
    old, new = (build(os.path.join(top, side), case, side == "new") for side in ("old", "new"))
    headers = os.path.join(top, "old", case.get("headers", "include"))
    try:
        if "link" in case:
            result = abi.kernel.check_kernels(old, new, headers if "headers" in case else None)
        else:
            result = abi.pair.check_pair(old, new, headers, work=name)
    except CannotRun as e:
        result = Result(name)
        result.unread = [str(e)]
        result.pairs = [] if "link" in case else [(old, new)]
        result.headers = [os.path.join(headers, "api.h")]
    wrong = difference(result, case)
    if table:
        table.note("any module", name, case, result, wrong)
    return wrong
