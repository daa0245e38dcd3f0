# SPDX-License-Identifier: GPL-2.0-only
"""Converts one driver to the core's helpers: completely, device_api alone, or not at all.

The rules of cocci/ change the C. This file chooses the rules, completes the result and keeps it
only if whole.py finds nothing wrong and judge/ can account for every removed piece. Used by
migrate, golden-tests, counting, build/modules and series/steps.py.
"""
import concurrent.futures
import os
import re

from migrate.c_text import (BOUND, find_line, functions, plain, struct_members, unbalanced,
                            unused_labels, with_bound)
from migrate.driver import InPart, NotConverted, Unreadable
from migrate.grouping import counting_files, is_show
from migrate.judge.accounting import account
from migrate.judge.twins import rename_back, tell_apart
from migrate.patches import TimedOut, limit_spatch, parse_errors, spatch_threads
from migrate.reasons import OPS, find_name
from migrate.spatch.batch import Request, apply_batch, batches
from migrate.whole import CALLBACK, check_era, check_parameter, check_types, check_whole

# seconds for one driver; the largest needs three, but some code keeps spatch for hours
TIMEOUT = 120

# the reasons for which a driver may have a number of its own for each parent
OF_PARENT = re.compile(r"each parent has its own number|is not in scope where the parent is"
                       r"|no rule matches how \w+\(\) computes")

SHOWS = r"\b{0}_show\b|\bmdev_type_attr_{0}\b|ATTR\w*\({0}\b|\({0}[,)]"


def show_functions(d):
    """The functions that show the number of instances: {name: body}."""
    return {name: body for p in d.seeds for name, _, body in functions(d.old[p])
            if is_show(d.old[p], name, "available_instances")}


def choose_count_rule(d, files):
    """The rule for the way in which a driver counts, and what the core gets."""
    shows = show_functions(d).values()
    if re.search(r"\bmin3\(|\bmin\(min\(", "\n".join(plain(d.old[f]) for f in files)):
        rule = "budget_three"
    elif any(re.search(r"[\w)]\s*/\s*\w", body) for body in shows):
        rule = "budget"
    else:
        return "available_instances.cocci", "max_instances"
    ops = any("mdev_parent_ops" in plain(d.old[p]) for p in d.seeds)
    return rule + ("_parent_ops.cocci" if ops else ".cocci"), "budget"


def declare_words(d):
    """Declare the constants in new initializers: the attribute may have been in another file."""
    for p in d.changed():
        assigned = r"(?:\.|->)(?:device_api|max_instances)\s*=\s*" + with_bound(r"([A-Za-z_]\w*)")
        for word in re.findall(assigned, d.new[p]):
            seen = d.included_by(p)
            if any(re.search(r"\b%s\b" % word, plain(d.old[f])) for f in seen):
                continue
            line = find_line(d.old[p], OPS) or 1
            if not word.startswith("VFIO_"):
                raise NotConverted(p, line, f"{word} is defined in another file: move it to a "
                                            "header that this file includes")
            if any("linux/vfio.h>" in d.old[f] for f in seen):
                continue
            for f in seen:
                if (yield Request(d, "vfio_header.cocci", (f,))):
                    break
            else:
                raise NotConverted(p, line, f"{word} is not declared here: include <linux/vfio.h>")


def drop_member_docs(d):
    """Drop the kernel-doc line of a removed member from the comment of its structure."""
    line = r"(?m)^ \* @%s:[^\n]*\n(?: \*(?![ \t]*@)(?!/)[ \t]{2,}[^\n]*\n)*"
    for p in d.changed():
        old, new = struct_members(d.old[p]), struct_members(d.new[p])
        for struct in old.keys() & new.keys():
            comment = r"/\*\*(?:(?!\*/).)*\*/(?=\s*(?:typedef\s+)?struct %s\s*\{)" % struct
            for name in old[struct] - new[struct]:
                d.new[p] = re.sub(comment, lambda m, n=name: re.sub(line % n, "", m.group(0)),
                                  d.new[p], flags=re.S)


def check_brackets(d):
    for p in d.seeds:
        line = unbalanced(d.old[p])
        if line:
            raise Unreadable(p, line, "this bracket has no partner: fix it and run again")


def check_parses(d):
    """spatch parses the result as well as it parsed the source."""
    paths = d.changed()
    with spatch_threads() as pool:
        found = list(pool.map(lambda p: parse_errors(d.new[p], p)[0], paths))
    for p, errors in zip(paths, found):
        line = unbalanced(d.new[p])
        if line or errors and errors > parse_errors(d.old[p], p)[0]:
            at = d.original_line(p, line) if line else d.changes(p)[0][0] + 1
            raise NotConverted(p, at, "the rules would leave code here that does not parse: "
                                      "convert the driver by hand")


def unreadable(d):
    """A file that spatch can't parse: that may be why no rule matched."""
    for p in d.seeds:
        line = parse_errors(d.old[p], p)[1]
        if line:
            return Unreadable(p, line, "spatch can't parse this line: fix it if a compiler "
                                       "complains too, or expand the macro in it")
    return None


def lay_out_pool(d):
    """Write a new pool of one parent as one would by hand; versions of spatch differ."""
    pool = r"(?m)^(\t*)(.*&\(const struct mdev_pool\))\s*\{\s*\.name = \"instances\",\s*" \
           r"\.total = (.*?),?\s*\},\s*1\)"
    for p in d.changed():
        d.new[p] = re.sub(pool, r'\1\2{\n\1\t.name = "instances",\n\1\t.total = \3,\n\1}, 1)',
                          d.new[p])


def keep_above_zero(d):
    """A limit in a variable may be below 0, and the driver admits nothing then.

    The members that it goes into have no sign. Whether its type has one is guessed here, and
    decided by judge/numbers.py.
    """
    number = r"((?:(?:\.|->)max_instances|\.total) = )([A-Za-z_(][^,;{}\n]*)(?=[;,]$)"

    def bounded(m):
        # a name before -> leads to the number
        read = "|".join(re.findall(r"\b([a-z_]\w*)\b(?!\s*(?:->|\.|\())", m.group(2))) or "/"
        signed = r"(?<!unsigned )\b(?:int|s32)\s+(?:\w+(?:\s*=\s*\w+)?,\s*)*(?:%s)\b(?!\[)" \
            % read
        if m.group(0) in old or not any(re.search(signed, plain(t)) for t in d.old.values()):
            return m.group(0)
        return f"{m.group(1)}{BOUND}{m.group(2)}, 0)"

    for p in d.changed():
        old = d.old[p]
        d.new[p] = re.sub(number, bounded, d.new[p], flags=re.M)


def apply_rules(d, api, count, pool):
    if count:
        files = tuple(counting_files(d))
        rule, gets = choose_count_rule(d, files)
        word = "pool" if pool else "shown" if "shown" in d.limit_words else None
        words = ("-D", word) if word and gets == "max_instances" else ()
        if (yield Request(d, rule, files, words)):
            lay_out_pool(d)
            d.of_parent = pool
            pools = any("_pools(" in d.new[p] for p in d.changed())
            d.count = "pool" if pools and gets == "max_instances" else gets
            keep_above_zero(d)
            if any(unused_labels(d.new[f]) for f in files):
                yield Request(d, "unused_label.cocci", files)
            # a callback of the vfio device may free later than remove
            late = [f for f in files if re.search(r"\.release\s*=", d.new[f])]
            if gets == "budget" and any("vfio_device_ops" in d.new[f] for f in late):
                yield Request(d, "late_release.cocci", files)
    if api and (yield Request(d, "device_api.cocci", tuple(d.seeds))):
        d.api = "core"


def unreadable_or(d, why):
    """Why a driver is refused: what spatch can't parse comes before what no rule matched."""
    if isinstance(why, Unreadable):
        return why
    return unreadable(d) or why


def convert_by_rules(d, api, count, pool=False):
    """The steps of a conversion: gives each request for spatch, and gets its answer.

    pool: the number of instances is one of the parent, and so goes into a pool.
    """
    try:
        check_brackets(d)
        if not api and not count:
            return
        check_era(d)
        tell_apart(d, show_functions(d).keys())
        yield from apply_rules(d, api, count, pool)
        rename_back(d)
        check_whole(d, api, count)
        yield from declare_words(d)
        check_types(d)
        check_parameter(d)
        drop_member_docs(d)
        check_parses(d)
        d.removed = account(d)
        d.verdict = "converted"
    except NotConverted as why:
        d.refuse(unreadable_or(d, why))


def convert_again(d, api):
    """Convert a driver with another number for each parent."""
    why, d.count = NotConverted(d.path, d.line, d.reason), "-"
    yield from convert_by_rules(d, api, True, pool=True)
    # the other reason says more where the rules match the number
    more = d.of_parent and not re.search("could not be verified|not one of the parent",
                                         d.reason)
    if d.refused and not more:
        d.refuse(why)


def convert_half(d):
    """Convert device_api alone, where the number of instances can't be converted."""
    why = NotConverted(d.path, d.line, d.reason)
    yield from convert_by_rules(d, True, False)
    if d.verdict == "converted":
        d.keep_half(why)
    else:
        d.refuse(why)


def conversion(d, timeout):
    """The steps of a conversion, to the driver's verdict, and to d.new unless it is refused."""
    old = "\n".join(plain(d.old[p]) for p in d.seeds)
    api, count = (re.search(SHOWS.format(x), old) or any(find_name(d.old[p], x) for p in d.seeds)
                  for x in ("device_api", "available_instances"))
    api, count = bool(api), bool(count or re.search(CALLBACK, old))
    d.api = "core" if re.search(r"(?:\.|->)device_api\s*=", old) else "-"
    on_core = (r"(?:\.|->)max_instances\s*=|\.budget\s*=|mdev_register_parent_budget"
               r"|mdev_register_\w+_pools")
    d.count = "core" if re.search(on_core, old) else "-"
    try:
        yield from convert_by_rules(d, api, count)
        if d.verdict == NotConverted.verdict and count and OF_PARENT.search(d.reason):
            yield from convert_again(d, api)
        if d.verdict == NotConverted.verdict and api and count:
            yield from convert_half(d)
    except TimedOut as e:
        d.refuse(NotConverted(d.seeds[0], 1, f"timed out: spatch on {e} did not end within "
                              f"{timeout:g} s: run again with a larger TIMEOUT=, or convert the "
                              "driver by hand"))
    if d.refused:
        half = d.verdict == InPart.verdict
        d.api, d.count = "own" if api and not half else d.api, "own" if count else d.count


def go_on(steps, answer, timeout):
    """Continue a conversion until it needs spatch for a rule: the request, or None at the end."""
    limit_spatch(timeout)
    try:
        return steps.throw(answer) if isinstance(answer, Exception) else steps.send(answer)
    except StopIteration:
        return None


def convert_all(found, timeout=None, progress=lambda done: None):
    """Convert drivers: each rule runs once for many of them.

    A driver for which a run of spatch needs more than timeout seconds is refused. progress is
    called with the number of drivers that are done.
    """
    processes = os.cpu_count() or 1
    with concurrent.futures.ThreadPoolExecutor(processes) as pool:
        going = [(conversion(d, timeout), None) for d in found]
        while going:
            requests = pool.map(lambda g: go_on(*g, timeout), going)
            going = [(g[0], r) for g, r in zip(going, requests) if r]
            steps = {id(r): s for s, r in going}
            todo = batches([r for _, r in going], processes)
            going = []
            done = len(found) - len(steps)
            for batch, answers in zip(todo, pool.map(lambda b: apply_batch(b, timeout), todo)):
                going += [(steps[id(r)], a) for r, a in zip(batch, answers)]
                progress(done)


def convert(d, timeout=None):
    """Convert one driver."""
    convert_all([d], timeout)
    return d
