# SPDX-License-Identifier: GPL-2.0-only
"""Debian packages of any suite, in the cache.

apt does the work in a folder of its own: the machine's sources stay as they are, packages come
from the mirror that its apt uses, and apt verifies signatures and checksums.
"""
import fnmatch
import functools
import json
import os
import re
import subprocess
import time

from lib.common import (ARCHES, CACHE, CannotRun, locked, need_space, output, replace_all, run,
                        say, whole)

APT = os.path.join(CACHE, "apt")
DEBS = os.path.join(CACHE, "debs")
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
FRESH = 24 * 3600       # seconds until a downloaded index is fetched again
BY_HAND = "KSRC=DIR takes a kernel source that you have, KDIR=DIR a headers folder"
# apt's words for a file that the mirror has lost or that is not the one in the signed index
REFUSED = r"404 |Hash Sum mismatch|unexpected size|unable to find|File not found|Size mismatch"


class Refused(CannotRun):
    """The mirror lacks a version of a package, has another file under its name, or no index."""


def mirrors():
    """The base addresses of Debian's main and security archives, as in the machine's own apt."""
    main_repo = security = None
    lines = output(["apt-get", "indextargets", "--format", "$(RELEASE) $(REPO_URI)"])
    for line in lines.splitlines():
        release, _, uri = line.partition(" ")
        uri = uri.rstrip("/")
        if release.endswith("-security"):
            security = security or uri
        elif re.fullmatch(r"[a-z]+(-updates|-backports)?", release) and uri.endswith("debian"):
            main_repo = main_repo or uri
    if not main_repo:
        raise CannotRun("this machine's apt has no Debian archive (apt-get indextargets lists "
                        f"none). Add one to its sources. {BY_HAND}")
    # a minimal installation may list no security archive: Debian mirrors keep both side by side
    return main_repo, security or re.sub(r"debian$", "debian-security", main_repo)


def mirror(suite):
    return mirrors()[suite.endswith("-security")]


def conf_of(suite, arch, kind="deb", also=()):
    folder = "+".join([f"{suite}-{arch}" if kind == "deb" else f"{suite}-source", *also])
    return os.path.join(APT, folder, "apt.conf")


def setup(suite, arch, kind="deb", also=()):
    """Write a private apt configuration for one suite and architecture; return its file.

    @also: more suites. Each architecture has its own: apt drops a suite when one of its indexes is
    missing.
    """
    conf = conf_of(suite, arch, kind, also)
    base = os.path.dirname(conf)
    for d in ("lists/partial", "cache/archives/partial", "state"):
        os.makedirs(os.path.join(base, d), exist_ok=True)
    with open(os.path.join(base, "sources.list"), "w") as f:
        for each in suite, *also:
            f.write(f"{kind} [arch={arch} signed-by={KEYRING}] {mirror(each)} {each} main\n")
    with open(conf, "w") as f:
        f.write(f"""APT::Architecture "amd64";
APT::Architectures {{ {' '.join(f'"{a["deb"]}";' for a in ARCHES.values())} }};
Dir::State "{base}/state";
Dir::State::lists "{base}/lists";
Dir::State::status "/dev/null";
Dir::Cache "{base}/cache";
Dir::Etc::sourcelist "{base}/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Sandbox::User "root";
APT::Update::Error-Mode "any";
""")
    return conf


def stamp_of(conf):
    return os.path.join(os.path.dirname(conf), "updated")


def fresh(conf):
    return os.path.exists(stamp_of(conf)) and time.time() - os.path.getmtime(stamp_of(conf)) < FRESH


def apt_get(conf, log, *args, cwd=None):
    """Run apt-get; return its exit code and the reasons that it gave."""
    log = os.path.join(os.path.dirname(conf), log + ".log")
    start = os.path.getsize(log) if os.path.exists(log) else 0
    code = run(["apt-get", "-c", conf, "-q", *args], log=log, check=False, cwd=cwd).returncode
    with open(log, errors="replace") as f:
        f.seek(start)
        lines = [x.strip() for x in f if re.match(r"(E|W|Err):|  +\S", x)]
    reasons = list(dict.fromkeys(lines))[:6]
    return code, "".join(f"\n    {x}" for x in reasons) + f"\n    apt log: {log}"


def refresh(conf, force=False):
    """Update the package index of a configuration; keep the old one where no newer one comes."""
    stamp = stamp_of(conf)
    if not force and fresh(conf):
        return
    code, reasons = apt_get(conf, "update", "update")
    index.cache_clear()
    if not code:
        open(stamp, "w").close()
    elif os.path.exists(stamp):
        say(f"apt-fetch: no newer package index; using the one in the cache:{reasons}")
    else:
        raise Refused("no package index could be fetched and the cache has none. "
                      f"{BY_HAND}. apt says:{reasons}")


@functools.lru_cache(maxsize=None)
def index(conf):
    """All stanzas of a configuration's package index: [{field: value}]."""
    found = []
    files = output(["apt-get", "-c", conf, "indextargets", "--format", "$(FILENAME)",
                    "Created-By: Packages"]).split()
    for f in sorted(x for x in set(files) if os.path.exists(x)):
        for block in output(["/usr/lib/apt/apt-helper", "cat-file", f]).split("\n\n"):
            fields = dict(x.split(": ", 1) for x in block.splitlines()
                          if re.match(r"(Package|Version|Architecture|Filename|Depends): ", x))
            if fields:
                found.append(fields)
    return found


def newer(a, b):
    return subprocess.run(["dpkg", "--compare-versions", a, "gt", b]).returncode == 0


def by_version(found):
    """Stanzas, the newest version first."""
    def order(a, b):
        return newer(b["Version"], a["Version"]) - newer(a["Version"], b["Version"])
    return sorted(found, key=functools.cmp_to_key(order))


def find(conf, name, version=None):
    """The stanzas that match a name or pattern, and a version, the newest first."""
    return by_version(s for s in index(conf) if fnmatch.fnmatchcase(s["Package"], name)
                      and version in (None, s["Version"]))


def memory_of(conf):
    """The specs resolved from this index, {spec: stanzas}: reading an index takes seconds."""
    path = os.path.join(os.path.dirname(conf), "found.json")
    try:
        if os.path.getmtime(path) > os.path.getmtime(stamp_of(conf)):
            with open(path) as f:
                return path, json.load(f)
    except (OSError, ValueError):
        pass
    return path, {}


def remember(conf, spec, found):
    path, memory = memory_of(conf)
    memory[spec] = found
    replace_all({path: json.dumps(memory)})


def alone():
    """Keep other runs from apt's folders."""
    return locked(os.path.join(CACHE, "apt.lock"))


def stanzas(suite, spec):
    """The stanzas of PACKAGE[:ARCH][=VERSION] in a suite, the newest version first."""
    with alone():
        return resolve(suite, spec)[1]


def resolve(suite, spec):
    """The apt configuration for a spec, and its stanzas."""
    m = re.fullmatch(r"([^:=]+)(?::([^=]+))?(?:=(.+))?", spec)
    if not m:
        raise CannotRun(f"'{spec}' is not PACKAGE[:ARCH][=VERSION]")
    name, arch, version = m.groups()
    conf = conf_of(suite, arch or "amd64")
    if fresh(conf) and memory_of(conf)[1].get(spec):
        return conf, memory_of(conf)[1][spec]
    setup(suite, arch or "amd64")
    refresh(conf)
    found = find(conf, name, version)
    if not found:
        refresh(conf, force=True)
        found = find(conf, name, version)
    if not found:
        raise Refused(f"no package {spec} in {suite}; Debian may have another version: "
                      f"see scripts/tree/trees.conf. {BY_HAND}")
    remember(conf, spec, found)
    return conf, found


def download(conf, suite, stanza):
    """The file of one version of a package, from the cache or the mirror."""
    name = f"{stanza['Package']}_{stanza['Version']}_{stanza['Architecture']}.deb"
    path = os.path.join(DEBS, name)
    if os.path.exists(path):
        return path
    need_space(DEBS, 400, f"downloading {name}")
    say(f"fetching {name} from {suite}")
    arch = "" if stanza["Architecture"] == "all" else ":" + stanza["Architecture"]
    what = f"{stanza['Package']}{arch}={stanza['Version']}"
    incoming = os.path.join(DEBS, ".incoming-" + name)
    with whole(incoming) as tmp:
        code, reasons = apt_get(conf, "download", "download", what, cwd=tmp)
        if code:
            refresh(conf, force=True)
            code, reasons = apt_get(conf, "download", "download", what, cwd=tmp)
        if code:
            kind = Refused if re.search(REFUSED, reasons) else CannotRun
            raise kind(f"{name} could not be fetched from {suite}. apt says:{reasons}")
        os.rename(os.path.join(tmp, os.listdir(tmp)[0]), path)
    os.rmdir(incoming)
    return path


def fetch(suite, spec):
    """The file of a package: the newest version that the mirror has."""
    with alone():
        conf, found = resolve(suite, spec)
        for stanza in found:
            try:
                return download(conf, suite, stanza)
            except Refused as e:
                say(f"apt-fetch: {e}")
    raise Refused(f"no version of {spec} in {suite} could be fetched; the reasons are above")


def fetch_all(suite, spec):
    """The files of a package and of all that it depends on: what a new system would install.

    Recommended packages are not among them. Backports stand on their release, which is searched
    as well.
    """
    name, _, arch = spec.partition(":")
    release = suite.removesuffix("-backports")
    with alone():
        conf = setup(suite, arch or "amd64", also=[release] * (release != suite))
        refresh(conf)
        p = subprocess.run(["apt-get", "-c", conf, "-s", "-t", suite, "--no-install-recommends",
                            "install", f"{name}:{arch or 'amd64'}"], capture_output=True, text=True)
        if p.returncode:
            # the reason stands before the error
            said = "\n".join((p.stdout + p.stderr).strip().splitlines()[-4:])
            raise CannotRun(f"{spec} of {suite} can't be installed. apt says:\n{said}")
        # Inst NAME[:ARCH] (VERSION WHERE [ARCH])
        found = re.findall(r"(?m)^Inst ([^\s:]+)\S* \((\S+) .*\[(\w+)\]", p.stdout)
        return [download(conf, suite, dict(zip(("Package", "Version", "Architecture"), m)))
                for m in found]


def fetch_source(suite, spec):
    """The folder of the unpacked source package, from the cache or the mirror."""
    path = os.path.join(CACHE, "src", f"{spec}@{suite}")
    with alone():
        if os.path.isdir(path):
            return os.path.join(path, "unpacked")
        conf = setup(suite, "amd64", "deb-src")
        refresh(conf)
        say(f"fetching the source of {spec} from {suite}")
        with whole(path) as tmp:
            code, reasons = apt_get(conf, "download", "--download-only", "source", spec, cwd=tmp)
            if code:
                raise CannotRun(f"the source of {spec} could not be fetched from {suite}. "
                                f"apt says:{reasons}")
            dsc = [f for f in os.listdir(tmp) if f.endswith(".dsc")][0]
            run(["dpkg-source", "--no-check", "-x", dsc, "unpacked"], cwd=tmp,
                log=os.path.join(os.path.dirname(conf), "download.log"),
                what=f"unpacking the source of {spec}")
    return os.path.join(path, "unpacked")
