# SPDX-License-Identifier: GPL-2.0-only
"""Moves one driver onto the core by the semantic patches of cocci/, wholly or not at all.

The semantic patches change C; what is here decides: which files are one driver, which patches apply, and whether what they
left is whole. Used by scripts/migrate/migrate, scripts/migrate/golden-tests and scripts/series/apply.
"""
import difflib
import os
import re
import shutil
import subprocess
import tempfile

from lib.common import TOP, CannotRun

COCCI = os.path.join(TOP, "cocci")
# words that show that a file uses the mdev API
USES = ("linux/mdev.h", "mdev_register_", "mdev_unregister_", "MDEV_TYPE_ATTR", "mdev_parent_ops", "mdev_type_attribute")
API = re.compile(r"\bmdev_(un)?register_(device|parent|driver)\b|\bmdev_parent_ops\b|\bMDEV_TYPE_ATTR|\bmdev_type_attribute\b"
                 r"|<linux/mdev\.h>|\bstruct mdev_(driver|parent|type|device)\b")
OLD_ATTR = r"\b(mdev_type_attr_)?{0}\b|\b{0}_show\b"
COUNTS_WITH = re.compile(r"\b(\w+)\s*(?:\+=|-=|\+\+|--)|(?:\+\+|--)\s*(?:\w+(?:->|\.))*(\w+)|\batomic(?:64)?_\w+\(([^;]*)\)")


def plain(text):
    """C without comments and strings, line for line."""
    def blank(m):
        s = m.group(0)
        return '""' if s.startswith('"') else re.sub(r"[^\n]", " ", s)
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"", blank, text, flags=re.S)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def find_line(text, pattern):
    m = re.search(pattern, plain(text))
    return line_of(text, m.start()) if m else None


def conditional_lines(text):
    """The numbers of the lines inside #if, an include guard apart."""
    inside, stack = set(), []
    lines = plain(text).split("\n")
    for n, line in enumerate(lines, 1):
        m = re.match(r"\s*#\s*(if\w*|else|elif|endif)\b\s*!?\s*(\w*)", line)
        if m and m.group(1).startswith("if"):
            guard = m.group(1) == "ifndef" and n < len(lines) and re.match(r"\s*#\s*define\s+%s\b" % re.escape(m.group(2)), lines[n])
            stack.append(not guard)
        elif m and m.group(1) == "endif" and stack:
            if any(stack):
                inside.add(n)
            stack.pop()
        if any(stack):
            inside.add(n)
    return inside


def functions(text):
    """Name, offset and body of each function in kernel style: the name before '(', the body from '{' to '}' in column 0."""
    for m in re.finditer(r"^(?![#\s}/])[^;={}]*?\b(\w+)\s*\([^;{}]*\)\s*\n\{(.*?)^\}", plain(text), re.M | re.S):
        yield m.group(1), m.start(), m.group(2)


class Left(Exception):
    """A driver is left alone."""
    def __init__(self, path, line, reason):
        super().__init__(reason)
        self.path, self.line, self.reason = path, line, reason


class Unreadable(Left):
    """Coccinelle can't read a file, so that nobody can say what is in it."""


class Driver:
    """The files of one driver: text by path, and what came of it."""
    def __init__(self, seeds, companions, root):
        self.seeds, self.root = sorted(seeds), root
        self.old = {p: read(os.path.join(root, p)) for p in sorted({*seeds, *companions})}
        self.new = dict(self.old)
        self.verdict, self.path, self.line, self.reason = "nothing to do", None, None, ""
        self.api = self.count = "-"

    @property
    def name(self):
        c = [os.path.basename(p)[:-2] for p in self.seeds]
        if len(c) == 1:
            return c[0]
        stem = os.path.commonprefix(c).rstrip("_-.")
        registers = [p for p in self.seeds if re.search(r"\bmdev_register_(device|parent)\b", plain(self.old[p]))]
        return stem or os.path.basename((registers or self.seeds)[0]).rsplit(".", 1)[0]

    def changed(self):
        return [p for p in self.old if self.old[p] != self.new[p]]

    def diff(self):
        out = []
        for p in self.changed():
            out += difflib.unified_diff(self.old[p].splitlines(True), self.new[p].splitlines(True), "a/" + p, "b/" + p)
        return "".join(x if x.endswith("\n") else x + "\n" for x in out)

    def lines(self):
        d = [x for x in self.diff().split("\n") if not x.startswith(("---", "+++"))]
        return sum(x.startswith("-") for x in d), sum(x.startswith("+") for x in d)


def read(path):
    with open(path, errors="surrogateescape") as f:
        return f.read()


# ---- which files are one driver

def local_includes(path, text, known):
    """The files that a file includes by a name in quotes, as far as they exist beside it."""
    here = os.path.dirname(path)
    return {q for q in (os.path.normpath(os.path.join(here, x)) for x in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M)) if known(q)}


def composites(text):
    """The sets of objects that a Makefile links into one module."""
    groups = {}
    for m in re.finditer(r"^([\w.-]+?)-(?:y|objs|\$\([^)]*\))\s*[:+]?=\s*((?:\\\n|[^\n])*)", text, re.M):
        if m.group(1) == "obj":
            continue
        groups.setdefault(m.group(1), set()).update(x[:-2] + ".c" for x in m.group(2).replace("\\\n", " ").split() if x.endswith(".o"))
    return groups.values()


def drivers(files, root, closed=False):
    """Group files that use the API into drivers: files of one folder that share a header of it, or a module."""
    by_folder = {}
    for f in files:
        by_folder.setdefault(os.path.dirname(f), []).append(f)
    found = []
    for folder, seeds in sorted(by_folder.items()):
        text = {f: read(os.path.join(root, f)) for f in seeds}
        given = seeds
        seeds = [f for f in seeds if API.search(plain(text[f]).replace('""', "")) or "linux/mdev.h" in text[f]]
        if not seeds:
            continue
        here = os.path.join(root, folder)
        names = [os.path.basename(f) for f in given] if closed else os.listdir(here)
        known = (lambda q: q in text) if closed else (lambda q: os.path.isfile(os.path.join(root, q)) and os.path.dirname(q) == folder)
        includes = {f: local_includes(f, text[f], known) for f in seeds}
        linked = []
        for name in ("Makefile", "Kbuild"):
            if name in names:
                linked += [{os.path.join(folder, x) for x in g} for g in composites(read(os.path.join(here, name)))]
        group = {f: {f} for f in seeds}
        for a in seeds:
            for b in seeds:
                own = {a, *includes[a]} & {b, *includes[b]}
                if a != b and (own or any(a in g and b in g for g in linked)):
                    joined = group[a] | group[b]
                    for x in joined:
                        group[x] = joined
        for members in sorted({tuple(sorted(g)) for g in group.values()}):
            companions = set().union(*(includes[f] for f in members))
            if any(f.endswith(".c") for f in members):
                # other files of the folder that see the same headers may count too
                headers = {os.path.basename(h) for h in companions | set(members) if h.endswith(".h")}
                for n in names:
                    f = os.path.join(folder, n)
                    if n.endswith((".c", ".h")) and f not in seeds and os.path.isfile(os.path.join(root, f)):
                        if headers & set(re.findall(r'^\s*#\s*include\s+"([^"/]+)"', read(os.path.join(root, f)), re.M)):
                            companions.add(f)
            found.append(Driver(members, companions - set(members), root))
    return found


def counting_files(d):
    """The files of a driver that a semantic patch must see: what shows the number, and what counts it."""
    words = set()
    for p in d.seeds:
        for name, _, body in functions(d.old[p]):
            if name == "available_instances_show" or name.endswith("get_available") or re.search(r"\.get_available\s*=\s*%s\b" % name, d.old[p]):
                words |= set(re.findall(r"(?:->|\.)(\w+)", body))
    feeds = set(words)
    for p in d.old:
        for _, _, body in functions(d.old[p]):
            if any(re.search(r"(?:->|\.)%s\s*=[^=]" % w, body) for w in words):
                feeds |= set(re.findall(r"(?:->|\.)(\w+)", body))
    files = set(d.seeds)
    # only what sees a header that declares one of them can mean the same member
    headers = [p for p in d.old if p.endswith(".h") and feeds & set(re.findall(r"\b(\w+);", plain(d.old[p])))]
    see = set().union(*(seers(d, h, False) for h in headers if words & set(re.findall(r"\b(\w+);", plain(d.old[h])))))
    for p in see - files:
        text = plain(d.old[p])
        counted = {x for m in COUNTS_WITH.finditer(text) for g in m.groups() if g for x in re.findall(r"\w+", g)} | {
            w for w in words if re.search(r"(?:->|\.)%s\s*=[^=]" % w, text)}
        declared = set(re.findall(r"\b(\w+);", text)) if p.endswith(".h") else set()
        if feeds & counted or feeds & declared:
            files.add(p)
    return sorted(files)


# ---- running the semantic patches

def spatch(patch, files, cwd, mode="patch", *more):
    cmd = [os.environ.get("SPATCH", "spatch"), "--sp-file", os.path.join(COCCI, patch), "-D", mode, "--no-includes", "--include-headers", *more, *files]
    try:
        p = subprocess.run(cmd, cwd=cwd, capture_output=True, text=True, errors="surrogateescape")
    except FileNotFoundError:
        raise CannotRun("spatch is not installed: scripts/lib/host-setup cocci installs it") from None
    if "unable to find" in p.stderr and "Py" in p.stderr:
        raise CannotRun("spatch finds no Python library: scripts/lib/host-setup cocci installs it")
    return p


def tidy(old, new):
    """What Coccinelle leaves behind in lines that it wrote: empty ones, and braces in the wrong column."""
    a, b = old.split("\n"), new.split("\n")
    out, indents, out_is_new = [], [], False
    for tag, _, _, i, j in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        for line in b[i:j]:
            if tag == "equal":
                # a function or a table of ours ends here
                if out and out[-1] in ("}", "};") and line.strip() and out_is_new and not line.startswith(("#", "EXPORT", "module_", "MODULE", "}")):
                    out.append("")
                out.append(line)
                out_is_new = False
                continue
            if not line.strip() and line:
                continue
            if re.match(r"\t+\{$", line):
                indents.append(line[:-1])
            elif re.match(r"\t+\},$", line) and indents:
                line = indents.pop() + "},"
            if out and out[-1] in ("}", "};") and line.strip() and out_is_new:
                out.append("")
            out.append(line)
            out_is_new = True
        if tag == "delete":
            # the empty line behind a function went together with what followed it
            out_is_new = bool(out) and out[-1] in ("}", "};")
    text = "\n".join(out)
    # two empty lines where something between them went
    return re.sub(r"\n\n\n+", "\n\n", text) if "\n\n\n" not in old else text


def apply_patch(d, patch, files):
    """Run one semantic patch over files of a driver; change d.new; return whether it changed anything."""
    # a name that starts at / must not lead out of the folder
    copy = {f: os.path.normpath("/" + f).lstrip("/") for f in files}
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        for f in files:
            os.makedirs(os.path.dirname(os.path.join(tmp, copy[f])), exist_ok=True)
            with open(os.path.join(tmp, copy[f]), "w", errors="surrogateescape") as o:
                o.write(d.new[f])
        p = spatch(patch, list(copy.values()), tmp, "patch", "--in-place")
        if p.returncode:
            if "already tagged" not in p.stderr + p.stdout:
                raise CannotRun(f"cocci/{patch} fails on {files[0]}:\n{p.stderr[-800:]}")
            for f in files:
                code = plain(d.old[f])
                starts = {}
                for m in re.finditer(r"\batomic_set\(&([\w>.-]+),", code):
                    starts.setdefault(m.group(1), []).append(m)
                again = [x[1] for x in starts.values() if len(x) > 1]
                if again:
                    raise Left(f, line_of(code, again[0].start()), f"the counter {again[0].group(1)} is set in more than one place")
            said = re.search(r'File "(.*?)", line (\d+)', (p.stderr + p.stdout).split("already tagged")[-1])
            raise Left(next((f for f in files if said and copy[f] == said.group(1)), files[0]), int(said.group(2)) if said else 1,
                       "two places ask for the same change, such as two counters or two structures of callbacks")
        before = dict(d.new)
        for f in files:
            now = read(os.path.join(tmp, copy[f]))
            if now != before[f]:
                d.new[f] = tidy(before[f], now)
    return before != d.new


# ---- is it whole?

def words_of(d, which):
    return "\n".join(plain(t) for t in which.values())


def explain(d, attr):
    """Why nothing matched: the line that is not as the rules know it, and a reason."""
    show = attr + "_show"
    for p in d.seeds:
        text = d.old[p]
        code = plain(text)
        cond = conditional_lines(text)
        hits = [line_of(code, m.start()) for m in re.finditer(r"\b(mdev_type_attr_)?%s(_show)?\b" % attr, code)]
        for n in hits:
            line = code.split("\n")[n - 1]
            if n in cond:
                return p, n, "inside #if: the rules can't know which branch is built"
            if re.match(r"\s*#\s*define", line):
                return p, n, "the attribute is made by a macro"
        for n in hits:
            line = code.split("\n")[n - 1]
            m = re.match(r"\s*(?:static\s+)?([A-Z_][A-Z0-9_]+)\s*\(", line)
            if m and m.group(1) not in ("MDEV_TYPE_ATTR_RO", "MDEV_TYPE_ATTR", "MDEV_TYPE_ATTR_RW"):
                return p, n, f"the attribute is made by a macro, {m.group(1)}"
            if m and m.group(1) == "MDEV_TYPE_ATTR_RW":
                return p, n, "the attribute can be written"
        for m in re.finditer(r"struct attribute \*\s*\w+\[([^\]]*)\]\s*=\s*\{(.*?)\}", code, re.S):
            at = re.search(r"\b(mdev_type_attr_)?%s\b" % attr, m.group(2))
            if at and (m.group(1).strip() or "[" in m.group(2)):
                return p, line_of(code, m.start(2) + at.start()), "the array of attributes has a size or designators"
    for p in d.seeds:
        if not re.search(r"struct mdev_(parent_ops|driver)\s+\w+\s*=", words_of(d, d.old)):
            n = find_line(d.old[p], r"\bmdev_register_(device|parent)\b")
            if n:
                return p, n, "the structure of callbacks is filled in at run time"
    for p in d.seeds:
        for name, at, body in functions(d.old[p]):
            if name == show or attr == "available_instances" and re.search(r"\.get_available\s*=\s*%s\b" % name, d.old[p]):
                n = line_of(d.old[p], d.old[p].find("{", at))
                if attr == "device_api":
                    return p, n, "what it shows is not one constant word"
                if re.search(r"find_\w*_zero_bit|bitmap_weight|hweight", body):
                    return p, n, "instances are counted in a bitmap, which hands out numbers too"
                if re.search(r"list_for_each", body):
                    return p, n, "instances are counted by walking a list"
                wide = re.search(r"\b(atomic64|atomic_long)_read", body)
                if wide:
                    return p, n, f"instances are counted by an {wide.group(1)}_t; the rules know atomic_t and the integers: make it one of these"
                if re.search(r"kref_read|refcount_read", body):
                    return p, n, "instances are counted by references, which others may hold"
                if re.search(r"printf?\([^;]*,\s*\"?\"?,?\s*\d+\)|return \d+;", body) or not re.search(r"->|atomic_|\.", body) and not re.search(r"-|/", body):
                    return p, n, "it shows a number that nothing in the driver counts or limits"
                return p, n, "what it shows is computed in a way that no rule knows"
    for p in d.seeds:
        n = find_line(d.old[p], r"\b%s\b" % attr)
        if n:
            return p, n, f"{attr} is used in a way that no rule knows"
    return d.seeds[0], 1, f"{attr} is shown in a way that no rule knows"


def removed_names(d):
    """Variables and members whose declaration went: {name: [path, ...]}."""
    gone = {}
    decl = re.compile(r"^\s*(?:static\s+)?(?:unsigned\s+)?(?:struct\s+)?\w+\s+\**(\w+)\s*(?:=[^;]*)?;\s*$")
    for p in d.changed():
        for line in difflib.ndiff(plain(d.old[p]).split("\n"), plain(d.new[p]).split("\n")):
            m = decl.match(line[2:]) if line.startswith("- ") else None
            # at file scope, or a member in a header or a structure: not a local variable
            if m and m.group(1) not in ("break",):
                gone.setdefault(m.group(1), []).append((p, line[2:]))
    return gone


def check_whole(d, needs_api, needs_count):
    after = {p: plain(t) for p, t in d.new.items()}
    both = "\n".join(after.values())
    if needs_api:
        if not re.search(r"\.device_api\s*=", both):
            raise Left(*explain(d, "device_api"))
        for p in d.seeds:
            m = re.search(r"\bmdev_type_attr_device_api\b|\bdevice_api_show\b|MDEV_TYPE_ATTR\w*\(device_api\b|__ATTR\w*\(device_api\b", after[p])
            if m and re.search(r"\bMDEV_TYPE_ATTR\w*\(device_api\b|__ATTR\w*\(device_api\b", after[p]):
                raise Left(*explain(d, "device_api"))
            if m:
                line = line_of(after[p], m.start())
                told = explain(d, "device_api")
                if "inside #if" in told[2] or "array" in told[2]:
                    raise Left(*told)
                raise Left(p, original_line(d, p, line), f"{m.group(0)} is used here by something else too")
    if needs_count:
        if not re.search(r"\.max_instances\s*=|\.budget\s*=|\bmdev_register_parent_budget\b", both):
            number = start_of_count(d)
            raise Left(*(number or explain(d, "available_instances")))
        for p in d.seeds:
            if re.search(r"\bmdev_type_attr_available_instances\b|\bavailable_instances_show\b|ATTR\w*\(available_instances\b|\.get_available\s*=", after[p]):
                raise Left(*explain(d, "available_instances"))
        n = len(re.findall(r"\.max_instances\s*=", both)) + len(re.findall(r"\.budget\s*=", both))
        if n > 1 and len(re.findall(r"struct mdev_(?:parent_ops|driver)\s+\w+\s*=", both)) < n:
            p = d.changed()[0]
            raise Left(p, find_line(d.old[p], r"available_instances|get_available") or 1, "the number of instances is set in more than one place")
    check_names(d, after)
    check_members(d, after)
    for p in d.changed():
        check_file(d, p, after[p])


def start_of_count(d):
    """A counter that starts from what only the parent knows can't become a number in a structure of the driver's."""
    for p in d.old:
        m = re.search(r"\batomic_set\(&[^,;]*\b(?:avail\w*|free\w*|left|instances|slots|remaining)\s*,\s*(\w+(?:->|\.)[^;]*)\);", plain(d.old[p]))
        if m:
            return p, line_of(d.old[p], m.start()), "each parent has a number of its own; a structure of the driver's can't hold it"
    return None


def check_names(d, after):
    gone = removed_names(d)
    for name, places in gone.items():
        top = [(p, x) for p, x in places if not x.startswith("\t") or inside_struct(d.old[p], x)]
        if not top:
            continue
        if len(top) > 1:
            p, x = top[1]
            raise Left(p, d.old[p].split("\n").index(x) + 1 if x in d.old[p].split("\n") else 1,
                       f"two structures have a member {name}; the rules can't tell them apart")
        is_member = top[0][1].startswith("\t")
        if is_member and any(re.search(r"^\s[^;()]*\b%s;" % name, t, re.M) for t in after.values()):
            # a member of another structure, which the rules told apart by its type
            continue
        for p in seers(d, top[0][0], is_member or top[0][1].startswith("static")):
            text = after[p]
            m = re.search(r"(?:->|\.)\s*%s\b" % name if is_member else r"(?<![.>])\b%s\b" % name, text)
            if m:
                raise Left(p, original_line(d, p, line_of(text, m.start())), f"the counter {name} is used here in a way that no rule knows")
        writable = re.search(r"\bmodule_param(?:_named)?\((?:\w+, )?%s\b[^)]*(0[0246]*[2367]\d\d|S_IW\w+)" % name, words_of(d, d.old))
        if writable:
            raise Left(top[0][0], 1, f"{name} is a module parameter")


def members(text):
    """The members of all structures of a file: [(name, line), ...]."""
    found, code = [], plain(text)
    for m in re.finditer(r"^(?:(?:static|typedef|const)\s+)*struct\b[^;(){}=]*\{(.*?)^\}", code, re.M | re.S):
        for x in re.finditer(r"(?:^|;)\s*[a-zA-Z_][\w\s*]*?[\s*](\w+(?:\[[^\]]*\])*(?:\s*,\s*\**\w+(?:\[[^\]]*\])*)*)\s*(?=;)", m.group(1)):
            at = line_of(code, m.start(1) + x.start(1))
            found += [(n, at) for n in re.findall(r"(\w+)(?:\[[^\]]*\])*(?:,|\s|$)", x.group(1) + ",")]
    return found


def check_members(d, after):
    """Nobody uses a member that no structure has any more."""
    old = [(p, *m) for p in d.old for m in members(d.old[p])]
    left = {n for t in d.new.values() for n, _ in members(t)}
    for name in sorted({n for _, n, _ in old} - left):
        places = [(p, line) for p, n, line in old if n == name]
        for p, text in after.items():
            m = re.search(r"(?:->|(?<=[\w\])])\.)%s\b" % name, text)
            if m and len(places) > 1:
                raise Left(*places[1], f"two structures have a member {name}; the rules can't tell them apart")
            if m:
                raise Left(p, original_line(d, p, line_of(text, m.start())), f"the member {name} is used here in a way that no rule knows")


def seen_by(d, path):
    """A file of a driver and the driver's headers that it includes."""
    seen = [path]
    for p in seen:
        for name in re.findall(r'#\s*include\s+"(?:[^"]*/)?([^"/]+)"', d.old[p]):
            seen += [h for h in d.old if os.path.basename(h) == name and h not in seen]
    return seen


def declare_words(d):
    """What a structure of callbacks is given may have been declared where the attribute was, and not where the structure is."""
    for p in d.changed():
        for word in re.findall(r"\.(?:device_api|max_instances)\s*=\s*([A-Za-z_]\w*)", d.new[p]):
            seen = seen_by(d, p)
            if any(re.search(r"\b%s\b" % word, plain(d.old[f])) for f in seen):
                continue
            line = find_line(d.old[p], r"struct mdev_(parent_ops|driver)\s+\w+\s*=") or 1
            if not word.startswith("VFIO_"):
                raise Left(p, line, f"{word} is declared in another file; put it into a header that this file includes")
            if not any("linux/vfio.h>" in d.old[f] or apply_patch(d, "vfio_header.cocci", [f]) for f in seen):
                raise Left(p, line, f"{word} is not declared here; include <linux/vfio.h>")


def seers(d, path, private):
    """The files of a driver that see what path declares."""
    if private and path.endswith(".c"):
        return [path]
    if not path.endswith(".h"):
        return sorted(d.old)
    see = {path}
    while True:
        more = {p for p in d.old if any(re.search(r'#\s*include\s+"(?:[^"]*/)?%s"' % re.escape(os.path.basename(h)), d.old[p]) for h in see if h.endswith(".h"))}
        if more <= see:
            return sorted(see)
        see |= more


def inside_struct(text, line):
    at = ("\n" + text).find("\n" + line)
    if at < 0:
        return False
    opener = re.findall(r"^(?:(?:static|typedef|const)\s+)*struct\b[^;(){}]*\{|^\{|^[^\n\t#/ *][^;\n]*\)\s*\{|^\}", plain(text)[:at], re.M)
    return bool(opener) and opener[-1].lstrip("statcypdefon ").startswith("truct") or bool(opener) and "struct" in opener[-1] and opener[-1].endswith("{") and "(" not in opener[-1]


def original_line(d, path, n):
    """The line of the old text that line n of the new one is."""
    a, b = d.old[path].split("\n"), d.new[path].split("\n")
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if j1 < n <= j2:
            return min(i1 + (n - j1), i2) if tag == "equal" else i1 + 1
    return 1


def check_file(d, p, after):
    a, b = d.old[p].split("\n"), d.new[p].split("\n")
    cond = conditional_lines(d.old[p])
    fresh = set()
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            continue
        fresh |= set(range(j1 + 1, j2 + 1))
        hit = [n for n in range(i1 + 1, max(i2, i1 + 1) + 1) if n in cond and (i2 > i1 or n - 1 in cond)]
        if hit:
            raise Left(p, hit[0], "inside #if: the rules can't know which branch is built")
    for n in fresh:
        if re.search(r"(^|\))\s*\{\}|^\s*;$", b[n - 1]):
            raise Left(p, original_line(d, p, n), "a statement would be left empty here")
    for name, at, body in functions(d.new[p]):
        if body in {x for _, _, x in functions(d.old[p])}:
            continue
        if not body.strip():
            raise Left(p, find_line(d.old[p], r"\b%s\s*\(" % name) or 1, f"function {name} would be left empty")
        for m in re.finditer(r"^(\w+):\s*$", body, re.M):
            if m.group(1) == "default":
                continue
            line = original_line(d, p, line_of(d.new[p], d.new[p].find("\n" + m.group(1) + ":", at) + 1))
            if not re.search(r"\bgoto %s;" % m.group(1), body):
                raise Left(p, line, f"label {m.group(1)} would be left without a goto")
            if not body[m.end():].strip():
                raise Left(p, line, f"label {m.group(1)} would be left with nothing behind it")
        for m in re.finditer(r"\bgoto (\w+);", body):
            if not re.search(r"^\s*%s:" % m.group(1), body, re.M):
                raise Left(p, original_line(d, p, line_of(d.new[p], at)), f"label {m.group(1)} would be missing")
    was, now = plain(d.old[p]), after
    for name, at, _ in functions(d.new[p]):
        head = now[at:now.find("(", at)]
        uses = len(re.findall(r"\b%s\b" % name, now))
        if "static" in head and uses == 1 and len(re.findall(r"\b%s\b" % name, was)) > 1:
            raise Left(p, find_line(d.old[p], r"\b%s\s*\(" % name), f"function {name} would be left without a caller")


def check_types(d):
    """A 5.10 budget finds the type by the place of its group: groups and the driver's table must be in one order."""
    for p in d.changed():
        m = re.search(r"return (\w+)\[mtype_get_type_group_id\(mtype\)\]", d.new[p])
        numbered = re.search(r"return mtype_get_type_group_id\(mtype\) \+ 1;", d.new[p])
        if not m and not numbered:
            continue
        code = re.sub(r"/\*.*?\*/", "", d.new[p], flags=re.S)
        var = re.search(r"\.supported_type_groups\s*=\s*(\w+)", code)
        var = var.group(1) if var else r"\w+"
        groups = re.search(r"struct attribute_group \*\s*%s\[\]\s*=\s*\{([^}]*)\}" % var, code)
        names = []
        for g in re.findall(r"&(\w+)", groups.group(1) if groups else ""):
            n = re.search(r"struct attribute_group %s\s*=\s*\{[^}]*?\.name\s*=\s*([^,}]+)" % g, code)
            names.append(n.group(1).strip() if n else None)
        line = find_line(d.old[p], r"struct attribute_group \*\s*%s\[" % var) or 1
        if not names or None in names:
            raise Left(p, line, "the names of supported_type_groups can't be read")
        if numbered and names != [f'"{i + 1}"' for i in range(len(names))]:
            raise Left(p, line, 'supported_type_groups are not called "1", "2", ... in this order')
        if m:
            table = re.search(r"\b%s\[\w*\]\s*=\s*\{(.*?)\n\};" % m.group(1), code, re.S)
            rows = re.findall(r"\.name\s*=\s*([^\n]*?),?\s*(?:\n|\})", table.group(1)) if table else []
            if len(rows) != len(names) or any(n not in r and n.strip('"') not in r for n, r in zip(names, rows)):
                raise Left(p, line, f"supported_type_groups and {m.group(1)} are not in the same order")


def check_parameter(d):
    """A number that a variable holds is read once: it must be visible where it is read and stay as it is."""
    for p in d.changed():
        for m in re.finditer(r"^\s*\w+(?:\.max_instances|\[0\]\.total) = (\w+);", d.new[p], re.M):
            n, code = m.group(1), plain(d.old[p])
            at = find_line(d.old[p], r"\b%s\b" % n) or 1
            if any(re.search(r"^\s*#\s*define\s+%s\b" % n, t, re.M) for t in d.old.values()):
                continue
            if not re.search(r"^(?:static|extern|unsigned|int|u32|const)[^;(){}\n]*\b%s\b" % n, code, re.M):
                raise Left(p, at, f"{n} can't be read where the parent is registered")
            mode = re.search(r"\bmodule_param(?:_named)?\([^;]*\b%s\b[^;]*,\s*([^,;)]+)\);" % n, code)
            if mode and (re.fullmatch(r"0\d*[2367]\d{2}", mode.group(1).strip()) or "S_IW" in mode.group(1)):
                raise Left(p, line_of(code, mode.start()), f"the parameter {n} can be changed while the driver runs; the core reads it once")


def drop_member_docs(d):
    """The kernel-doc line of a member that went."""
    for name, places in removed_names(d).items():
        for p, line in places:
            if line.startswith("\t") and p.endswith((".h", ".c")):
                d.new[p] = re.sub(r"(?m)^ \* @%s:[^\n]*\n(?: \*(?![ \t]*@)(?!/)[ \t]{2,}[^\n]*\n)*" % name, "", d.new[p])


def parse_errors(text, name):
    """How many lines Coccinelle can't read, and the number of the first one that is not in a macro or in #if."""
    with tempfile.TemporaryDirectory(prefix="migrate.") as tmp:
        f = os.path.join(tmp, os.path.basename(name))
        with open(f, "w", errors="surrogateescape") as o:
            o.write(text)
        p = subprocess.run([os.environ.get("SPATCH", "spatch"), "--parse-c", f], capture_output=True, text=True, errors="replace")
    said = p.stdout + p.stderr
    bad = re.search(r"nb bad\s*=\s*(\d+)", said)
    if not bad:
        raise CannotRun(f"spatch --parse-c says nothing about {name}:\n{said[-400:]}")
    lines, hidden = plain(text).split("\n"), conditional_lines(text)
    for n, line in enumerate(lines, 1):
        if re.match(r"\s*#", line) or n > 1 and n - 1 in hidden and lines[n - 2].endswith("\\"):
            hidden.add(n)
        if n > 1 and lines[n - 2].endswith("\\"):
            hidden.add(n)
    # Coccinelle notices an error at the end of the file where a bracket is missing; unbalanced() knows better
    found = sorted(int(x) for x in re.findall(r'= File "[^"\n]*", line (\d+)', said))
    return int(bad.group(1)), next((n for n in found if n not in hidden), None)


def unbalanced(text):
    """The line of the first bracket without a partner, or None. Of #if and #else, the first branch counts."""
    stack, branches = [], []
    lines = plain(text).split("\n")
    partner = {")": "(", "]": "[", "}": "{"}
    macro = False
    for n, line in enumerate(lines, 1):
        m = re.match(r"\s*#\s*(if\w*|else|elif|endif)\b", line)
        if m:
            if m.group(1).startswith("if"):
                branches.append(True)
            elif m.group(1) == "endif":
                branches[-1:] = []
            elif branches:
                branches[-1] = False
            continue
        if macro or re.match(r"\s*#", line):
            macro = line.endswith("\\")
            continue
        if not all(branches):
            continue
        if stack and re.match(r"\}", line) and stack[-1][0] != "{":
            # a function ends inside parentheses
            return stack[-1][1]
        for c in re.sub(r"'(?:\\.|[^'\\])+'", "", line):
            if c in "([{":
                stack.append((c, n))
            elif c in partner:
                if not stack or stack[-1][0] != partner[c]:
                    return stack[-1][1] if stack else n
                stack.pop()
    return stack[-1][1] if stack else None


def parses(d):
    """Coccinelle reads what came out as well as what went in."""
    for p in d.changed():
        if unbalanced(d.new[p]) or parse_errors(d.new[p], p)[0] > parse_errors(d.old[p], p)[0]:
            raise Left(p, 1, "what came out can't be parsed")


def readable(d):
    """A rule that does not match may mean C that is broken."""
    for p in d.seeds:
        line = parse_errors(d.old[p], p)[1]
        if line:
            raise Unreadable(p, line, "spatch can't read this; mend it if a compiler says so too, or write what a macro stands for")


# ---- one driver

def migrate(d):
    """Decide about one driver; set its verdict, and d.new to the result or back to d.old."""
    old = words_of(d, {p: d.old[p] for p in d.seeds})
    ops = "mdev_parent_ops" in old
    api = bool(re.search(r"\bdevice_api_show\b|\bmdev_type_attr_device_api\b|ATTR\w*\(device_api\b|\(device_api[,)]", old))
    count = bool(re.search(r"\bavailable_instances_show\b|\bmdev_type_attr_available_instances\b|ATTR\w*\(available_instances\b|\(available_instances[,)]"
                           r"|\.get_available\s*=", old))
    d.api = "core" if re.search(r"\.device_api\s*=", old) else "-"
    d.count = "core" if re.search(r"\.max_instances\s*=|\.budget\s*=|mdev_register_parent_budget", old) else "-"
    try:
        for p in d.seeds:
            line = unbalanced(d.old[p])
            if line:
                raise Unreadable(p, line, "this bracket has no partner; mend it and run again")
        if not api and not count:
            return d
        if count:
            files = counting_files(d)
            three = re.search(r"\bmin3\(|\bmin\(min\(", "\n".join(plain(d.old[f]) for f in files))
            quotient = any(re.search(r"[\w)]\s*/\s*\w", body) for p in d.seeds for name, _, body in functions(d.old[p])
                           if name == "available_instances_show" or re.search(r"(?:available_instances, \w+, |\.get_available\s*=\s*)%s\b" % name, d.old[p]))
            if three:
                patch = "budget_three_parent_ops.cocci" if ops else "budget_three.cocci"
            elif quotient:
                patch = "budget_parent_ops.cocci" if ops else "budget.cocci"
            else:
                patch = "available_instances.cocci"
            if apply_patch(d, patch, files):
                d.count = "budget" if three or quotient else "max_instances"
        if api:
            if apply_patch(d, "device_api.cocci", d.seeds):
                d.api = "core"
        check_whole(d, api, count)
        declare_words(d)
        check_types(d)
        check_parameter(d)
        drop_member_docs(d)
        parses(d)
        d.verdict = "migrated"
    except Left as left:
        d.new = dict(d.old)
        if not isinstance(left, Unreadable):
            try:
                readable(d)
            except Unreadable as worse:
                left = worse
        d.verdict = "unreadable" if isinstance(left, Unreadable) else "left alone"
        d.path, d.line, d.reason = left.path, left.line, left.reason
        d.api, d.count = "own" if api else d.api, "own" if count else d.count
    return d
