# SPDX-License-Identifier: GPL-2.0-only
"""layout.py BINDINGS TABLE: print the layout that a table of abi/layout records, as assertions.

The table has the offsets of one configuration, and the kernel's own structures in ours have another
size in others. So each member has to follow the one before it, as in the table; and where no such
structure is before it, it has to be at the offset of the table. A member that the table lacks is an
error.
"""
import collections
import re
import sys

# "_" after a keyword of Rust is bindgen's
KEYWORDS = {"type"}
# types of the kernel whose size depends on its configuration
VARIES = ("device", "kobject", "rw_semaphore", "device_driver")
STRUCT = re.compile(r"^pub struct (mdev_\w+) \{\n(.*?)^\}", re.M | re.S)
MEMBER = re.compile(r"^    pub (\w+): ([^;]*?),$", re.M | re.S)


def recorded(path):
    """{struct: ([(offset, member)], size)} of a table."""
    members, sizes = collections.defaultdict(list), {}
    with open(path) as f:
        for name, value in (x.split() for x in f if x.strip() and not x.startswith("#")):
            struct, _, member = name.partition(".")
            if member:
                member += "_" * (member in KEYWORDS)
                members[struct].append((int(value), member))
            else:
                sizes[struct] = int(value)
    return {name: (sorted(members[name]), sizes[name]) for name in sizes}


def assertions(name, types, members, size):
    """Calls of the macros in contract.rs for a structure. @types: {member: type in the bindings}."""
    known = {member for _, member in members}
    for member in types:
        if member not in known and not member.startswith("_"):
            yield (f'compile_error!("C: struct {name} has the member {member}, which abi/layout does '
                   'not have");')
    fixed, before = True, None
    for offset, member in members:
        if before:
            yield f"follows!({name}: {member}, {before});"
        if fixed:
            yield f"stands!({name}: {member}, {offset});"
        fixed = fixed and types.get(member) not in VARIES
        before = member
    yield f"ends!({name}: {before});"
    if fixed:
        yield f"measures!({name}, {size});"


def main():
    bindings, table = sys.argv[1:]
    with open(bindings) as f:
        structs = {name: dict(MEMBER.findall(body)) for name, body in STRUCT.findall(f.read())}
    print("// written by rust/layout.py")
    for name, (members, size) in sorted(recorded(table).items()):
        if name in structs:
            print("\n".join(assertions(name, structs[name], members, size)))


if __name__ == "__main__":
    main()
