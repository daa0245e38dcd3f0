# SPDX-License-Identifier: GPL-2.0-only
"""Follows the counter on each path through create and remove, as the driver had them.

The core takes a slot for each instance that is created and gives it back when the instance is
removed. So must the driver have done: create, where it succeeds, takes one slot and does so only
if one is left; remove gives one back; nothing else counts.
"""
import re

from migrate.c_text import function_at, functions, line_of
from migrate.driver import NotConverted
from migrate.judge.admission import Unknown, compute
from migrate.judge.callers import CHANGED, REGISTER, Callers
from migrate.judge.comparison import walk

BY_HAND = ": set .max_instances by hand"
# most states of one function; a larger one is not followed
MOST = 20000
NO_INSTANCE = re.compile(r"!\s*\w+|\w+ == NULL|(?:WARN_ON(?:_ONCE)?|unlikely|IS_ERR\w*)\(.*\)")


class TooLarge(Exception):
    """The paths of a function are too many, or have a shape that is not followed."""


class Step:
    """One step of a function: what it does, and where control goes then."""
    def __init__(self, op, node=None, text=""):
        self.op, self.node, self.text, self.to = op, node, text, []


class Flow:
    """The steps of a function."""
    def __init__(self, f):
        self.steps, self.labels, self.gotos = [], {}, []
        self.f = f
        self.block(f.parts[0], None, None)
        self.add("return", f, "")
        for step, label in self.gotos:
            if label not in self.labels:
                raise TooLarge
            step.to = [self.labels[label]]

    def add(self, op, node=None, text=""):
        self.steps.append(Step(op, node, text))
        return self.steps[-1]

    @property
    def here(self):
        return len(self.steps)

    def block(self, nodes, leave, again):
        """Add statements; leave and again collect the steps of break and continue."""
        for n in nodes:
            self.statement(n, leave, again)

    def statement(self, n, leave, again):
        if n.kind == "label":
            word = n.text.partition(":")[0].strip()
            self.labels[word] = self.here
            if re.match(r"(case|default)\b", word) and leave is not None:
                leave.append(("case", self.here))
        elif n.kind == "if":
            test = self.add("test", n, re.sub(r"^if ?", "", n.head))
            first = self.here
            self.block(n.parts[0], leave, again)
            end = self.add("jump")
            test.to = [first, self.here]
            self.block(n.parts[1], leave, again)
            end.to = [self.here]
        elif n.kind == "loop" and n.head.startswith("scoped_guard"):
            self.block(n.parts[0], leave, again)
        elif n.kind == "loop":
            self.loop(n)
        elif n.kind == "block":
            self.block(n.parts[0], leave, again)
        elif n.kind == "return":
            self.add("return", n, n.text.removeprefix("return").strip())
        elif n.kind == "jump":
            self.jump(n, leave, again)
        elif n.kind == "unparsed" and re.search(r"\b(return|goto|break)\b", n.text):
            raise TooLarge
        elif n.kind in ("local", "expr", "unparsed"):
            self.add("do", n, n.text)

    def jump(self, n, leave, again):
        step = self.add("jump", n)
        if n.text.startswith("goto"):
            self.gotos.append((step, n.text.split()[-1]))
        elif n.text == "break" and leave is not None:
            leave.append(("break", step))
        elif n.text == "continue" and again is not None:
            again.append(step)
        else:
            raise TooLarge

    def loop(self, n):
        leave, again = [], []
        switch = n.head.startswith("switch")
        start = self.here
        test = self.add("test", n, "?")
        first = self.here
        self.block(n.parts[0], leave, again)
        if switch:
            end = self.here
            test.to = [x for kind, x in leave if kind == "case"] + [end]
        else:
            back = self.add("jump")
            end = self.here
            back.to = [start]
            test.to = [first] if re.match(r"do while ?\( ?0 ?\)$", n.head) else [first, end]
            if len(test.to) == 1:
                back.to = [end]
        for kind, x in leave:
            if kind == "break":
                x.to = [end]
        for step in again:
            step.to = [start if not switch else end]


def own_part(n):
    """The cursor of a node without the statements in it."""
    return n.condition if n.kind == "if" else n.cursor


def variable_of(member):
    """The variable that an expression of a member begins with, or None."""
    return next((c for c in walk(member) if c.kind.name == "DECL_REF_EXPR" and c.referenced
                 and c.referenced.kind.name == "VAR_DECL"), None)


class Slots:
    """The counter of one account on the paths of create and remove."""
    def __init__(self, account):
        self.a = account
        self.callers = Callers(account.d)
        self.nodes = {n.key: (p, n) for p, t in account.old.trees.items() for n in t.nodes
                      if n.kind == "function"}
        self.flows = {}

    # ---- which functions count?

    def uses(self, f, counter):
        """The statements of a function that change a counter: (node, whether it sets a start)."""
        a = self.a
        for n in f.walk():
            if n is f or not n.cursor or n.kind in ("block", "loop", "label") or \
                    self.a.counters[counter][1].key not in n.text:
                continue
            cursor = own_part(n)
            if counter not in a.old.refs(cursor):
                continue
            start = re.fullmatch(r"atomic\w*_set\(.*\)|[^=]* = (?:(?!\b%s\b)[^=])*"
                                 % a.counters[counter][1].key, n.text)
            calls = {x for x in a.calls(cursor) if x.startswith("atomic") and "read" not in x}
            if counter in a.assigned(cursor) or calls:
                yield n, bool(start) and n.kind == "expr"

    def changing(self, counter):
        """The functions that change a counter: {name: node of the first change}."""
        found = {}
        for name, (_, f) in self.nodes.items():
            for n, start in self.uses(f, counter):
                if not start:
                    found.setdefault(name, n)
        return found

    def starting(self, counter):
        """The functions that set the counter to a number."""
        return {name: n for name, (_, f) in self.nodes.items()
                for n, start in self.uses(f, counter) if start}

    # ---- does the count belong to one parent?

    def with_word(self, counter):
        """The functions that have a counter's name."""
        word = re.compile(r"\b%s\b" % self.a.counters[counter][1].key)
        return [f for _, f in self.nodes.values() if word.search(f.text)]

    def shared(self, counter):
        """Whether all parents share a counter: it is at file scope, or in a structure there."""
        if self.a.counters[counter][1].kind == "var":
            return True
        return any(self.of_file(c, f) for f in self.with_word(counter) for c in walk(f.cursor)
                   if c.kind.name == "MEMBER_REF_EXPR" and c.referenced
                   and self.a.old.key(c.referenced) == counter)

    def of_file(self, member, f):
        """Whether the structure that a member belongs to is a variable at file scope."""
        base = variable_of(member)
        if base is None:
            return False
        if base.referenced.semantic_parent.kind.name == "TRANSLATION_UNIT":
            return True
        values = [c for c in walk(f.cursor) if c.kind.name == "VAR_DECL" and c == base.referenced]
        names = {v.kind.name == "VAR_DECL" and v.semantic_parent.kind.name == "TRANSLATION_UNIT"
                 for c in values for v in self.a.old.refs(c).values()}
        return True in names

    def of_type(self, counter):
        """Whether each type has a counter of its own, and not the parent."""
        n = self.a.counters[counter][1]
        if n.kind == "var":
            return False
        fields = [c.type.spelling for c in n.cursor.semantic_parent.get_children()
                  if c.kind.name == "FIELD_DECL"]
        if "struct mdev_type" in fields and "struct mdev_parent" not in fields:
            return True
        return any(self.by_type(c, f) for f in self.with_word(counter) for c in walk(f.cursor)
                   if c.kind.name == "MEMBER_REF_EXPR" and c.referenced
                   and self.a.old.key(c.referenced) == counter)

    def by_type(self, member, f):
        """Whether the type, or an index, selects the structure of a member."""
        base = variable_of(member)
        local = [c for c in walk(f.cursor) if base and c == base.referenced]
        set_later = [x.cursor for x in f.walk() if base and x.kind == "expr" and x.cursor
                     and x.text.startswith(base.spelling + " = ")]
        for c in (y for x in (member, *local, *set_later) for y in walk(x)):
            if c.kind.name == "ARRAY_SUBSCRIPT_EXPR":
                return True
            of_kobject = c.kind.name == "DECL_REF_EXPR" and c.referenced and \
                c.referenced.kind.name == "PARM_DECL" and "kobject" in c.referenced.type.spelling
            if of_kobject:
                return True
        return False

    def check_types(self):
        """A counter that each type has is no limit of the parent."""
        for counter, (path, n) in self.a.counters.items():
            if self.of_type(counter):
                raise NotConverted(path, n.line, f"each type has a counter {n.key} of its own, and "
                                   "the core's limit is for all types of a parent together: "
                                   "declare a pool for each type, or count by hand")

    def check_parents(self):
        """A counter that all parents share is no limit of each parent, unless there is but one."""
        many = self.callers.many_parents()
        if not many or "parent" in self.a.d.limit_words:
            return
        for counter, (path, n) in self.a.counters.items():
            if self.shared(counter):
                raise NotConverted(path, n.line, f"{n.key} counts the instances of all parents "
                                   f"together, {many}() can register more than one, and the core "
                                   "limits each alone: run again with LIMIT=parent if each may "
                                   "have as many, or set .max_instances by hand")

    # ---- judge

    def judge(self, limit, up):
        """Raise NotConverted unless the driver counts as the core will."""
        creates, removes = self.callers.callbacks()
        taken = False
        for counter, (_, declared) in self.a.counters.items():
            counts = self.changing(counter)
            if not counts:
                continue
            taken = True
            numbers = self.numbers(limit)
            runs = [(f, self.check_create) for f in sorted(creates)] + \
                [(f, self.check_remove) for f in sorted(removes)]
            found = {self.check_create: [], self.check_remove: []}
            for name, check in runs:
                if name not in self.nodes or not self.reach(name) & counts.keys():
                    continue
                self.check_once(found[check], name, counts)
                for number, count in numbers:
                    check(name, Run(self, counter, declared.key, limit, counts, up), number,
                          count)
            for check, what in ((self.check_create, "no function that creates an instance takes "
                                 f"a slot of {declared.key}"),
                                (self.check_remove, "no function that removes an instance gives a "
                                 f"slot of {declared.key} back")):
                if not found[check]:
                    name = min(counts, key=lambda f: counts[f].line)
                    raise NotConverted(self.nodes[name][0], counts[name].line, what + BY_HAND)
        if not taken:
            self.never_counted()

    def check_once(self, found, name, counts):
        """Not both a callback of the mdev and one of its vfio device count an instance."""
        other = next((f for f in found if (f in self.callers.of_vfio)
                      != (name in self.callers.of_vfio)), None)
        if other:
            path, f = self.nodes[name]
            raise NotConverted(path, f.line, f"{other}() and {name}() both count an instance"
                               + BY_HAND)
        found.append(name)

    def never_counted(self):
        """A variable that is shown, and that nothing changes while instances come and go."""
        p, n = next(((p, n) for p, n in self.a.gone_functions() if n.key in self.a.shows
                     and not self.a.is_api(p, n.key)), (None, None))
        if n:
            raise NotConverted(p, n.line, f"{n.key}() shows a number that the driver does not "
                               "enforce: nothing counts it" + BY_HAND)

    def numbers(self, limit):
        """Pairs of a limit and of instances that exist."""
        number = int(limit) if limit.isdigit() else 7
        return [(number, n) for n in sorted({0, min(1, number), number // 2, max(number - 1, 0),
                                             number})]

    def reach(self, name, seen=None):
        """The functions that a function calls, itself among them."""
        seen = set() if seen is None else seen
        if name not in self.nodes or name in seen:
            return seen
        seen.add(name)
        for called in self.a.calls(self.nodes[name][1].cursor):
            self.reach(called, seen)
        return seen

    def check_places(self):
        """Nothing but create and remove changes a counter, and the registration starts it."""
        entries = set().union(*self.callers.callbacks())
        for counter, (_, declared) in self.a.counters.items():
            self.check_callers(declared.key, self.changing(counter), entries)
            self.check_start(counter, declared.key, entries)

    def check_callers(self, word, counts, entries):
        for name, n in sorted(counts.items(), key=lambda x: x[1].line):
            others = sorted(self.callers.roots(name) - entries)
            if others:
                what = f"{name}() changes" if others == [name] else \
                    f"{name}(), which {others[0]}() calls, changes"
                raise NotConverted(self.nodes[name][0], n.line, f"{what} the counter {word}, and "
                                   "the core counts in create and remove alone" + BY_HAND)

    def check_start(self, counter, word, entries):
        """The counter starts where the parent is registered, and is not set again elsewhere."""
        registers = set().union(*(self.callers.roots(f) for f, _ in self.callers.registers()))
        given = " = " in self.a.counters[counter][1].text
        starting = self.starting(counter)
        # the function that registers the parent starts it, so another one does so again
        known = registers and any(self.callers.roots(f) <= registers for f in starting)
        for name, n in starting.items():
            roots = self.callers.roots(name)
            if roots & entries:
                raise NotConverted(self.nodes[name][0], n.line, f"{name}() sets {word} and does "
                                   "not count with it, so it is a flag" + BY_HAND)
            # a number that starts from 0 or from its definition needs no other start
            defined = given or re.search(r"(=|,) 0\)?$", n.text)
            if registers and not roots <= registers and (
                    defined or known or any(self.callers.named(r) == "callback" for r in roots)):
                raise NotConverted(self.nodes[name][0], n.line, f"{name}() sets the counter {word} "
                                   "again, and the core's count is not set" + BY_HAND)
            if not defined and not always(self.nodes[name][1].parts[0], n):
                raise NotConverted(self.nodes[name][0], n.line, f"{name}() sets the counter {word} "
                                   "in some cases only" + BY_HAND)

    def check_total(self, path, at, number):
        """The total of a parent's pool is the number that the counter started from.

        A counter that goes down starts from it in the function that registers, and nothing in it
        changes until then. A counter that goes up is compared with it, so nothing may change it
        afterwards.
        """
        new = self.a.d.new[path]
        line = self.a.d.original_line(path, line_of(new, at))
        name = function_at(new, at)
        old = next((body for n, _, body in functions(self.a.d.old[path]) if n == name), "")
        call = REGISTER.search(old)
        if not call or any(n.kind == "var" for _, n in self.a.counters.values()):
            raise NotConverted(path, line, "the counter is not one of the parent" + BY_HAND)
        words = re.findall(r"[A-Za-z_]\w*", number)
        starts = [(f, n) for c in self.a.counters for f, n in self.starting(c).items()
                  if not re.search(r"[=,] 0\)?$", n.text)]
        if starts:
            where = old.find(starts[0][1].text.partition("(")[0].split(" = ")[0])
            between = old[max(where, 0):call.start()].partition(";")[2]
            changed = [w for w in words if re.search(CHANGED.format(w), between)]
        else:
            # a name before -> is a local that leads to the number
            ends = re.findall(r"\b([A-Za-z_]\w*)\b(?!\s*(?:->|\.))", number)
            changed = [w for w in ends if self.changes_later(w, name, path, old[:call.start()])]
        other = next((f for f, _ in starts if f != name), None)
        if other:
            raise NotConverted(path, line, f"{other}() sets the parent's number, and the parent is "
                               "registered here, so a pool can't have it as its total"
                               + BY_HAND.replace(".max_instances", "the total"))
        if changed or len(starts) > 1:
            raise NotConverted(path, line, f"{changed[0] if changed else 'the number'} may change "
                               "after the parent's number is taken from it, so a pool can't have "
                               "it as its total" + BY_HAND.replace(".max_instances", "the total"))

    def changes_later(self, word, name, path, before):
        """Whether something but the function that registers, before it does, changes a name."""
        return any(re.search(r"\bmodule_param\w*\([^;]*\b%s\b" % word, t)
                   for t in self.callers.code.values()) or \
            self.callers.changes(word, name, path, before) is not None

    def check_create(self, name, run, number, count):
        """Success takes one slot, and there is success if and only if a slot is left."""
        path, admitted = self.nodes[name][0], False
        for value, after, n, _ in run.of(name, number, count):
            taken = run.instances(after, number) - count
            admitted |= value == 0
            if value == 0 and count >= number:
                raise NotConverted(path, n.line, f"{name}() admits an instance here when the driver"
                                   " shows none left" + BY_HAND)
            if value == 0 and taken != 1:
                raise NotConverted(path, n.line, f"{name}() succeeds here and takes "
                                   f"{amount(taken)}" + BY_HAND)
            if value and taken not in (0, 1):
                raise NotConverted(path, n.line, f"{name}() fails here and "
                                   + ("gives a slot back that it did not take" if taken < 0 else
                                      "takes " + amount(taken)) + BY_HAND)
        if not admitted and count < number:
            n = self.nodes[name][1]
            raise NotConverted(path, n.line, f"{name}() admits no instance while the driver shows "
                               "that some are left" + BY_HAND)

    def check_remove(self, name, run, number, count):
        """Remove gives one slot back; the core ignores its errors."""
        if not count:
            return
        path = self.nodes[name][0]
        for value, after, n, absent in run.of(name, number, count):
            given = count - run.instances(after, number)
            if given != 1 and not (given == 0 and (value or absent)):
                raise NotConverted(path, n.line, f"{name}() removes an instance here and gives back"
                                   f" {amount(given)}" + BY_HAND)


def always(nodes, n):
    """Whether a statement runs whenever its function goes on that far, a lock's scope apart."""
    return any(x is n or x.kind in ("block", "loop") and (
        x.kind == "block" or x.head.startswith("scoped_guard")) and always(x.parts[0], n)
        for x in nodes)


def amount(n):
    return "no slot" if n == 0 else "one slot" if n == 1 else f"{n} slots" if n > 0 else \
        f"{n} slots, that is, takes some"


class Run:
    """One run of a function with a counter of a known value."""
    def __init__(self, slots, counter, word, limit, counts, up):
        self.s, self.counter, self.word, self.limit, self.up = slots, counter, word, limit, up
        self.counts = counts

    def instances(self, value, number):
        return value if self.up else number - value

    def of(self, name, number, count):
        """The ends of a function: (value, counter, node of the end, no instance was there)."""
        start = count if self.up else number - count
        self.number, self.left = number, MOST
        return self.ends(name, start, ())

    def ends(self, name, value, calls):
        if name in calls:
            raise self.too_large(name)
        try:
            flow = self.s.flows.get(name) or Flow(self.s.nodes[name][1])
        except TooLarge:
            raise self.too_large(name) from None
        self.s.flows[name] = flow
        # the locals that a result comes from
        results = {s.text for s in flow.steps if s.op == "return" and s.text.isidentifier()}
        todo, seen, found = [(0, value, frozenset(), False)], set(), set()
        while todo:
            state = todo.pop()
            if state in seen:
                continue
            seen.add(state)
            self.left -= 1
            if self.left < 0:
                raise self.too_large(name)
            at, value, known, absent = state
            step = flow.steps[at]
            if step.op == "jump":
                todo.append((step.to[0], value, known, absent))
            elif step.op == "return":
                for result, now in self.results(step, value, known, (*calls, name)):
                    found.add((result, now, step.node, absent))
            elif step.op == "test":
                todo += self.test(step, value, known, absent, (*calls, name))
            else:
                todo += [(at + 1, now, env, absent) for now, env in
                         self.do(step, value, known, results, (*calls, name))]
        return found

    def too_large(self, name):
        p, n = self.s.nodes[name]
        return NotConverted(p, n.line, f"could not be verified: the paths through {name}() can't "
                            "be followed; convert the driver by hand")

    def inside(self, step):
        """The counting functions of the driver that a step calls."""
        if not step.node or not step.node.cursor:
            return []
        return [f for f in sorted(self.s.a.calls(own_part(step.node)))
                if f in self.s.nodes and self.s.reach(f) & self.counts.keys()]

    def counted(self, step):
        if not step.node or not step.node.cursor:
            return re.search(r"\b%s\b" % self.word, step.text)
        return self.counter in self.s.a.old.refs(own_part(step.node))

    def values(self, step, text, value, known, calls):
        """What an expression gives: [(value or None, counter then)]."""
        inner = self.inside(step)
        ends = [(value, {})]
        for f in inner:
            m = re.search(r"\b%s\s*\((?:[^()]|\([^()]*\))*\)" % f, text)
            if not m:
                raise self.unknown(step)
            text = text[:m.start()] + f"called_{f}" + text[m.end():]
            ends = [(now, {**env, "called_" + f: result}) for v, env in ends
                    for result, now, *_ in self.ends(f, v, calls)]
        found = []
        for now, env in ends:
            try:
                found.append(compute(text, self.word if self.counted(step) else None, self.limit,
                                     now, self.number, {**dict(known), **env}))
            except Unknown:
                if self.counted(step):
                    raise self.unknown(step) from None
                found.append((None, now))
        return found

    def unknown(self, step):
        path = next((p for p, n in self.s.nodes.values() if step.node in n.walk()), None)
        return NotConverted(path or self.s.a.d.seeds[0], step.node.line, "no rule can compute "
                            f"what this does to the counter {self.word}" + BY_HAND)

    def results(self, step, value, known, calls):
        """The values that a function may return there: 0 for success, -1 for an error."""
        if not step.text:
            return [(0, value)]
        found = []
        for result, now in self.values(step, step.text, value, known, calls):
            if result is None:
                error = re.match(r"\(?-|PTR_ERR", step.text)
                found += [(-1, now)] if error else [(0, now), (-1, now)]
            else:
                found.append((int(result), now))
        return found

    def test(self, step, value, known, absent, calls):
        """The states behind a condition."""
        if step.text == "?" or len(step.to) != 2:
            return [(to, value, known, absent) for to in step.to]
        found = []
        for result, now in self.values(step, step.text, value, known, calls):
            for branch, to in ((True, step.to[0]), (False, step.to[1])):
                if result is None or bool(result) == branch:
                    text = step.text[1:-1].strip() if step.text[:1] == "(" else step.text
                    gone = result is None and branch and bool(NO_INSTANCE.fullmatch(text))
                    found.append((to, now, known, absent or gone))
        return found

    def do(self, step, value, known, results, calls):
        """The states behind a statement: (counter, what is known of the locals)."""
        n, text, target = step.node, step.text, None
        if n.kind == "local":
            target, _, text = n.key, *text.partition(" = ")[1:]
        else:
            m = re.fullmatch(r"(\w+) = (.*)", text)
            if m and not (self.counted(step) and m.group(1) == self.word):
                target, text = m.groups()
        if not text:
            return [(value, known)]
        counted = self.counted(step) or self.inside(step)
        if not counted and target not in results and \
                not (target and text.isidentifier() and dict(known).get(text) is not None):
            return [(value, frozenset(x for x in known if x[0] != target))]
        found = []
        for result, now in self.values(step, text, value, known, calls):
            rest = frozenset(x for x in known if x[0] != target)
            if not target:
                found.append((now, known))
            elif result is not None:
                found.append((now, rest | {(target, int(result))}))
            elif target in results:
                error = re.match(r"\(?-|PTR_ERR", text)
                found += [(now, rest | {(target, x)}) for x in ((-1,) if error else (0, -1))]
            else:
                found.append((now, rest))
        return found
