# SPDX-License-Identifier: GPL-2.0-only
"""One side of a comparison: the modules of a build, their exports, and their types.

A part that cannot be read is a sentence in unread: the gate's verdict is then not "same".
"""
import functools
import hashlib
import json
import os
import re
import threading

import abi.read.dump
import abi.read.names
import abi.read.places
import abi.read.probe
from abi.kdir import ABI_BUILD
from abi.read.calls import UNKNOWN, registers, uevents
from abi.read.declare import Declarations
from abi.read.dwarf import Dwarf
from abi.read.elf import Module
from abi.read.split import joined
from abi.read.sysfs import attributes, groups_known
from abi.read.types import Member, Type, View
from lib.common import CannotRun
from lib.words import few

KINDS = ("struct", "union", "enum")
# two sides have the same headers, and read them once
ONE_READS = threading.Lock()
# types of the kernel whose size depends on the configuration
CONFIGURED = {"lock_class_key": "lockdep", "raw_spinlock": "spinlock debugging",
              "mutex": "mutex debugging"}


class Side:
    """The modules of one build. exports is {name: (module, GPL only?, namespace, CRC)}.

    headers are the files that define the public interface, folders those that libabigail filters
    by. With a probe, every declaration of the headers has to be in the dumps. symbols and
    reached_only are those of check_pair().
    """

    def __init__(self, modules, headers, probe=None, symvers=None, work=None, symbols=None,
                 reached_only=False):
        self.modules = {name: Module(path) for name, path in modules.items()}
        # undefined are public types that an export leads to and that are only declared here; with
        # reached_only another module may define them
        self.unread, self.undefined = [], set()
        for elf in self.modules.values():
            abi.read.dump.need_debug_info(elf)
        self.dwarf, self.exports = {}, {}
        for name, elf in self.modules.items():
            with elf.reading():
                self.dwarf[name] = Dwarf(elf)
                self.exports |= {n: (name, *e) for n, e in elf.exports().items()
                                 if not re.match(abi.read.dump.NOISE, n)}
        if symvers:
            self._agree(symvers)
        self.all_exports, self.reached_only = set(self.exports), reached_only
        if symbols is not None:
            self.exports = {n: e for n, e in self.exports.items() if n in symbols}
        folders = sorted({os.path.dirname(h) for h in headers})
        exporting = {e[0] for e in self.exports.values()}
        self.dumps = [abi.read.dump.dump(path, folders, os.path.join(work, f"{name}.abi"), symbols)
                      for name, path in sorted(modules.items()) if name in exporting]
        self.readers = [Declarations(d) for d in self.dwarf.values()]
        if probe:
            file = joined(probe, work)
            self.dumps.append(abi.read.dump.dump(file, [*folders, os.path.dirname(probe)],
                                                 os.path.join(work, "probe.abi")))
            self.readers.insert(0, Declarations(Dwarf(Module(file))))
        self.view = View(self.dumps)
        if probe:
            self._read_inlines()
        for n in self.all_exports - set(self.exports):
            self.view.exports.pop(n, None)
        for n in [n for n in self.view.exports if re.match(abi.read.dump.NOISE, n)]:
            del self.view.exports[n]
        self.view.untyped &= {*self.exports, *self.view.exports}
        self.public, self._paths = public_names(headers), headers
        # declarations that are in a header and do not compile here, as under #ifdef
        self.left_out = abi.read.probe.left_out(os.path.dirname(probe)) if probe else {}
        # abi.read.headers.Headers, where the build of a probe tells how to preprocess them
        self.headers = None
        for name, dwarf in self.dwarf.items():
            where = f"{name}.ko: " if len(modules) > 1 else ""
            self.unread += [where + reason for reason in dwarf.unread()]
        self.attributes = {name: attributes(elf, self.dwarf[name])
                           for name, elf in self.modules.items()}
        self.groups_read = {name for name, elf in self.modules.items()
                            if groups_known(elf, self.dwarf[name])}
        self.uevents = {name: uevents(elf, self.dwarf[name]) for name, elf in self.modules.items()}
        self._read_exports()
        if not self.unread:
            self.unread += [f"no sysfs attribute in the debug info of {name}.ko: their groups "
                            "were not read"
                            for name in sorted(set(self.modules) - self.groups_read)]
        self._read_types(bool(probe))
        # a type that is missing here may be in the part that was not read
        self.view.blind = bool(self.unread or self.undefined)
        for name, (senders, _) in self.uevents.items() if not self.unread else ():
            lost = [f"{f}()" for f, actions in senders.items() if UNKNOWN in actions]
            if lost:
                self.unread.append(f"the uevents that {', '.join(lost)} of {name}.ko sends are not "
                                   "in the debug info")

    def _read_exports(self):
        """Note the exports without a type; an alias has the type of the function at its place."""
        missing = [n for n in self.exports if n not in self.view.exports]
        if missing:
            self.unread.append(f"abidw does not see export {', '.join(missing)}")
        self.untyped = set(missing)
        for name, (module, *_) in self.exports.items():
            typed = self.dwarf[module].is_typed(name)
            if typed is None:
                typed = self._read_alias(name, module)
            elif typed and name in self.view.untyped:
                typed = self._take(name, module, name)
            if not typed:
                self.untyped.add(name)
        self.view.untyped = self.untyped
        if self.untyped:
            self.unread.append(f"no type of export {', '.join(sorted(self.untyped))} in the debug "
                               "info; build C files with -g instead of -g1, and assembler "
                               "functions need a C wrapper")

    def _read_inlines(self):
        """Add the inline functions that abidw loses: those with the attribute const or noreturn."""
        for name, (text, _) in self.view.exports.items():
            if name.startswith(abi.read.probe.INLINE) and text.endswith(f"{name}(void)"):
                self.view.exports[name] = self.readers[0].function(name)

    def _read_alias(self, name, module):
        places = {s.name: (s.section, s.value) for s in self.modules[module].symbols}
        dwarf = self.dwarf[module]
        twin = next((n for n, e in dwarf.functions.items()
                     if places.get(name) and e.get("address") == places[name]), None)
        return bool(twin) and bool(dwarf.is_typed(twin)) and self._take(name, module, twin)

    def _take(self, name, module, function):
        """Take the type of an export from a function or, under its own name, a variable of the
        DWARF."""
        reader = Declarations(self.dwarf[module])
        declared = reader.function(function, name)
        if declared:
            self.view.plains[name] = lambda: reader.plain_function(function, name)
        elif name == function:
            declared = reader.variable(name)
        if declared:
            self.view.exports[name] = declared
        return bool(declared)

    def registers(self, name):
        """The registers of an export's parameters, or None."""
        module = self.exports[name][0]
        return registers(self.modules[module], self.dwarf[module], name)

    def noreturn(self, name):
        """Whether an export is a function that never returns."""
        dwarf = self.dwarf[self.exports[name][0]]
        e = dwarf.functions.get(name)
        return bool(e is not None and dwarf.inherited(e, "noreturn"))

    def signed_char(self):
        """Whether char is signed, or None."""
        found = [d.types.get(("base", "char")) for d in self.dwarf.values()]
        return next((e.get("encoding") in (5, 6) for e in found if e is not None), None)

    def size_of(self, name):
        """The size of an exported variable, 0 of a function."""
        return self.modules[self.exports[name][0]].object_size(name)

    def definition(self, key):
        """A type as the debug info has it, or None."""
        found = (r.type_of(key) for r in self.readers)
        return next((t for t in found if t), None)

    def _read_types(self, probe):
        """Add public types that abidw left out, and note those that have no definition."""
        keys = [f"{kind} {n}" for kind in KINDS for n in self.public[kind]]
        if self.reached_only:
            reached = set().union(*map(self.view.reached_by, self.view.exports), set())
            keys = [k for k in keys if k in reached]
            self.view.types = {k: t for k, t in self.view.types.items() if k in reached}
        self.keys = keys
        for key in keys:
            if key not in self.view.types:
                found = self.definition(key)
                if found:
                    self.view.types[key] = found
        for key in [k for k, t in self.view.types.items() if t.kind == "enum" and not t.members]:
            # abidw 2.2 dumps an enum of another folder without its values
            found = self.definition(key)
            if found:
                self.view.types[key] = found
            else:
                del self.view.types[key]
                self.view.opaque.add(key)
        for key, known in self.view.types.items():
            found = self.definition(key) if known.kind in ("struct", "typedef") else None
            if found:
                known.take_details(found)
        if not self.reached_only:
            self._read_enumerators()
        self.types_seen = {k for k in keys if k in self.view.types}
        self.constants_seen = {n for n in self.public["constant"] + self.public["enumerator"]
                               if f"enum abi_constant_{n}" in self.view.types}
        self._note_types(keys, probe)

    def _read_enumerators(self):
        """Add the enumerators of enums without a name, in the form in which the probe has them."""
        public = set(self.public["enumerator"])
        for r in self.readers:
            for n, value in r.dwarf.enumerators.items():
                if n in public:
                    self.view.types.setdefault(f"enum abi_constant_{n}", constant(n, value))

    def _note_types(self, keys, probe):
        absent = {abi.read.probe.readable(n) for n in self.left_out}
        unseen = [k for k in keys if k not in self.types_seen and k not in absent]
        reached = set().union(*map(self.view.reached_by, self.view.exports), set())
        if keys and not self.types_seen:
            if self.untyped and self.untyped == set(self.exports):
                return
            self.unread.append(f"none of the {len(keys)} types in the public headers is in the "
                               "debug info; is it the right folder of headers?")
        elif unseen and (probe or reached & set(unseen)):
            named = unseen if probe else sorted(reached & set(unseen))
            self.undefined = set(named)
            if not self.reached_only:
                self.unread.append(undefined(named))
        elif not (keys or self.reached_only
                  or self._named_in_headers()):
            self.unread.append("the public headers define no type and name no export of the "
                               "module; is it the right folder of headers?")
        if probe:
            lost = sorted({*self.public["constant"], *self.public["enumerator"]}
                          - self.constants_seen - {a.split()[-1] for a in absent})
            if lost:
                self.unread.append(f"abidw lost the values of {', '.join(lost)} in the probe")

    def _named_in_headers(self):
        """Whether a public header has the name of an export."""
        for path in self._paths:
            with open(path, errors="replace") as f:
                if set(re.findall(r"\w+", f.read())) & set(self.exports):
                    return True
        return False

    def types_unseen(self):
        return set(self.keys) - self.types_seen

    def configuration(self):
        """{what depends on it: size} of types that tell how the kernel was configured."""
        found = {}
        for name, what in CONFIGURED.items():
            for r in self.readers:
                e = r.dwarf.types.get(("struct", name))
                if e is not None:
                    found[what] = e.get("size") or 0
        return found

    def _agree(self, symvers):
        """Compare Module.symvers, which modpost wrote, with the exports of the linked modules."""
        with open(symvers) as f:
            rows = [line.rstrip("\n").split("\t") for line in f]
        meant = {r[1]: (r[3].endswith("_GPL"), r[4] if len(r) > 4 else "") for r in rows
                 if os.path.basename(r[2]).replace("-", "_") in self.modules
                 and not re.match(abi.read.dump.NOISE, r[1])}
        linked = {n: e[1:3] for n, e in self.exports.items()}
        if meant != linked:
            odd = sorted(n for n in {*meant, *linked} if meant.get(n) != linked.get(n))
            raise CannotRun(f"{symvers} and the modules beside it disagree about "
                            f"{', '.join(odd)}: build the modules again from scratch")


def undefined(keys):
    """The sentence about public types that are only declared."""
    have = "has no definition" if len(keys) == 1 else "have no definition"
    return f"{few(sorted(keys))} of the public headers {have} in the debug info"


def constant(name, value):
    """A constant as the probe has it: an enum with one value."""
    member = Member(f"abi_value_{name}", f"abi_value_{name}", value)
    return Type(f"enum abi_constant_{name}", "enum", None, [member], set())


def public_names(headers):
    """The names that all headers define: {kind: [names]}."""
    with ONE_READS:
        return _public_names(abi.read.places.stamps(headers))


@functools.lru_cache(maxsize=4)
def _public_names(headers):
    digest = hashlib.sha256(repr(headers).encode())
    with open(abi.read.names.__file__, "rb") as f:
        digest.update(f.read())
    kept = os.path.join(ABI_BUILD, "names", digest.hexdigest())
    if os.path.exists(kept):
        with open(kept) as f:
            return json.load(f)
    found = _read_names(path for path, _, _ in headers)
    os.makedirs(os.path.dirname(kept), exist_ok=True)
    abi.read.dump.drop_old(os.path.dirname(kept))
    with open(f"{kept}.{os.getpid()}", "w") as f:
        json.dump(found, f)
    os.rename(f"{kept}.{os.getpid()}", kept)
    return found


def _read_names(headers):
    found = {kind: {} for kind in (*KINDS, "constant", "enumerator", "macro")}
    for h in headers:
        for kind, names in abi.read.names.names(h).items():
            found.setdefault(kind, {}).update(dict.fromkeys(names))
    return {kind: list(names) for kind, names in found.items()}


def coverage(old, new):
    """What two sides have in common to compare: {kind: (read, all)}."""
    exports, untyped = {*old.exports, *new.exports}, old.untyped | new.untyped
    keys = {*old.keys, *new.keys}
    blind = old.view.blind or new.view.blind
    seen = old.types_seen & new.types_seen if blind else old.types_seen | new.types_seen
    whole = [side for side in (old, new) if not side.reached_only]
    constants = {n for side in whole for kind in ("constant", "enumerator")
                 for n in side.public[kind]}
    files = {(m, a) for side in (old, new) for m, found in side.attributes.items() for a in found}
    parameters = {(m, p) for side in (old, new) for m, elf in side.modules.items()
                  for p in elf.modinfos("parmtype")}
    macros = {n for side in whole for n in side.public["macro"]}
    expanded = {n for side in (old, new) if side.headers for n in side.headers.macros}
    return {"exports": (len(exports - untyped), len(exports)),
            "public types": (len(keys & seen), len(keys)),
            "constants": (len(old.constants_seen | new.constants_seen), len(constants)),
            "macros": (len(macros & expanded), len(macros)),
            "attributes": (len(files),) * 2, "parameters": (len(parameters),) * 2}
