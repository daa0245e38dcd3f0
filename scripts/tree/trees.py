# SPDX-License-Identifier: GPL-2.0-only
"""The kernel trees of trees.conf: their flavours, suites, architectures and ways to build.

A tree that the user names with KSRC= or KDIR= and that trees.conf lacks gets an entry of its own.
"""
import configparser
import os
import re

from lib.common import CannotRun, arch_conf, host_release
from tree import folder
from tree.folder import TREES_CONF


def trees():
    """Every series as a section."""
    conf = configparser.ConfigParser()
    conf.read(TREES_CONF)
    for given in by_hand().values():
        if given.series not in conf:
            conf[given.series] = {"arches": "x86 s390", "series": "yes", "build": "in-tree"}
    return conf


def by_hand():
    """The folders that the user names: {"KSRC" or "KDIR": Folder}."""
    return {name: folder.look(os.environ[name], name) for name in ("KSRC", "KDIR")
            if os.environ.get(name)}


def split(tree):
    """The series and the flavour ("" for the generic kernel) of a tree."""
    series, _, flavour = tree.partition("-")
    return series, flavour


def all_flavours(conf):
    return sorted({f for key, words in conf.items() if key.startswith("flavours.")
                   for f in words.split()})


def tree_conf(tree):
    """The section of a tree's series."""
    conf = trees()
    series, flavour = split(tree)
    if series not in conf:
        raise CannotRun(f"no tree '{tree}' in scripts/tree/trees.conf; "
                        f"choose from: {' '.join(conf.sections())}")
    if flavour and flavour not in all_flavours(conf[series]):
        raise CannotRun(f"{series} has no flavour '{flavour}' in scripts/tree/trees.conf; "
                        f"choose from: {' '.join(all_flavours(conf[series])) or 'none'}")
    return conf[series]


def arches(tree):
    """The architectures of a tree; few have flavours."""
    conf, flavour = tree_conf(tree), split(tree)[1]
    return [a for a in conf["arches"].split()
            if not flavour or flavour in conf.get(f"flavours.{a}", "").split()]


def has_baseline(tree):
    """Whether abi/baseline has the reviewed interface of this kernel.

    It is that of Debian's generic kernel: the layout of types depends on the configuration.
    """
    series, flavour = split(tree)
    if flavour or any(g.series == series for g in by_hand().values()):
        return False
    return tree_conf(tree).get("baseline", "no") == "yes"


def ways(tree, arch):
    """How modules are built for a tree and an architecture: in-tree, out-of-tree, or both."""
    given = by_hand()
    if any(g.series == split(tree)[0] for g in given.values()):
        return ["out-of-tree" if "KDIR" in given else "in-tree"]
    conf = tree_conf(tree)
    found = conf.get(f"build.{arch}", conf["build"]).split()
    # a flavour is there for its headers; where they serve, one row shows it
    return ["out-of-tree"] if split(tree)[1] and "out-of-tree" in found else found


def suites(tree, arch):
    """The suites to take a tree from, the preferred one first."""
    conf, host = tree_conf(tree), host_release()
    for key in (f"suite.{arch}.{host}", f"suite.{host}", f"suite.{arch}", "suite"):
        if key in conf:
            return conf[key].split()
    raise CannotRun(f"scripts/tree/trees.conf has no suite for {tree} on {arch} with a "
                    f"{host or 'non-Debian'} host. KSRC=DIR and KDIR=DIR take your own")


def headers_package(tree, arch):
    """The pattern of a tree's headers package, without its version."""
    series, flavour = split(tree)
    deb = arch_conf(arch)["deb"]
    return f"linux-headers-{series}.*[0-9b]-{flavour + '-' if flavour else ''}{deb}:{deb}"


def expand(words):
    """Names of trees: none are the default ones, or the tree of KSRC= or KDIR=; "all" is all."""
    conf, given = trees(), by_hand()
    if not words:
        named = [g.series for g in given.values()]
        return list(dict.fromkeys(named)) or [
            t for t in conf.sections() if conf[t].get("default") == "yes"]
    if words == ["all"]:
        return [t + f for t in conf.sections()
                for f in ("", *("-" + x for x in all_flavours(conf[t])))]
    for tree in words:
        tree_conf(tree)
    for name, g in given.items():
        others = [t for t in words if split(t)[0] != g.series]
        if others:
            raise CannotRun(f"{name}={g.path} is Linux {g.version}, which is not "
                            f"{' '.join(others)}; leave TREES= out, or give TREES={g.series}")
    return words


def rows(names, wanted_arches):
    """(tree, arch, way) of every row of the table."""
    given = by_hand().get("KDIR")
    found = []
    for tree in names:
        for arch in wanted_arches:
            arch_conf(arch)
            if arch in arches(tree) and (not given or given.arch == arch):
                found += [(tree, arch, way) for way in ways(tree, arch)]
    if not found:
        raise CannotRun(f"nothing to build: {' '.join(names)} and {' '.join(wanted_arches)} have "
                        "no row in common" + (f"; KDIR is for {given.arch}" if given else ""))
    return found
