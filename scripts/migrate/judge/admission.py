# SPDX-License-Identifier: GPL-2.0-only
"""Computes what a limit check admits, whatever its spelling: as many instances as the core will."""
import re

# the value of each call, and of the counter behind it, of counter c and the other argument
CALLS = {
    "atomic_read": lambda c, n: (c, c),
    "atomic_inc_return": lambda c, n: (c + 1, c + 1),
    "atomic_dec_return": lambda c, n: (c - 1, c - 1),
    "atomic_add_return": lambda c, n: (c + n, c + n),
    "atomic_sub_return": lambda c, n: (c - n, c - n),
    "atomic_fetch_inc": lambda c, n: (c, c + 1),
    "atomic_fetch_dec": lambda c, n: (c, c - 1),
    "atomic_dec_if_positive": lambda c, n: (c - 1, c - 1 if c > 0 else c),
    "atomic_inc_not_zero": lambda c, n: (int(c != 0), c + 1 if c else c),
    "before_inc": lambda c, n: (c + 1, c + 1),
    "before_dec": lambda c, n: (c - 1, c - 1),
    "behind_inc": lambda c, n: (c, c + 1),
    "behind_dec": lambda c, n: (c, c - 1),
}
# those without a value
STEPS = {
    "atomic_inc": lambda c, n: (0, c + 1),
    "atomic_dec": lambda c, n: (0, c - 1),
    "atomic_add": lambda c, n: (0, c + n),
    "atomic_sub": lambda c, n: (0, c - n),
    "atomic_set": lambda c, n: (0, n),
}
CAST = re.compile(r"\(\s*(?:unsigned |signed )?(?:int|long|u32|s32|unsigned|size_t)\s*\)\s*"
                  r"(?=\w|\()")
KNOWN = re.compile(r"(?:\b(?:C|N|\d+[uUlL]*|%s|atomic_add_unless|atomic_cmpxchg)\b|[-+*/<>=!(), ])*"
                   % "|".join(CALLS))


class Number(int):
    """An int with the operators of C: a comparison and ~, which stands for !, give 0 or 1."""
    def __invert__(self):
        return Number(not int(self))

    def __lt__(self, other):
        return Number(int(self) < int(other))

    def __le__(self, other):
        return Number(int(self) <= int(other))

    def __gt__(self, other):
        return Number(int(self) > int(other))

    def __ge__(self, other):
        return Number(int(self) >= int(other))

    def __eq__(self, other):
        return Number(int(self) == int(other))

    def __ne__(self, other):
        return Number(int(self) != int(other))

    def __add__(self, other):
        return Number(int(self) + int(other))

    def __sub__(self, other):
        return Number(int(self) - int(other))

    def __rsub__(self, other):
        return Number(int(other) - int(self))

    __radd__ = __add__
    __hash__ = int.__hash__


def spelling(text, counter, limit):
    """A condition with C for the counter and N for the limit; calls and ! as Python has them."""
    text = re.sub(r"\b(?:un)?likely\s*\(|\bREAD_ONCE\s*\(", "(", text)
    if not limit.isdigit():
        text = re.sub(r"(?<!\w)%s(?!\w)" % re.escape(limit), "N", text)
    text = CAST.sub("", text)
    # a call or a cast may give the structure
    given = r"(?:\w*\s*\((?:[^()]|\([^()]*\))*\)\s*->\s*)?"
    name = r"&?\s*(?<!\w)%s(?:\w+(?:\[[^\]]*\])?\s*(?:->|\.)\s*)*%s\b(?!\s*(?:->|\.))" \
        % (given, counter)
    text = re.sub(name, "C", text)
    for pattern, call in ((r"\+\+\s*C\b", "before_inc(C)"), (r"--\s*C\b", "before_dec(C)"),
                          (r"\bC\s*\+\+", "behind_inc(C)"), (r"\bC\s*--", "behind_dec(C)")):
        text = re.sub(pattern, call, text)
    return re.sub(r"(\d)[uUlL]+\b", r"\1", text)


def evaluate(code, count, names):
    """The value of an expression as spelling() gives it, and the counter then."""
    state = [count]

    def call(rule):
        def called(*args):
            other = next((int(a) for a in args if a is not counter), 1)
            value, state[0] = rule(state[0], other)
            return Number(value)
        return called

    def add_unless(_, number, unless):
        if state[0] == unless:
            return Number(0)
        state[0] += int(number)
        return Number(1)

    counter = Number(count)
    calls = {name: call(rule) for name, rule in {**CALLS, **STEPS}.items()}
    calls.update(C=counter, atomic_add_unless=add_unless, __builtins__={}, Number=Number)
    code = re.sub(r"(?<![\w])\d+", lambda m: f"Number({m.group(0)})", code)
    return eval(code, {**calls, **names}), state[0]


class Unknown(Exception):
    """No rule can compute an expression."""


def compute(text, counter, limit, count, number, known):
    """The value of an expression or statement, and the counter then.

    counter is the counter's name, or None where the expression does not have it; known has the
    values of local variables, by name, and None for one that is not known.
    """
    text = spelling(text, counter or "/", limit)
    m = re.fullmatch(r"C\s*([-+])?=(?!=)\s*(.*)", text)
    text = m.group(2) if m else text
    text = re.sub(r"-\s*E[A-Z0-9]+\b", "-1", text)
    text = re.sub(r"\btrue\b", "1", re.sub(r"\b(?:false|NULL)\b", "0", text))
    names = {x: Number(v) for x, v in known.items() if v is not None}
    words = set(re.findall(r"[A-Za-z_]\w*", text))
    if not words <= {*CALLS, *STEPS, "C", "N", "atomic_add_unless", *names} or \
            not re.fullmatch(r"[\w\s()<>=!,+*/-]*", text):
        raise Unknown
    code = re.sub(r"!(?!=)", "~", text)
    try:
        value, now = evaluate(code, count, {"N": Number(number), **names})
    except (SyntaxError, TypeError, NameError):
        raise Unknown from None
    if m:
        now = {None: 0, "+": count, "-": count}[m.group(1)] + int(value) * (
            -1 if m.group(1) == "-" else 1)
    return (int(value) if value is not None else None), now


class Check:
    """A limit check as a function of the counter."""
    def __init__(self, text, counter, limit):
        self.limit = limit
        self.text = spelling(text, counter, limit)
        self.known = bool(KNOWN.fullmatch(self.text))
        self.code = re.sub(r"!(?!=)", "~", self.text)

    def refuses(self, count, number):
        """Whether the check refuses at this count, and the count then."""
        value, now = evaluate(self.code, count, {"N": Number(number)})
        return bool(value), now

    def wrong(self, up):
        """What differs from a limit of so many instances, or None."""
        number = int(self.limit) if self.limit.isdigit() else 7
        counts = {*range(min(number, 20)), *range(max(number - 2, 0), number + 1)}
        for n in sorted(counts):
            left = number - n
            try:
                refused, _ = self.refuses(n if up else left, number)
            except (SyntaxError, TypeError, NameError):
                return "no rule can compute the limit check"
            if refused != (left == 0):
                return "this check refuses an instance while the driver shows that some are left" \
                    if refused else "this check admits an instance when the driver shows none left"
        return None
