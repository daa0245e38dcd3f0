# SPDX-License-Identifier: GPL-2.0-only
"""Accounts for the statements that a conversion removed from functions."""
import re

from migrate.driver import NotConverted
from migrate.judge.comparison import Comparison, walk

LOCK = re.compile(r"^(mutex_lock|spin_lock(?:_irq|_bh|_irqsave)?|down_write|down_read)\((.*)\)$")
UNLOCK = re.compile(r"^(mutex_unlock|spin_unlock(?:_irq|_bh|_irqrestore)?|up_write|up_read)"
                    r"\((.*)\)$")
LOCK_SETUP = ("mutex_init", "spin_lock_init", "mutex_destroy", "init_rwsem")
# calls without a side effect other than on their first argument, and messages
PURE = re.compile(r"^(atomic\w*|dev_get_drvdata|mdev_\w*(drvdata|dev|id|uuid|get)\w*|mtype_\w+"
                  r"|container_of|to_\w+|\w+_to_\w+|min\w*|max\w*|IS_ERR\w*|PTR_ERR|ARRAY_SIZE"
                  r"|__builtin_\w+|kobject_name|dev_name|dev_driver_string)$")
MESSAGES = re.compile(r"^(printk|(\w+_)?(dbg|debug|info|notice|warn|err)(_\w+)?)$")
DEBUG = re.compile(r"^(\w+_)?(dbg|debug)(_\w+)?$")
CHANGES = ("BINARY_OPERATOR", "COMPOUND_ASSIGNMENT_OPERATOR", "UNARY_OPERATOR")


class Statements(Comparison):
    """Decides about each removed statement: its kind, or a refusal."""
    def sequence(self, p, f, nodes, whole=False):
        """Account for the removed statements of one block of function f."""
        self.find_locals(f, whole)
        self.block(p, nodes, whole)

    def find_locals(self, f, whole):
        """The local variables that nothing uses now, and those that hold a count."""
        after = "" if whole else f.mate.text if getattr(f, "mate", None) else f.text
        self.unused, self.counting = set(), set()
        for x in f.walk():
            if x.kind == "local" and not re.search(r"\b%s\b" % x.key, after):
                self.unused.add(self.old.key(x.cursor))
        for c in f.cursor.get_arguments() if whole else ():
            self.unused.add(self.old.key(c))
        while True:
            size = len(self.counting)
            for x in f.walk():
                if x.gone and x.kind in ("local", "expr") and self.counts(x.cursor):
                    self.counting |= {self.old.key(x.cursor)} if x.kind == "local" else \
                        set(self.assigned(x.cursor))
            if size == len(self.counting):
                break

    def counts(self, cursor):
        """Whether an expression has a counter in it, directly or not."""
        refs = self.old.refs(cursor)
        return bool(refs.keys() & (self.counters.keys() | self.counting)) or \
            any(c.spelling in self.functions for c in refs.values())

    def assigned(self, cursor):
        """The places that an expression assigns to, calls apart: {key: cursor}."""
        found = {}
        for c in walk(cursor):
            kind, children = c.kind.name, list(c.get_children())
            if kind not in CHANGES or not children:
                continue
            left, tokens = children[0], [t.spelling for t in c.get_tokens()]
            if kind == "BINARY_OPERATOR":
                used = len(list(left.get_tokens()))
                if used >= len(tokens) or tokens[used] != "=":
                    continue
            if kind == "UNARY_OPERATOR" and "++" not in (tokens[0], tokens[-1]) and \
                    "--" not in (tokens[0], tokens[-1]):
                continue
            target = left
            while target.kind.name in ("UNEXPOSED_EXPR", "PAREN_EXPR", "ARRAY_SUBSCRIPT_EXPR") \
                    and list(target.get_children()):
                target = next(target.get_children())
            key = self.old.key(target.referenced) if target.referenced else None
            found[key or ("?", c.extent.start.offset)] = target
        return found

    def calls(self, cursor):
        """The names of the functions that an expression calls; "?" for one that has none.

        Debug messages may be compiled out, so that their arguments have no side effect.
        """
        found = set()
        if cursor.kind.name == "CALL_EXPR":
            found.add(cursor.spelling or "?")
            if DEBUG.match(cursor.spelling):
                return found
        for c in cursor.get_children():
            found |= self.calls(c)
        return found

    def pure(self, cursor, *names):
        """The first call with a side effect, or None."""
        return next((x for x in names or sorted(self.calls(cursor)) if not PURE.match(x)
                     and not MESSAGES.match(x) and x not in self.functions
                     and not self.only_computes(x)), None)

    def only_computes(self, name):
        """Whether a function of the driver has no side effect: it assigns to its locals only."""
        if name not in self.computes:
            self.computes[name] = False     # not for a function that calls itself
            body = next((n for t in self.old.trees.values() for n in t.nodes
                         if n.kind == "function" and n.key == name), None)
            self.computes[name] = body is not None and not self.pure(body.cursor) and all(
                x.cursor or x.kind == "entry" for x in body.walk()) and all(
                c.referenced and c.referenced.semantic_parent == body.cursor and
                c.kind.name == "DECL_REF_EXPR" for c in self.assigned(body.cursor).values())
        return self.computes[name]

    def block(self, p, nodes, whole):
        for i, n in enumerate(nodes):
            if n.gone:
                self.statement(p, nodes, i, whole)
            else:
                for part in n.parts:
                    self.block(p, part, whole)

    def unreachable(self, nodes, i):
        """Whether control reaches a removed statement only through a removed label."""
        for j in range(i - 1, -1, -1):
            if nodes[j].kind == "label" and nodes[j].gone and j and nodes[j - 1].kind in (
                    "return", "jump"):
                return True
            if not nodes[j].gone:
                return False
        return False

    def statement(self, p, nodes, i, whole):
        n = nodes[i]
        if n.cursor is None:
            self.refuse(p, n, f'clang can\'t parse "{n.text[:60]}"')
        if n.kind == "label":
            return self.note(p, n, "label that nothing jumps to")
        if self.unreachable(nodes, i):
            return self.note(p, n, "error path of the limit check")
        if self.registration(n):
            return self.note(p, n, "registration, now with pools")
        if n.kind == "jump" or n.kind == "return":
            return self.jump(p, nodes, n, whole)
        if n.kind == "local":
            return self.local(p, n)
        if n.text.startswith("scoped_guard("):
            return self.scope(p, n, whole)
        if n.kind in ("if", "loop"):
            return self.condition(p, nodes, i, whole)
        if n.kind == "block":
            self.block(p, n.parts[0], whole)
            return None
        if n.kind == "expr":
            return self.expression(p, nodes, i)
        return self.refuse(p, n, f'the rules would remove "{n.text[:60]}"')

    def registration(self, n):
        """Whether a removed statement registers the parent, and a new one does so with pools."""
        call = re.search(r"\bmdev_register_(?:parent|device)\((.*)\)", n.text)
        new = {x.key: x.text for t in self.new.trees.values() for x in t.nodes
               if x.kind == "function" and x.fresh}
        with_pools = [x for x in n.instead if "_pools(" in x.text or any(
            f"{f}(" in x.text and "_pools(" in text for f, text in new.items())]
        return bool(call and with_pools)

    def jump(self, p, nodes, n, whole):
        if whole and n.kind == "return":
            return self.note(p, n, "result of a function that only counts")
        m = re.fullmatch(r"goto (\w+)", n.text)
        if m and n.instead and any(x.kind == "return" for x in n.instead):
            return self.note(p, n, "jump to a label that only returns now")
        return self.refuse(p, n, f'the rules would remove "{n.text[:60]}"')

    def local(self, p, n):
        if self.old.key(n.cursor) not in self.unused:
            self.refuse(p, n, f"the rules would remove the local variable {n.key}, which is in use")
        call = self.pure(n.cursor)
        if call:
            self.refuse(p, n, f"the rules would remove a call of {call}()")
        return self.note(p, n, "local variable of the count")

    def condition(self, p, nodes, i, whole):
        """A limit check goes with all of its body; another condition only with counting in it."""
        n = nodes[i]
        head = [c for c in walk(n.condition)]
        call = self.pure(n.condition) if n.kind == "if" else None
        if call:
            self.refuse(p, n, f"the rules would remove a call of {call}()")
        logical = any(t in n.head for t in ("&&", "||"))
        if n.kind == "if" and logical and self.counts(n.condition):
            raise NotConverted(p, n.line, "the check of the limit decides something else too: "
                                          "split it into two checks")
        if head and self.counts(n.condition):
            if n.kind == "if" and n.parts[1]:
                self.refuse(p, n, "the limit check has an else branch")
            self.checks.append((p, n, nodes[:i]))
            return self.note(p, n, "limit check")
        if n.kind == "if" and any(c.kind.name == "MEMBER_REF_EXPR" for c in head):
            self.refuse(p, n, f'an instance gives its slot back only if "{n.head[:60]}"')
        if not any(self.counts(x.cursor) for part in n.parts for x in part if x.cursor):
            self.refuse(p, n, f'the rules would remove "{n.head[:60]}"')
        for part in n.parts:
            for x in part:
                x.gone = True
            self.block(p, part, whole)
        return self.note(p, n, "condition of a removed count")

    def expression(self, p, nodes, i):
        n = nodes[i]
        lock = self.lock(nodes, i)
        if lock:
            return self.note(p, n, lock)
        setup = self.calls(n.cursor) & set(LOCK_SETUP)
        if setup and any(self.old.key(x.cursor) in self.old.refs(n.cursor)
                         for _, x in self.gone("var", "field")):
            return self.note(p, n, "lock that guards nothing else")
        call = self.pure(n.cursor)
        if call:
            self.refuse(p, n, f"the rules would remove a call of {call}()")
        assigned = self.assigned(n.cursor)
        other = [k for k in assigned if k not in self.counters and k not in self.unused]
        kept = [k for k in other if not self.counts(n.cursor) or k[0] == "?"
                or self.d.old and assigned[k].referenced.kind.name == "FIELD_DECL"]
        if kept:
            self.refuse(p, n, f'the rules would remove "{n.text[:60]}", which assigns to something '
                              "else than the counter")
        if self.counts(n.cursor):
            return self.note(p, n, "use of the counter")
        if assigned:
            return self.note(p, n, "value for the count")
        return self.refuse(p, n, f'the rules would remove "{n.text[:60]}"')

    def scope(self, p, n, whole):
        """A scoped guard goes if all that it guards can go."""
        for x in n.parts[0]:
            x.gone = True
        self.block(p, n.parts[0], whole)
        return self.note(p, n, "lock that guards nothing else here")

    def lock(self, nodes, i):
        """A lock or unlock call whose partner and everything between them go too.

        A guard goes if a return, at most, is left of what it guards.
        """
        if nodes[i].text.startswith("guard("):
            left = [x for x in nodes[i + 1:] if not x.gone and x.kind != "return"]
            some = any(x.gone for x in nodes[i + 1:])
            return "lock that guards nothing else here" if some and not left else None
        for here, there, step in ((LOCK, UNLOCK, 1), (UNLOCK, LOCK, -1)):
            m = here.match(nodes[i].text)
            if not m:
                continue
            j = i + step
            while 0 <= j < len(nodes) and nodes[j].gone:
                other = there.match(nodes[j].text)
                if other and other.group(2).split(",")[0] == m.group(2).split(",")[0]:
                    return "lock that guards nothing else here"
                j += step
        return None
