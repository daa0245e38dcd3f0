# SPDX-License-Identifier: GPL-2.0-only
"""Staging: source files and a Kbuild in a folder that kbuild builds with M=."""
import os
import tempfile

from lib.common import TOP, CannotRun, ask, series
from migrate.conversion import convert
from migrate.grouping import drivers
from migrate.c_text import read
from migrate.patches import spatch, tidy, write_files
from build.kbuild import with_ours, write
from series.steps import Changes, apply_step, steps_of

SAMPLES = ("mtty", "mdpy", "mbochs")
HEADER = os.path.join(TOP, "include/linux/mdev.h")
RUST = ("rust", "rust/mdev", "samples/rust", "rust/tests/modules", "include/linux",
        os.path.join("abi", "layout"))
# a driver in Rust for the selftests
RUST_TEST = "rust/tests/modules/rust_managed.rs"
TEST_MODULES = "tools/testing/selftests/mdev/test_modules"
TYPE1 = "drivers/vfio/vfio_iommu_type1.c"
# a driver of mdev_register_device(), for trees that have it
TEST_OPS = "tools/testing/selftests/mdev/compat/mdev_test_ops.c"


def tree_source(tree, arch):
    return ask("tree/fetch", "source", tree, arch)


def copy(source, dest):
    with open(source) as f:
        write(dest, f.read())


def header_first(folder, *lines):
    """Write a Kbuild that finds the <linux/mdev.h> of folder/include first."""
    text = "\n".join((f"LINUXINCLUDE := -I{folder}/include $(LINUXINCLUDE)", *lines)) + "\n"
    write(os.path.join(folder, "Kbuild"), text)


def ours(tree, arch, folder):
    ask("series/apply", "--out-of-tree", folder)
    if arch == "s390":
        # vfio-ccw includes headers of css, which no headers package has
        ask("build/stage-ccw", tree_source(tree, arch), os.path.join(folder, "drivers/s390/cio"))


def own(tree, arch, folder):
    """Stage the stock modules."""
    source = tree_source(tree, arch)
    copy(os.path.join(source, "include/linux/mdev.h"), os.path.join(folder, "include/linux/mdev.h"))
    mdev = os.path.join(source, "drivers/vfio/mdev")
    for name in os.listdir(mdev):
        if name.endswith((".c", ".h")) or name == "Makefile":
            copy(os.path.join(mdev, name), os.path.join(folder, "mdev", name))
    lines = ["obj-m += mdev/"]
    if arch == "s390":
        ask("build/stage-ccw", "--own", source, os.path.join(folder, "cio"))
        lines.append("obj-m += cio/")
    header_first(folder, *lines)


# folder of the tree -> folder where own_and_type1() stages its files
PLACES = {"drivers/vfio/mdev": "mdev", "drivers/s390/cio": "cio", "drivers/vfio": "vfio"}


def own_and_type1(tree, arch, folder):
    """Stage the stock modules, vfio_iommu_type1 among them."""
    source = tree_source(tree, arch)
    own(tree, arch, folder)
    type1_files(source, os.path.join(folder, "vfio"), read(os.path.join(source, TYPE1)))
    with open(os.path.join(folder, "Kbuild"), "a") as f:
        f.write("obj-m += vfio/\n")


def fixed(tree, arch, folder):
    """Stage these modules as the steps of fixes.conf leave them."""
    source = tree_source(tree, arch)
    changes = Changes(source, source)
    for step in steps_of("fixes.conf"):
        apply_step(step, changes)
    own_and_type1(tree, arch, folder)
    write_fixed(changes.new, folder)


def write_fixed(texts, folder):
    """Write those files of own_and_type1() that are among @texts; return the others, as texts."""
    others = {}
    for name, text in texts.items():
        place = os.path.join(folder, PLACES.get(os.path.dirname(name), ""), os.path.basename(name))
        if os.path.isfile(place):
            write(place, text)
        else:
            others[name] = text
    return others


def objects(source, texts, folder):
    """Stage files of a tree, {name: text}, to be compiled as those of a kernel; return targets."""
    include = " ".join(sorted({f"-I{source}/{os.path.dirname(name)}" for name in texts}))
    made = [os.path.basename(name)[:-1] + "o" for name in texts]
    write(os.path.join(folder, "Kbuild"), f"ccflags-y += {include}\nobj-y += {' '.join(made)}\n")
    for name, text in texts.items():
        write(os.path.join(folder, os.path.basename(name)), text)
    return ["KBUILD_BUILTIN=1", *made]


def samples(tree, arch, folder):
    source = tree_source(tree, arch)
    copy(os.path.join(source, "include/linux/mdev.h"), os.path.join(folder, "include/linux/mdev.h"))
    samples = os.path.join(source, "samples/vfio-mdev")
    for name in os.listdir(samples):
        if name.removesuffix(".c") in SAMPLES or name.endswith(".h"):
            copy(os.path.join(samples, name), os.path.join(folder, name))
    header_first(folder, "obj-m += " + " ".join(f"{s}.o" for s in SAMPLES))


def uses_parent_ops(tree, arch):
    """Whether drivers of this tree use mdev_register_device(), for which this core has compat/."""
    with open(os.path.join(tree_source(tree, arch), "include/linux/mdev.h")) as f:
        return "struct mdev_parent_ops" in f.read()


def samples_on_ours(tree, arch, other, folder, ours):
    """Stage the samples of a tree, or those of another one."""
    source = os.path.join(tree_source(other or tree, arch), "samples/vfio-mdev")
    modules = list(SAMPLES)
    if other and uses_parent_ops(tree, arch):
        # compat/ has nothing of VM migration
        with open(os.path.join(source, "mtty.c")) as f:
            if "vfio_migration_ops" in f.read():
                modules.remove("mtty")
    for name in os.listdir(source):
        if name.removesuffix(".c") in modules or name.endswith(".h"):
            copy(os.path.join(source, name), os.path.join(folder, name))
    with_ours(folder, ours, bool(other), modules)


def samples_migrated(tree, arch, folder, ours):
    """Stage the samples of a tree as the series leaves them; all of them must convert."""
    source = os.path.join(tree_source(tree, arch), "samples/vfio-mdev")
    for name in os.listdir(source):
        if name.endswith(".h"):
            copy(os.path.join(source, name), os.path.join(folder, name))
    changed = {}
    for d in drivers([s + ".c" for s in SAMPLES], source, closed=True):
        if convert(d).refused:
            raise CannotRun(f"{d.path}:{d.line} of {tree} is not converted: {d.reason}")
        changed.update(d.new)
    if not uses_parent_ops(tree, arch):
        with tempfile.TemporaryDirectory() as tmp:
            write_files(tmp, changed)
            p = spatch("tree/samples_request.cocci", list(changed), tmp, "patch", "--in-place")
            if p.returncode:
                raise CannotRun(f"samples_request.cocci fails on {source}:\n{p.stderr[-800:]}")
            changed = {name: tidy(text, read(os.path.join(tmp, name)))
                       for name, text in changed.items()}
    for name, text in changed.items():
        write(os.path.join(folder, name), text)
    with_ours(folder, ours, False, SAMPLES)


def rust(folder):
    """Stage the crate mdev, the drivers that use it, and what they are built from."""
    for top in RUST:
        for name in os.listdir(os.path.join(TOP, top)):
            if os.path.isfile(os.path.join(TOP, top, name)):
                copy(os.path.join(TOP, top, name), os.path.join(folder, top, name))
    copy(os.path.join(TOP, "rust/Kbuild"), os.path.join(folder, "Kbuild"))


def tests(folder, header, modules):
    copy(header, os.path.join(folder, "include/linux/mdev.h"))
    for name in os.listdir(os.path.join(TOP, TEST_MODULES)):
        if name.endswith((".c", ".h")):
            copy(os.path.join(TOP, TEST_MODULES, name), os.path.join(folder, name))
    header_first(folder, "obj-m += " + " ".join(f"{m}.o" for m in modules))


def ccw(tree, arch, folder, *own):
    ask("build/stage-ccw", *own, tree_source(tree, arch), folder)


def type1(tree, arch, folder):
    """Stage vfio_iommu_type1 as the series leaves it."""
    source = tree_source(tree, arch)
    changes = Changes(source, source)
    for step in series().values():
        if step.get("group") == TYPE1:
            apply_step(step, changes)
    type1_files(source, folder, changes.text(TYPE1))


def type1_files(source, folder, text):
    """Stage vfio_iommu_type1.c with this text, and what it includes."""
    for name in os.listdir(os.path.join(source, "drivers/vfio")):
        if name.endswith(".h"):
            copy(os.path.join(source, "drivers/vfio", name), os.path.join(folder, name))
    write(os.path.join(folder, os.path.basename(TYPE1)), text)
    write(os.path.join(folder, "Kbuild"), "obj-m += vfio_iommu_type1.o\n")


def test_modules():
    """The test modules for every core, and those for this project's (they use MDEV_HAVE_BUDGET)."""
    everywhere, needs_ours = [], []
    for name in sorted(os.listdir(os.path.join(TOP, TEST_MODULES))):
        if name.endswith(".c"):
            with open(os.path.join(TOP, TEST_MODULES, name)) as f:
                (needs_ours if "MDEV_HAVE_BUDGET" in f.read() else everywhere).append(name[:-2])
    if not everywhere:
        raise CannotRun(f"no test module in {TEST_MODULES}")
    return everywhere, needs_ours
