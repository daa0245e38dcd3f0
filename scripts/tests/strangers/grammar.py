# SPDX-License-Identifier: GPL-2.0-only
"""Writes mdev drivers from a grammar of shapes: the same number gives the same driver.

A driver is a choice for each dimension: the interface, how the attributes are declared and
printed, the kind and place of the counter, the limit, the check, the error path, the lock, the
files, and code around it that has nothing to do with counting.
"""
import random
from typing import NamedTuple

from strangers.counting import CHECKS, Count

LICENSE = "// SPDX-License-Identifier: GPL-2.0-only\n"


class Written(NamedTuple):
    """A driver: its files, the function that registers a parent and for how many, its shapes, and
    why it is refused."""
    name: str
    files: dict
    entry: str
    parents: int
    shapes: dict
    reasons: tuple


class Shapes:
    """The choices of one driver; each is remembered under the name of its dimension."""
    def __init__(self, number):
        self.random, self.made, self.reasons = random.Random(number), {}, []

    def pick(self, dimension, *options):
        """One of the options: a value, or (weight, value)."""
        weights = [x[0] if isinstance(x, tuple) else 4 for x in options]
        values = [x[1] if isinstance(x, tuple) else x for x in options]
        self.made[dimension] = self.random.choices(values, weights)[0]
        return self.made[dimension]

    def refused(self, reason):
        """This driver has a shape that is not converted; the reason must match this."""
        self.reasons.append(reason)


class Driver:
    """The text of one driver."""
    def __init__(self, number):
        self.name = f"toy{number}"
        self.s = Shapes(number)
        self.era = self.s.pick("interface", (8, "5.10"), (5, "6.1"), (1, "5.13"))
        self.old = self.era != "6.1"
        self.files = self.s.pick("files", (8, "one"), (2, "header"), (2, "attributes apart"))
        if not self.old and self.files == "attributes apart":
            self.files = self.s.pick("files", "header")
        self.parents = self.s.pick("parents", (24, "one"), (6, "module_init"), (2, "probe"),
                                   (1, "two calls"), (1, "loop"))
        self.count = Count(self)
        if self.parents not in ("one", "module_init") and self.count.place != "member":
            self.s.refused(r"counts the instances of all parents together")
        if self.era == "5.13":
            self.s.refused(r"the mdev interface of Linux 5\.13 to 6\.0")

    def text(self, template):
        """A template: @ is the driver's name, \\1 is an @, and $WORD one of the words."""
        # the limit may have $U in it
        for word, value in self.count.words().items():
            template = template.replace("$" + word, value)
        template = template.replace("$U", self.name.upper())
        return template.replace("@", self.name).replace("\1", "@")

    # ---- structures

    def declarations(self):
        members = ["\tint id;\n"]
        if self.s.pick("buffer of an instance", True, False):
            members.append("\tvoid *buffer;\n")
        self.buffer = len(members) == 2
        instance = "struct @ {\n" + "".join(members) + "};\n"
        parent = ""
        if self.count.place == "member" or not self.old:
            lines = ["\tstruct device *dev;\n"]
            if not self.old:
                lines += ["\tstruct mdev_parent parent;\n", "\tstruct mdev_type type;\n",
                          "\tstruct mdev_type *types[1];\n"]
            lines += self.count.members()
            doc = self.s.pick("kernel-doc of the structure", True, (8, False))
            if doc:
                parent += "/**\n * struct @_parent - the device\n * \1dev: the device\n"
                parent += "".join(f" * \1{m}: a member\n" for m in self.count.member_names())
                parent += " */\n"
            parent += "struct @_parent {\n" + "".join(lines) + "};\n"
        other = ""
        if self.s.pick("another structure with such a member", (1, True), (9, False)):
            other = "struct @_ring {\n\tint $name;\n};\n\nstatic inline void @_turn(struct " \
                    "@_ring *ring)\n{\n\tring->$name = 3;\n\tring->$name++;\n}\n"
        return "\n".join(x for x in (instance, parent, other) if x)

    # ---- attributes

    def arguments(self):
        return "struct mdev_type *mtype, struct mdev_type_attribute *attr, char *buf" \
            if self.era == "5.13" else "struct kobject *kobj, struct device *dev, char *buf"

    def printed(self, what, form, dimension):
        how = self.s.pick(dimension, "sprintf", "sysfs_emit", "snprintf", "scnprintf")
        size = "PAGE_SIZE, " if "n" in how[1:3] and how != "sprintf" else ""
        return f"{how}(buf, {size}{form}, {what})"

    def attribute(self, name, style, function):
        if style == "MDEV_TYPE_ATTR_RO":
            return f"static MDEV_TYPE_ATTR_RO({name});\n"
        if style == "MDEV_TYPE_ATTR":
            return f"static MDEV_TYPE_ATTR({name}, 0444, {function}, NULL);\n"
        if style == "S_IRUGO":
            return f"static MDEV_TYPE_ATTR({name}, S_IRUGO, {function}, NULL);\n"
        if style == "__ATTR_RO":
            return f"static struct mdev_type_attribute mdev_type_attr_{name} = " \
                   f"__ATTR_RO({name});\n"
        if style == "__ATTR":
            return f"static struct mdev_type_attribute mdev_type_attr_{name} =\n" \
                   f"\t__ATTR({name}, 0444, {function}, NULL);\n"
        return f"$U_ATTR({name});\n"

    def api(self):
        value = self.s.pick("device_api", "VFIO_DEVICE_API_PCI_STRING",
                            "VFIO_DEVICE_API_CCW_STRING", (2, '"vfio-pci"'))
        self.api_value = value
        if not self.old:
            return ""
        style = self.style
        how = self.s.pick("device_api is printed", (8, "return"), (2, "literal"),
                          (2, "after a check"), (1, "in a local"), (1, "strcpy"), (1, "chosen"))
        function = "device_api_show" if style not in ("MDEV_TYPE_ATTR", "__ATTR") else \
            self.s.pick("name of the function", "device_api_show", "@_show_api")
        line = "\treturn " + self.printed(value, r'"%s\n"', "print function of device_api") + ";\n"
        if how == "literal":
            line = '\treturn sprintf(buf, "vfio-pci\\n");\n'
        elif how == "after a check":
            line = self.s.pick("the check", "\tBUILD_BUG_ON(sizeof(struct @) > PAGE_SIZE);\n",
                               "\tWARN_ON(!buf);\n", '\tpr_debug("@\\n");\n') + line
            if "BUILD_BUG_ON" in line:
                self.s.refused(r"does more than print one constant")
        elif how == "in a local":
            line = f"\tconst char *api = {value};\n\n" + line.replace(value, "api")
            self.s.refused(r"does more than print one constant")
        elif how == "strcpy":
            line = f'\tstrcpy(buf, {value});\n\tstrcat(buf, "\\n");\n\treturn strlen(buf);\n'
            self.s.refused(r"does more than print one constant")
        elif how == "chosen":
            line = f"\tif (!buf)\n\t\treturn -EINVAL;\n" + line
            self.s.refused(r"does more than print one constant")
        return f"static ssize_t {function}({self.arguments()})\n{{\n{line}}}\n" \
            + self.attribute("device_api", style, function)

    def available(self):
        number = self.count.shown()
        if not self.old:
            body = self.count.show_locals() + f"\treturn {number};\n"
            return f"static unsigned int @_get_available(struct mdev_type *mtype)\n{{\n{body}}}\n"
        function = "available_instances_show" if self.style not in ("MDEV_TYPE_ATTR", "__ATTR") \
            else self.s.pick("name of the other function", "available_instances_show",
                             "@_show_instances")
        form = self.s.pick("format", (30, r'"%d\n"'), (30, r'"%u\n"'), (1, r'"%d free\n"'),
                           (1, r'"0x%x\n"'), (1, r'"%d\n\n"'))
        if form not in (r'"%d\n"', r'"%u\n"'):
            self.s.refused(r"shows more than the number")
        lines = self.count.show_locals()
        if self.s.pick("number in a local", (1, True), (3, False)):
            kind = self.s.pick("type of the local", "int", "unsigned int")
            lines = lines.rstrip("\n") + ("\n" if lines else "") + f"\t{kind} left = {number};\n\n"
            number = "left"
        lines += "\treturn " + self.printed(number, form, "print function") + ";\n"
        return f"static ssize_t {function}({self.arguments()})\n{{\n{lines}}}\n" \
            + self.attribute("available_instances", self.style, function)

    def attributes(self):
        if not self.old:
            self.api()
            return self.available()
        self.style = self.s.pick("attribute", (8, "MDEV_TYPE_ATTR_RO"), "MDEV_TYPE_ATTR",
                                 (2, "S_IRUGO"), "__ATTR_RO", "__ATTR", (1, "own macro"))
        parts = [self.available(), self.api()]
        if self.s.pick("order of the attributes", True, False):
            parts.reverse()
        condition = self.s.pick("#if around an attribute", (20, None), (1, 0), (1, 1))
        if condition is not None:
            parts[condition] = "#ifdef CONFIG_TOY\n" + parts[condition] + "#endif\n"
            self.s.refused(r"inside #if|more than print")
        macro = ""
        if self.style == "own macro":
            macro = "#define $U_ATTR(n) static MDEV_TYPE_ATTR_RO(n)\n\n"
            self.s.refused(r"the macro \w+_ATTR\(\) makes the attribute")
        size = self.s.pick("array", (20, ""), (1, "3"))
        if size:
            self.s.refused(r"array has a size")
        entries = ["\t&mdev_type_attr_device_api.attr,\n",
                   "\t&mdev_type_attr_available_instances.attr,\n"]
        if self.s.pick("order of the entries", True, False):
            entries.reverse()
        static = "" if self.files == "attributes apart" else "static "
        return macro + "\n".join(parts) + f"\nstatic struct attribute *@_attrs[{size}] = {{\n" \
            + "".join(entries) + "\tNULL,\n};\n\nstatic struct attribute_group @_group = {\n" \
            + '\t.name = "a",\n\t.attrs = @_attrs,\n};\n\n' \
            + static + "struct attribute_group *@_groups[] = {\n\t&@_group,\n\tNULL,\n};\n"

    # ---- registration

    def operations(self):
        """The structure of callbacks and the function that registers the parent."""
        setup = self.count.setup()
        if not self.old:
            ops = "static struct mdev_driver @_driver = {\n" \
                + f"\t.device_api = {self.api_value},\n" \
                + '\t.driver = {\n\t\t.name = "@",\n\t},\n\t.probe = @_probe,\n' \
                + "\t.remove = @_remove,\n\t.get_available = @_get_available,\n};\n"
            call = "mdev_register_parent(&hw->parent, dev, &@_driver, hw->types, 1)"
            first = "\tstruct @_parent *hw;\n"
            body = "\thw = kzalloc(sizeof(*hw), GFP_KERNEL);\n\tif (!hw)\n\t\treturn -ENOMEM;\n" \
                "\thw->dev = dev;\n\thw->types[0] = &hw->type;\n\tdev_set_drvdata(dev, hw);\n"
        else:
            const = self.s.pick("const", "const ", "")
            how = self.s.pick("callbacks", (8, "initializer"), (2, "assigned"))
            fields = [("owner", "THIS_MODULE"), ("supported_type_groups", "@_groups"),
                      ("create", "@_create"), ("remove", "@_remove")]
            first = body = ""
            if self.count.place == "member":
                first = "\tstruct @_parent *hw;\n"
                body = "\thw = kzalloc(sizeof(*hw), GFP_KERNEL);\n\tif (!hw)\n" \
                    "\t\treturn -ENOMEM;\n\thw->dev = dev;\n\tdev_set_drvdata(dev, hw);\n"
            if how == "initializer":
                ops = f"static {const}struct mdev_parent_ops @_ops = {{\n" + "".join(
                    f"\t.{f} = {v},\n" for f, v in fields) + "};\n"
            else:
                ops = "static struct mdev_parent_ops @_ops;\n"
                setup += "".join(f"\t@_ops.{f} = {v};\n" for f, v in fields)
            call = "mdev_register_device(dev, &@_ops)"
        style = self.s.pick("registration", (4, "return"), (4, "ret"), (3, "if"))
        if style != "return":
            first += "\tint ret;\n"
        free = "\t\tkfree(hw);\n" if "hw" in first else ""
        other = "\t\tret = -ENODEV;\n"
        ends = {"return": f"\treturn {call};\n",
                "ret": f"\tret = {call};\n\tif (ret) {{\n{free or other}" "\t}\n\treturn ret;\n",
                "if": f"\tret = 0;\n\tif ({call}) {{\n{free}\t\tret = -ENODEV;\n\t}}\n"
                      "\treturn ret;\n"}
        static = "" if self.parents == "one" else "static "
        return ops + f"\n{static}int @_start(struct device *dev)\n{{\n" \
            + first + ("\n" if first else "") + body + setup + ends[style] + "}\n" + self.callers()

    def callers(self):
        """From where parents are registered."""
        return {
            "one": "",
            "module_init": "\nstatic struct device @_device;\n\nstatic int __init @_init(void)\n{\n"
                           "\treturn @_start(&@_device);\n}\nmodule_init(@_init);\n",
            "probe": "\nstatic int @_bind(struct pci_dev *pdev, "
                     "const struct pci_device_id *id)\n{\n"
                     "\treturn @_start(&pdev->dev);\n}\n\nstatic struct pci_driver @_pci = {\n"
                     '\t.name = "@",\n\t.probe = @_bind,\n};\nmodule_pci_driver(@_pci);\n',
            "two calls": "\nint @_both(struct device *left, struct device *right)\n{\n"
                         "\tint ret = @_start(left);\n\n\treturn ret ? ret : @_start(right);\n}\n",
            "loop": "\nint @_all(struct device *devices, int number)\n{\n\tint i, ret = 0;\n\n"
                    "\tfor (i = 0; i < number && !ret; i++)\n\t\tret = @_start(&devices[i]);\n"
                    "\treturn ret;\n}\n"}[self.parents]

    # ---- the whole

    def code(self):
        """The parts of the driver in their order: (shared declarations, attributes, the rest)."""
        shared = self.declarations()
        attributes = self.attributes()
        return shared, attributes, self.count.create() + "\n" + self.operations()

    def noise(self):
        """Code that has nothing to do with counting instances, and looks as if it had."""
        return self.s.pick(
            "other code", (12, ""),
            (2, "static inline int @_copy(int len)\n{\n\tint left = 64;\n\n"
                "\twhile (left && len) {\n\t\tleft--;\n\t\tlen--;\n\t}\n\treturn left;\n}\n"),
            (2, "/* available_instances: see the manual */\n"
                "static inline int @_older(int used)\n{\n\treturn used - 1;\n}\n"))

    def write(self):
        shared, attributes, rest = self.code()
        heads = "#include <linux/mdev.h>\n#include <linux/slab.h>\n#include <linux/vfio.h>\n"
        noise = self.noise()
        condition = self.s.pick("#if around the file", (12, ""), (1, "#ifdef CONFIG_TOY\n"))
        end = "#endif\n" if condition else ""
        constants, variables, extern = self.count.variables()
        if self.files == "one":
            body = "\n".join(x for x in (shared, constants + variables, noise, attributes, rest)
                             if x)
            texts = {"@.c": LICENSE + condition + heads + "\n" + body + end}
        else:
            guard = f"#ifndef {self.name.upper()}_H\n#define {self.name.upper()}_H\n"
            header = "/" + "* SPDX-License-Identifier: GPL-2.0-only */\n" + guard + heads + "\n" \
                + shared
            include = LICENSE + '#include "@.h"\n\n'
            if self.files == "header":
                texts = {"@.h": header + "#endif\n", "@.c": include + "\n".join(
                    x for x in (constants + variables, noise, attributes, rest) if x)}
            else:
                more = constants + extern + "extern struct attribute_group *@_groups[];\n"
                texts = {"@.h": header + "\n" + more + "#endif\n",
                         "@_types.c": include + (noise + "\n" if noise else "") + attributes,
                         "@.c": include + (variables + "\n" if variables else "") + rest}
        files = {self.text(p): self.text(t) for p, t in texts.items()}
        number = 1 if self.parents in ("one", "module_init") else 2
        return Written(self.name, files, self.name + "_start", number, self.s.made,
                       tuple(self.s.reasons))


def write(number):
    """The driver with this number."""
    return Driver(number).write()
