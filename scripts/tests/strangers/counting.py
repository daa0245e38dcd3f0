# SPDX-License-Identifier: GPL-2.0-only
"""The part of a generated driver that counts: the counter, the limit, create and remove."""
import re

# (kind of the counter, direction, whether the check counts too, condition, undo in the branch)
CHECKS = [
    ("int", "up", False, "$C >= $L", ""),
    ("int", "up", False, "$C == $L", ""),
    ("int", "up", False, "$C + 1 > $L", ""),
    ("int", "up", False, "!($C < $L)", ""),
    ("int", "up", False, "$L <= $C", ""),
    ("int", "up", False, "$L == $C", ""),
    ("int", "up", False, "$C > $L - 1", ""),
    ("int", "up", False, "$L - $C <= 0", ""),
    ("int", "up", False, "!($L - $C)", ""),
    ("int", "up", True, "$C++ >= $L", "$C--;"),
    ("int", "up", True, "++$C > $L", "$C--;"),
    ("int", "down", False, "!$C", ""),
    ("int", "down", False, "$C == 0", ""),
    ("int", "down", False, "0 == $C", ""),
    ("int", "down", False, "$C <= 0", ""),
    ("int", "down", False, "$C < 1", ""),
    ("int", "down", False, "!($C > 0)", ""),
    ("int", "down", True, "--$C < 0", "$C++;"),
    ("int", "down", True, "$C-- <= 0", "$C++;"),
    ("atomic", "down", True, "atomic_dec_if_positive(&$C) < 0", ""),
    ("atomic", "down", True, "0 > atomic_dec_if_positive(&$C)", ""),
    ("atomic", "down", True, "atomic_dec_return(&$C) < 0", "atomic_inc(&$C);"),
    ("atomic", "down", True, "!atomic_add_unless(&$C, -1, 0)", ""),
    ("atomic", "down", False, "!atomic_read(&$C)", ""),
    ("atomic", "down", False, "atomic_read(&$C) <= 0", ""),
    ("atomic", "down", False, "atomic_read(&$C) < 1", ""),
    ("atomic", "up", True, "atomic_inc_return(&$C) > $L", "atomic_dec(&$C);"),
    ("atomic", "up", True, "atomic_add_return(1, &$C) > $L", "atomic_dec(&$C);"),
    ("atomic", "up", True, "atomic_fetch_inc(&$C) >= $L", "atomic_dec(&$C);"),
    ("atomic", "up", True, "!atomic_add_unless(&$C, 1, $L)", ""),
    ("atomic", "up", False, "atomic_read(&$C) >= $L", ""),
    ("atomic", "up", False, "$L <= atomic_read(&$C)", ""),
]
# these compare with a number below 0
UNSIGNED_NEVER = ("--$C < 0", "$C-- <= 0", "$L - $C <= 0")
# these admit any number of instances where the limit is below 0
BELOW_ZERO_ANY = re.compile(r"==|^!|atomic_dec_if_positive")
# and so does a subtraction from a limit of 0 without a sign
NO_SIGN = r"where \S+ is 0 this check admits any number"
TAKE = {"mutex": ("mutex_lock(&$M);", "mutex_unlock(&$M);"),
        "spinlock": ("spin_lock(&$M);", "spin_unlock(&$M);"),
        "irqsave": ("spin_lock_irqsave(&$M, flags);", "spin_unlock_irqrestore(&$M, flags);")}


def indented(lines, tabs=1):
    return "".join("\t" * tabs + x + "\n" for x in lines)


class Count:
    """The choices about counting, and the code that they give."""
    def __init__(self, driver):
        self.d, s = driver, driver.s
        self.kind = s.pick("counter", (3, "int"), (2, "atomic"))
        self.direction = s.pick("direction", "up", "down")
        self.place = s.pick("place of the counter", (6, "static"), "member", (2, "structure"))
        self.type = "atomic_t" if self.kind == "atomic" else \
            s.pick("type of the counter", (5, "int"), (3, "unsigned int"), (2, "u32"), (1, "u8"))
        self.name = s.pick("name of the counter", "used", "avail", "count", "free")
        self.limit_kind = s.pick("limit", (4, "literal"), (4, "macro"), (3, "parameter"),
                                 (1, "enum"), (1, "ARRAY_SIZE"), (1, "sum"),
                                 *([(3, "of the parent")] if self.place == "member" else []))
        self.limit = {"literal": "4", "macro": "$U_LIMIT", "parameter": "@_most",
                      "enum": "$U_SLOTS", "ARRAY_SIZE": "(int)ARRAY_SIZE(@_slots)",
                      "sum": "($U_LIMIT + 1)", "of the parent": "hw->slots"}[self.limit_kind]
        if self.direction == "down" and self.limit_kind in ("parameter", "ARRAY_SIZE") \
                and self.place != "member":
            # C has no such initializer
            self.starts = "later"
        else:
            self.starts = s.pick("start of the counter", "declaration", (1, "later")) \
                if self.place == "static" and self.direction == "down" else \
                "later" if self.direction == "down" and self.place == "member" else "declaration"
        signed = self.type in ("int", "atomic_t")
        candidates = [(4, x) for x in CHECKS if x[:2] == (self.kind, self.direction)
                      and (signed or x[3] not in UNSIGNED_NEVER)]
        self.check = s.pick("check", *candidates)
        self.lock = s.pick("lock", (6, None), (3, "mutex"), (2, "spinlock"), (1, "irqsave"),
                           (1, "guard"), (1, "scoped_guard"))
        if self.lock in ("spinlock", "irqsave", "scoped_guard"):
            self.whole = False
        elif self.lock == "guard":
            self.whole = True
        else:
            self.whole = self.lock and s.pick("lock over the whole function", (1, True),
                                              (2, False))
        self.branch = s.pick("branch of the check", (5, "return"), (2, "braces"), (2, "goto"),
                             (1, "message"), (1, "ret and goto"))
        self.unlikely = s.pick("unlikely()", (1, True), (5, False))
        self.error = s.pick("error path", (3, "in place"), (3, "labels"), (1, "single exit"))
        self.late = not self.check[2] and s.pick("counts", (3, "late"), (2, "early")) == "late"
        self.step = s.pick("step", (6, "++"), (1, "before"), (1, "+= 1"), (1, "= + 1")) \
            if self.kind == "int" else s.pick("step", (6, "++"), (1, "+= 1"))

    # ---- words

    def words(self):
        return {"C": self.counter, "L": self.limit, "M": self.mutex, "name": self.name}

    @property
    def counter(self):
        return {"static": f"@_{self.name}", "member": f"hw->{self.name}",
                "structure": f"@_state.{self.name}"}[self.place]

    @property
    def mutex(self):
        return {"static": "@_lock", "member": "hw->lock",
                "structure": "@_state.lock"}[self.place]

    def member_names(self):
        if self.place != "member":
            return []
        return [self.name] + (["lock"] if self.lock else []) + (
            ["slots"] if self.limit_kind == "of the parent" else [])

    def lock_type(self):
        return "spinlock_t" if self.lock in ("spinlock", "irqsave") else "struct mutex"

    def members(self):
        if self.place != "member":
            return []
        return [f"\t{self.type} {self.name};\n"] + (
            [f"\t{self.lock_type()} lock;\n"] if self.lock else []) + (
            ["\tint slots;\n"] if self.limit_kind == "of the parent" else [])

    def start_value(self):
        return self.limit if self.direction == "down" else "0"

    def variables(self):
        """Constants, definitions at file scope, and those of them that another file needs."""
        apart = self.d.files == "attributes apart"
        static = "" if apart else "static "
        constants = {"macro": "#define $U_LIMIT 4\n", "sum": "#define $U_LIMIT 4\n",
                     "enum": "enum { $U_SLOTS = 4 };\n"}.get(self.limit_kind, "")
        found, extern = [], []

        def define(what, start="", lock=False):
            found.append(("static " if lock and self.place == "static" else static)
                         + what + start + ";\n")
            extern.append("" if lock else f"extern {what};\n")

        if self.limit_kind == "ARRAY_SIZE":
            define("int @_slots[4]")
        no_sign = "$L - 1" in self.check[3] and self.type in ("unsigned int", "u32")
        if self.limit_kind == "of the parent" and no_sign:
            self.d.s.refused(NO_SIGN)
        if self.limit_kind == "parameter":
            kind = self.d.s.pick("type of the parameter", "int", "unsigned int")
            below = kind == "int" and self.type in ("int", "atomic_t") and \
                not BELOW_ZERO_ANY.search(self.check[3])
            value = self.d.s.pick("value of the parameter", (6, "4"), (2, "0"),
                                  *([(2, "-1")] if below else []))
            define(f"{kind} @_most", f" = {value}")
            found.append("module_param(@_most, " + ("int" if kind == "int" else "uint")
                         + ", 0444);\n")
            if no_sign or "$L - 1" in self.check[3] and kind == "unsigned int":
                self.d.s.refused(NO_SIGN)
            if self.d.s.pick("the limit changes later", (1, True), (15, False)):
                found.append("void @_shrink(int most)\n{\n\t@_most = most;\n}\n")
                self.d.s.refused(r"may change through this line|may change after")
        value = self.start_value() if self.starts != "later" else "0"
        start = value if self.kind == "int" else f"ATOMIC_INIT({value})"
        if self.place == "static":
            define(f"{self.type} {self.counter}", "" if value == "0" else " = " + start)
            if self.lock:
                kind = "SPINLOCK" if "spin" in self.lock_type() else "MUTEX"
                found.append(f"static DEFINE_{kind}(@_lock);\n")
        if self.place == "structure":
            constants += "struct @_state {\n" + f"\t{self.type} {self.name};\n" + (
                f"\t{self.lock_type()} lock;\n" if self.lock else "") + (
                "\tint generation;\n};\n")
            define("struct @_state @_state",
                   "" if value == "0" else f" = {{ .{self.name} = {start} }}")
        return constants, "".join(found), "".join(extern) if apart else ""

    # ---- expressions and statements

    def number(self):
        return self.counter if self.kind == "int" else f"atomic_read(&{self.counter})"

    def shown(self):
        n = self.number()
        plain = n if self.direction == "down" else f"{self.limit} - {n}"
        how = self.d.s.pick("shown", (70, "plain"), (1, "max"), (1, "shift"), (1, "half"),
                            (1, "double"), (1, "one more"), (1, "flag"), (1, "rest"), (1, "min"),
                            (1, "clamp"))
        if how == "clamp" and self.direction == "down":
            how = self.d.s.pick("shown", "plain")
        if how not in ("plain", "clamp"):
            self.d.s.refused(r"computes more than the counter|shows \w+\(\) of the counter"
                             r"|no rule matches how \w+\(\) computes"
                             r"|it computes the number" + (
                                 "|each parent has its own number"
                                 if self.limit_kind == "of the parent" else ""))
        return {"plain": plain, "max": f"max({plain}, 1)", "shift": f"({plain}) >> 1",
                "half": f"({plain}) / 2", "double": f"2 * ({plain})", "one more": f"{plain} + 1",
                "flag": f"{plain} > 0", "rest": f"({plain}) & 3", "min": f"min({plain}, 2)",
                "clamp": f"{n} < {self.limit} ? {self.limit} - {n} : 0"}[how]

    def show_locals(self):
        if self.place != "member":
            return ""
        source = {"6.1": "mtype->parent->dev", "5.13": "mtype_get_parent_dev(mtype)"}.get(
            self.d.era, "dev")
        return f"\tstruct @_parent *hw = dev_get_drvdata({source});\n\n"

    def setup(self):
        """What the function that registers the parent does first."""
        lines = ["hw->slots = dev->parent ? 3 : 5;"] if self.limit_kind == "of the parent" else []
        if self.place == "member" and self.lock:
            lines.append("spin_lock_init(&$M);" if "spin" in self.lock_type() else
                         "mutex_init(&$M);")
        if self.place == "structure" and self.lock:
            lines.append("spin_lock_init(&$M);" if "spin" in self.lock_type() else
                         "mutex_init(&$M);")
        if self.starts == "later":
            lines.append(f"{self.counter} = {self.limit};" if self.kind == "int" else
                         f"atomic_set(&{self.counter}, {self.limit});")
        return indented(lines)

    def take(self):
        up = self.direction == "up"
        return self.change("+" if up else "-")

    def give(self):
        return self.change("-" if self.direction == "up" else "+")

    def change(self, sign):
        if self.kind == "atomic":
            word = {"+": ("atomic_inc", "atomic_add"), "-": ("atomic_dec", "atomic_sub")}[sign]
            return f"{word[0]}(&$C);" if self.step == "++" else f"{word[1]}(1, &$C);"
        return {"++": f"$C{sign}{sign};", "before": f"{sign}{sign}$C;",
                "+= 1": f"$C {sign}= 1;", "= + 1": f"$C = $C {sign} 1;"}[self.step]

    # ---- create and remove

    def locked(self, lines, tabs=1):
        """The statements under the lock."""
        if not self.lock or self.whole:
            return [x for x in lines]
        if self.lock == "scoped_guard":
            return ["scoped_guard(mutex, &$M) {"] + ["\t" + x for x in lines] + ["}"]
        take, drop = TAKE[self.lock]
        return [take] + list(lines) + [drop]


    def create(self):
        d, s = self.d, self.d.s
        early = not self.late
        goto = self.error != "in place" or self.branch in ("goto", "ret and goto") or \
            self.whole and self.lock == "mutex"
        unlock = [TAKE[self.lock][1]] if self.lock in TAKE and not self.whole else []
        condition = self.check[3]
        if self.unlikely:
            condition = f"unlikely({condition})"
        undo = [self.check[4]] if self.check[4] else []
        error = s.pick("error of the check", "-ENOSPC", "-EPERM", "-EUSERS", "-EBUSY")
        message = ['pr_warn("@: no instance left\\n");'] if self.branch == "message" else []
        # the labels that the function needs, from its end upwards
        exit_whole = self.whole and self.lock == "mutex"
        single = self.error == "single exit"
        first_exit = "out" if single or exit_whole or self.branch in ("goto", "ret and goto") \
            else None
        if first_exit:
            if self.branch == "ret and goto" or single or exit_whole or self.branch == "goto":
                leaving = undo + message + unlock + [f"ret = {error};", "goto out_full;"]
        else:
            leaving = undo + message + unlock + [f"return {error};"]
        if self.branch == "goto" and not undo and not message and not unlock and not single \
                and first_exit:
            before, leaving = [f"ret = {error};"], ["goto out_full;"]
        else:
            before = []
        if len(leaving) == 1 and self.branch != "braces":
            check = before + [f"if ({condition})", "\t" + leaving[0]]
        else:
            check = before + [f"if ({condition}) {{"] + ["\t" + x for x in leaving] + ["}"]
        counted = [self.take()] if early and not self.check[2] else []
        if self.lock in TAKE and not self.whole:
            take, drop = TAKE[self.lock]
            admit = [take] + check + counted + [drop]
        elif self.lock == "scoped_guard":
            admit = ["scoped_guard(mutex, &$M) {"] + ["\t" + x for x in check + counted] + ["}"]
        else:
            admit = check + counted
        if exit_whole:
            admit = ["mutex_lock(&$M);"] + admit
        if self.lock == "guard":
            admit = ["guard(mutex)(&$M);"] + admit
        back = self.locked([self.give()]) if early else []
        lines, labels = list(admit), []
        if self.place == "structure":
            lines.append("@_state.generation++;")
        self.steps(lines, labels, back, first_exit)
        if self.late:
            lines += self.locked([self.take()])
        needs_ret = first_exit or any("goto" in x for x in lines)
        if exit_whole:
            lines.append("ret = 0;")
            lines += ["mutex_unlock(&$M);", "return 0;"] if not single else []
        elif not single:
            lines.append("return 0;")
        text = self.ending(lines, labels, back, first_exit, exit_whole, single)
        return self.functions(text, needs_ret)

    def steps(self, lines, labels, back, first_exit):
        """The allocations, with the error path of each."""
        jump = self.error == "labels" or first_exit
        lines.append("toy = kzalloc(sizeof(*toy), GFP_KERNEL);")
        if jump:
            lines += ["if (!toy) {", "\tret = -ENOMEM;", "\tgoto out_count;", "}"]
        elif back:
            lines += ["if (!toy) {", *("\t" + x for x in back), "\treturn -ENOMEM;", "}"]
        else:
            lines += ["if (!toy)", "\treturn -ENOMEM;"]
        if self.d.buffer:
            lines.append("toy->buffer = kzalloc(64, GFP_KERNEL);")
            if jump:
                lines += ["if (!toy->buffer) {", "\tret = -ENOMEM;", "\tgoto out_free;", "}"]
                labels += ["out_free:", "kfree(toy);"]
            else:
                lines += ["if (!toy->buffer) {", "\tkfree(toy);", *("\t" + x for x in back),
                          "\treturn -ENOMEM;", "}"]
        lines.append("mdev_set_drvdata(mdev, toy);")

    def ending(self, lines, labels, back, first_exit, exit_whole, single):
        """The labels at the end of create."""
        if single:
            lines = lines + ["ret = 0;", "goto out_full;"]
        if not back:
            lines = [x.replace("out_count", "out").replace("out_full", "out") for x in lines]
            return self.end_without_count(lines, labels, exit_whole)
        used = "\n".join(lines)
        end = list(labels)
        if "goto out_count;" in used:
            end += ["out_count:"] + back
        if "goto out_full;" in used:
            end += ["out_full:"]
        if end:
            if exit_whole:
                end.append("mutex_unlock(&$M);")
            end.append("return ret;")
        return lines, end

    @staticmethod
    def end_without_count(lines, labels, exit_whole):
        """The same where no label gives a slot back."""
        end = list(labels)
        if "goto out;" in "\n".join(lines):
            end += ["out:"]
        if end:
            end += (["mutex_unlock(&$M);"] if exit_whole else []) + ["return ret;"]
        return lines, end

    def functions(self, text, needs_ret):
        lines, end = text
        d = self.d
        hw = "\tstruct @_parent *hw = dev_get_drvdata($parent);\n" if self.place == "member" else ""
        flags = "\tunsigned long flags;\n" if self.lock == "irqsave" else ""
        head = hw + "\tstruct @ *toy;\n" + flags + ("\tint ret;\n" if needs_ret else "")
        where = "mdev_parent_dev(mdev)" if d.old else "mdev->type->parent->dev"
        arguments = {"5.10": "struct kobject *kobj, struct mdev_device *mdev",
                     "5.13": "struct mdev_device *mdev", "6.1": "struct mdev_device *mdev"}[d.era]
        name = "create" if d.old else "probe"
        body = "".join(("" if x.endswith(":") else "\t") + x + "\n" for x in lines)
        tail = "".join(("" if x.endswith(":") else "\t") + x + "\n" for x in end)
        create = f"static int @_{name}({arguments})\n{{\n{head}\n{body}" \
            + ("\n" + tail if tail else "") + "}\n"
        given = [self.give()]
        give = ["guard(mutex)(&$M);"] + given if self.lock == "guard" else \
            ["mutex_lock(&$M);"] + given + ["mutex_unlock(&$M);"] if self.lock == "mutex" else \
            self.locked(given)
        frees = (["kfree(toy->buffer);"] if d.buffer else []) + ["kfree(toy);"]
        order = d.s.pick("remove counts", "last", "first")
        statements = give + frees if order == "first" and self.lock != "guard" else frees + give
        result = "int" if d.old else "void"
        remove = f"static {result} @_remove(struct mdev_device *mdev)\n{{\n{hw}" \
            "\tstruct @ *toy = mdev_get_drvdata(mdev);\n" + flags + "\n" + indented(statements) \
            + ("\treturn 0;\n" if d.old else "") + "}\n"
        return (create + "\n" + remove).replace("$parent", where)
