# SPDX-License-Identifier: GPL-2.0-only
"""Accounts for everything that a conversion removed, by what C says it is.

The rules of cocci/ match shapes. Here the driver is parsed before and after, and each removed
declaration and statement must belong to the counter, to its attribute, or to code that serves them
alone. Anything else, and anything that the parser can't resolve, is a refusal.
"""
import difflib
import re
import tempfile

from migrate.c_text import conditional_lines, line_of, macro_lines, plain, with_bound
from migrate.driver import NotConverted
from migrate.judge.admission import Check
from migrate.judge.amounts import check_amounts
from migrate.judge.comparison import unverified
from migrate.judge.front_end import FrontEnd
from migrate.judge.numbers import check_numbers
from migrate.judge.slots import Slots
from migrate.judge.statements import Statements
from migrate.judge.syntax import squeeze

UNSIGNED = {"UINT", "ULONG", "ULONGLONG"}
LOCKS = re.compile(r"\b(struct mutex|raw_spinlock_t|spinlock_t|struct spinlock"
                   r"|struct rw_semaphore)\b")

PRINT = re.compile(r"^(s|sn|scn)printf$|^sysfs_emit\w*$|^(mutex|spin|read|write|down|up)_\w+$")
# strings, pointer casts and the way from a member to its structure
NO_VALUE = re.compile(r"\"(?:\\.|[^\"\\])*\"|\([\w\s]+\*+\s*\)"
                      r"|\b(?:container_of|\w+_entry)\([^()]*\)")
# a constant that is shown, and what tests a function's arguments
SHOWN = re.compile(r"return (?:\w+\([^()]*, )?(\w+)\)?")
ASSERT = re.compile(r"(WARN_ON(_ONCE)?|BUG_ON|lockdep_assert_held|might_sleep"
                    r"|(pr|dev)_(debug|dbg))\(")
# a pool with the number of instances of one parent
POOL = re.compile(r"\(const struct mdev_pool\)\{\s*\.name = \"instances\",\s*"
                  r"\.total = " + with_bound(r"([^{}]+?)") + r",\s*\}")
# macros that do not change a value
NAMED_ALIKE = {"READ_ONCE", "data_race", "likely", "unlikely"}
# a number that never gets negative
CLAMP = re.compile(r"([\w.()&]+) <=? \(?limit\)? \? \(?limit\)? - \1 : 0")
# the start of a statement, up to a value that it shows or keeps
HEAD = re.compile(r"^(?:return )?\w+\(\w+, (?:\w+, )?(?=\")|^[^=]* = ")
# what the core prints
PLAIN = re.compile(r"\"%(?:hh?|ll?|z)?[diu](?:\\n)?\"")


class Account(Statements):
    """What a conversion removed from one driver, each piece with its kind."""
    # whether the counter counts up, and the limit minus the counter is shown
    up = False

    def judge(self):
        for p in self.d.changed():
            if p not in self.old.trees:
                raise unverified(p, 1, "no .c file of the driver includes this header")
        self.find_counters()
        self.check_counter()
        slots = self.find_slots()
        self.check_messages(r"undeclared identifier|no member named")
        for p, tree in self.old.trees.items():
            for n in tree.nodes:
                self.top_level(p, n)
        self.check_messages()
        self.check_limits()
        check_numbers(self)
        check_amounts(self)
        for p, n in self.gone_functions() if list(self.limits()) else ():
            if n.key in self.shows and not self.is_api(p, n.key):
                self.check_show(p, n)
        self.check_admission()
        if slots:
            slots.judge(next(number for _, _, number in self.limits()), self.up)
        for p, n in self.gone_functions():
            if self.is_api(p, n.key):
                self.check_api_show(p, n)
        self.check_hidden_uses()
        for p in self.d.changed():
            self.check_comments(p)
        return sorted(self.removed)

    # ---- does .max_instances take the place of a counter?

    def limits(self):
        """The new limits: (path, offset in the new text, number without the bound of 0)."""
        for p in self.d.changed():
            for m in re.finditer(r"(?:\.|->)max_instances\s*=\s*" + with_bound(r"([^,;]+)"),
                                 self.d.new[p]):
                if m.group(0) not in self.d.old[p]:
                    yield p, m.start(), m.group(1)
            for m in POOL.finditer(self.d.new[p]):
                yield p, m.start(), m.group(1)

    def check_counter(self):
        if self.counters or self.shown_limit() or not list(self.limits()):
            return
        for p, n in self.gone_functions():
            if n.key not in self.shows or self.is_api(p, n.key):
                continue
            for path, line, text in self.old.said("incomplete"):
                if path == p and n.line <= line <= n.last_line:
                    raise NotConverted(p, line, f"could not be verified: {text}: run again "
                                                "with the file that defines it")
            raise NotConverted(p, n.line, f"{n.key}() reads no counter of the driver, it computes "
                                          "the number: set .max_instances by hand")

    def shown_limit(self):
        """Whether the limit is the constant that was shown, and the owner says that it is meant."""
        if "shown" not in self.d.limit_words:
            return False
        shown = [[x.text for x in n.walk() if x is not n] for p, n in self.gone_functions()
                 if n.key in self.shows and not self.is_api(p, n.key)]
        limits = {number for _, _, number in self.limits()}
        return bool(shown) and all(len(body) == 1 and SHOWN.fullmatch(body[0]) and {
            SHOWN.fullmatch(body[0]).group(1)} == limits for body in shown)

    def check_api_show(self, p, f):
        """The function prints one constant; an assertion before that goes with it."""
        returns = 0
        self.find_locals(f, True)
        for n in f.walk():
            returns += n.kind == "return"
            known = n is f or n.kind == "return" or n.kind == "local" and not self.pure(n.cursor) \
                or n.kind == "expr" and ASSERT.match(n.text)
            if not known or returns > 1 or not self.assigned(n.cursor).keys() <= self.unused:
                raise NotConverted(p, n.line, f"{f.key}() does more than print one constant: set "
                                              ".device_api by hand")

    def check_show(self, p, f):
        """The function shows the counter, or a limit minus the counter, and does nothing else."""
        minus, by_hand = 0, "the core would show another number: set .max_instances by hand"
        self.find_locals(f, True)
        for n in f.walk():
            if n is f:
                continue
            call = next((x for x in sorted(self.calls(n.cursor)) if not PRINT.match(x)
                         and self.pure(n.cursor, x)), None) if n.cursor else n.text
            if n.kind not in ("local", "expr", "return") or call or \
                    not self.assigned(n.cursor).keys() <= self.unused:
                raise NotConverted(p, n.line, f"{f.key}() does more than show the counter: "
                                              + by_hand)
            names = "|".join(x.key for _, x in self.counters.values()) or "/"
            macro = re.search(r"\b(?!return\b)(\w+)\((?=(?:[^()]|\([^()]*\))*(?:\([^()]*)?"
                              r"\b(?:%s)\b)" % names, NO_VALUE.sub("", HEAD.sub("", n.text)))
            if macro and n.cursor and macro.group(1) not in self.calls(n.cursor) | NAMED_ALIKE:
                raise NotConverted(p, n.line, f"{f.key}() shows {macro.group(1)}() of the counter: "
                                              + by_hand)
            formats = [x for x in re.findall(r"\"(?:\\.|[^\"\\])*\"", n.text) if x != '""']
            if any(not PLAIN.fullmatch(x) for x in formats):
                raise NotConverted(p, n.line, f"{f.key}() shows more than the number, or not as a "
                                   "decimal: " + by_hand)
            value = n.text.partition(" = ")[2] if n.kind == "local" else n.text
            value = NO_VALUE.sub("", value).replace("->", ".")
            for _, _, limit in self.limits():
                value = value.replace(limit.replace("->", "."), "limit")
            value = CLAMP.sub(r"limit - \1", value)
            minus += value.count("-")
            self.up |= minus > 0
            if re.search(r"[+/%?|^~!<>*]|&&|==|[\w)] ?& ?[\w(]", value) or minus > 1:
                raise NotConverted(p, n.line, f"{f.key}() computes more than the counter or a "
                                              f"limit minus the counter: {by_hand}")

    def check_admission(self):
        """Each limit check admits as many instances as the core will."""
        limit = next((number for _, _, number in self.limits()), None)
        for p, n, before in self.checks if limit else ():
            counter = next(k for k in self.counters if k in self.old.refs(n.condition)) \
                if self.old.refs(n.condition).keys() & self.counters.keys() else None
            condition = re.sub(r"^(if|while) ?", "", n.head)
            if counter is None:
                counter, condition = self.value_of_check(n, before, condition)
            if counter is None:
                continue
            check = Check(condition, self.counters[counter][1].key, limit)
            if not check.known:
                raise NotConverted(p, n.line, f"the limit check is not a comparison of the counter "
                                   f"with {limit}, the limit that is shown: set .max_instances by "
                                   "hand")
            wrong = check.wrong(self.up)
            if not wrong and re.search(r"\bN\s*-\s*\d", check.text) and \
                    self.has_no_sign(counter, limit):
                wrong = f"where {limit} is 0 this check admits any number: the result of its " \
                        "subtraction has no sign"
            if wrong:
                raise NotConverted(p, n.line, wrong + ": set .max_instances by hand")

    def has_no_sign(self, counter, limit):
        """Whether the limit is in a variable, and that or the counter is unsigned and not narrower
        than an int."""
        name = re.search(r"\w*$", limit).group(0)
        found = [x for tree in self.old.trees.values() for n in tree.nodes
                 for x in (n, *(f for part in n.parts for f in part))
                 if x.kind in ("var", "field") and x.key == name and x.cursor]
        return bool(found) and any(x.cursor.type.get_canonical().kind.name in UNSIGNED
                                   for x in (*found, self.counters[counter][1]))

    def find_slots(self):
        """The counters as slots of one parent, if .max_instances takes their place."""
        slots = Slots(self)
        slots.check_parents()
        if not self.counters or not list(self.limits()):
            return None
        slots.check_types()
        slots.check_places()
        for p, at, number in self.limits():
            if self.d.of_parent and POOL.match(self.d.new[p], at):
                slots.check_total(p, at, number)
        return slots

    def value_of_check(self, n, before, condition):
        """The counter whose value a local has that the check compares, and the condition on it."""
        for x in reversed(before):
            m = re.fullmatch(r"(\w+) = (.*)", x.text)
            keys = [k for k in self.old.refs(x.cursor) if k in self.counters] if x.cursor else []
            if x.gone and m and keys:
                return keys[0], re.sub(r"\b%s\b" % m.group(1), lambda _: f"({m.group(2)})",
                                       condition)
        return None, condition

    def check_limits(self):
        for p, at, number in self.limits():
            line = self.d.original_line(p, line_of(self.d.new[p], at))
            if not self.counters and not self.shown_limit():
                raise unverified(p, line, "no removed variable or member counts instances")
            for path, n, value in self.start_values():
                if value not in (number.strip(), "0"):
                    raise NotConverted(path, n.line, f"the counter is set to {value} here, and the "
                                       f"limit would be {number}: set .max_instances by hand")

    def start_values(self):
        """The values that removed statements give the counter: (path, node, value)."""
        for p, n in self.gone_code():
            m = re.fullmatch(r"atomic\w*_set\(&?[^,]+, (.+)\)|[\w.>\[\]-]+ = ([^=;]+)", n.text)
            names = "|".join(x.key for _, x in self.counters.values())
            step = m and re.search(r"\b(?:%s)\b" % names, m.group(1) or m.group(2))
            if m and not step and n.kind == "expr" and \
                    self.old.refs(n.cursor).keys() & self.counters.keys() and \
                    set(self.assigned(n.cursor)) <= self.counters.keys():
                yield p, n, bare(m.group(1) or m.group(2))

    # ---- code and comments that the parser does not see

    def check_hidden_uses(self):
        """No use of a removed name in a macro, or in a branch of #if that clang may not see.

        A macro may mean another declaration of that name; clang reads the places that use it.
        """
        names = {n.key for _, n in self.gone("field", "var", "function")} - {""}
        left = {x.key for t in self.new.trees.values() for n in t.nodes for x in (n, *n.walk())}
        if not names:
            return
        used = re.compile(r"(?<![\"'])\b(?:%s)\b" % "|".join(sorted(names)))
        for p, text in self.d.new.items():
            inside, macros = conditional_lines(text), macro_lines(text)
            for i, line in enumerate(plain(text).split("\n"), 1):
                m = used.search(line) if i in inside | macros else None
                if m and (i not in macros or m.group(0) not in left):
                    raise NotConverted(p, self.d.original_line(p, i),
                                       f"the rules would remove {m.group(0)}, and this line in a "
                                       "macro or inside #if names it: remove it by hand")

    def check_comments(self, p):
        """A comment goes only with code that it stands in, beside or above."""
        gone = {x for n in self.gone_nodes(p) for x in range(n.line, n.last_line + 1)}
        # {line of a structure: the members that it lost}
        lost = {n.line: [x.key for x in n.parts[0] if x.gone]
                for n in self.old.trees[p].nodes if n.kind == "struct"}
        old, new = comments(self.d.old[p]), comments(self.d.new[p])
        texts = [x for x, _, _ in old], [x for x, _, _ in new]
        matcher = difflib.SequenceMatcher(None, *texts, autojunk=False)
        for tag, i1, i2, _, _ in matcher.get_opcodes():
            for text, first, last in old[i1:i2] if tag != "equal" else ():
                # the kernel-doc of a structure loses the lines of a removed member
                members = "|".join(lost.get(last + 1) or ["/"])
                doc = re.sub(r" \* @(?:%s):.*?(?= \* @| \* \* | \*/)" % members, "", text)
                if not gone & set(range(first, last + 3)) and doc not in texts[1]:
                    raise unverified(p, first, "the rules would change this comment")
    # ---- does the compiler find anything new?

    def check_messages(self, pattern=""):
        for path, line, text in self.new.said(pattern, self.old.messages):
            raise unverified(path, self.d.original_line(path, line),
                             f"clang reports a new problem, {text}")
    # ---- declarations

    def top_level(self, p, n):
        if not n.gone:
            return self.changed_top_level(p, n)
        if n.kind == "function":
            return self.gone_function(p, n)
        if n.kind == "prototype" and n.key in self.functions:
            return self.note(p, n, "declaration of a removed function")
        if n.kind == "var":
            return self.gone_variable(p, n)
        if n.kind == "struct":
            keys = {self.old.key(x.cursor) for x in n.parts[0] if x.cursor}
            if keys & self.counters.keys():
                return self.note(p, n, "structure of counters")
        return self.refuse(p, n, f'the rules would remove "{n.text[:60]}"')

    def gone_variable(self, p, n):
        kind = n.cursor.type.spelling
        name = n.text + n.key.replace("mdev_type_attr_", " ")
        if "mdev_type_attribute" in kind and \
                re.search(r"\b(device_api|available_instances)\b", name):
            return self.note(p, n, "attribute")
        return self.gone_member(p, n)

    def gone_member(self, p, n):
        if self.old.key(n.cursor) in self.counters:
            return self.note(p, n, "counter")
        if LOCKS.search(n.cursor.type.spelling):
            return self.note(p, n, "lock that guards nothing else")
        of_counters = {x.cursor.semantic_parent.spelling for _, x in self.counters.values()}
        if any(f"struct {s}" == n.cursor.type.spelling for s in of_counters if s):
            return self.note(p, n, "structure of counters")
        return self.refuse(p, n, f"the rules would remove {n.key}, and the function that shows the "
                                 "number of instances does not read it")

    def changed_top_level(self, p, n):
        # the initializer of counters goes, and so does const of the callbacks
        empty = n.rewritten and n.kind == "var" and all(x.gone for x in n.parts[0]) and \
            n.head.removesuffix(" =") == n.mate.head
        if n.rewritten and not empty and not (
                n.kind == "var" and n.head.replace("const ", "", 1) == n.mate.head):
            self.refuse(p, n, f'the rules would change "{n.head[:60]}"')
        for part in n.parts:
            if n.kind == "function":
                self.sequence(p, n, part)
                continue
            for x in part:
                if x.gone and x.kind == "field":
                    self.gone_member(p, x)
                elif x.gone and x.kind == "entry":
                    self.gone_entry(p, n, x)
                elif x.gone:
                    self.refuse(p, x, f'the rules would remove "{x.text[:60]}"')
        return None

    def gone_entry(self, p, n, x):
        """An entry of an initializer: the attribute or the callback."""
        if re.fullmatch(r"&\w+\.attr", x.text) and any(
                "mdev_type_attribute" in y.cursor.type.spelling and f"&{y.key}.attr" == x.text
                for _, y in self.gone("var")):
            return self.note(p, x, "attribute")
        m = re.fullmatch(r"\.(\w+) = (?:ATOMIC_INIT\()?\(?([^()]*)\)?\)?", x.text)
        if m and m.group(1) in {y.key for _, y in self.counters.values() if y.kind == "field"}:
            for _, _, limit in self.limits():
                if m.group(2) not in (limit, "0"):
                    raise NotConverted(p, x.line, f"the counter starts with {m.group(2)}, and the "
                                       f"limit would be {limit}: set .max_instances by hand")
            return self.note(p, x, "counter")
        m = re.fullmatch(r"\.get_available = (\w+)", x.text)
        if m and m.group(1) in self.shows or x.text == ".get_available = NULL":
            return self.note(p, x, "callback that shows the number of instances")
        return self.refuse(p, x, f'the rules would remove the initializer "{x.text[:60]}" '
                                 f"of {n.key}")
    def gone_function(self, p, n):
        if n.key in self.shows:
            return self.note(p, n, "function that shows the attribute")
        if n.key not in self.functions:
            self.refuse(p, n, f"the rules would remove {n.key}(), which does not count")
        for x in n.walk():
            x.gone = True
        self.sequence(p, n, n.parts[0], whole=True)
        return self.note(p, n, "function that only counts")


def bare(value):
    """A value without the brackets around all of it."""
    return value[1:-1].strip() if re.fullmatch(r"\([^()]*\)", value) else value


def comments(text):
    """The comments of a file: [(text, first line, last line)]."""
    found = []
    for m in re.finditer(r"\"(?:\\.|[^\"\\\n])*\"|(/\*.*?\*/|//[^\n]*)", text, re.S):
        if m.group(1):
            found.append((squeeze(m.group(1)), line_of(text, m.start()), line_of(text, m.end())))
    return found


def parsed_files(d):
    """The .c files that a conversion reaches: changed ones, one that includes each changed header,
    and those that use a name on a removed line of a changed header."""
    changed = set(d.changed())
    headers = {h for h in changed if h.endswith(".h")}
    lost = {h: set() for h in headers}
    for h in headers:
        lines = plain(d.old[h]).split("\n")
        for i1, i2, _, _ in d.changes(h):
            lost[h] |= set(re.findall(r"\b(\w+)\s*(?=[;,\[=(:{])", "\n".join(lines[i1:i2])))
        for name, body in re.findall(r"(?m)^#\s*define\s+(\w+)((?:\\\n|.)*)", plain(d.new[h])):
            if lost[h] & set(re.findall(r"\w+", body)):
                lost[h].add(name)
    found = [p for p in changed if p.endswith(".c")]
    for p in d.old:
        seen = headers & set(d.included_by(p)) if p.endswith(".c") else set()
        new = not all(any(h in d.included_by(q) for q in found) for h in seen)
        words = set(re.findall(r"\w+", plain(d.new[p]))) if seen else set()
        if p not in found and (new or any(words & lost[h] for h in seen)):
            found.append(p)
    return sorted(found)


def account(d):
    """Everything that the conversion removed: [(path, line, kind, text)]; or NotConverted."""
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        front = FrontEnd(tmp, d.old, d.new)
        return Account(d, front, parsed_files(d)).judge()
