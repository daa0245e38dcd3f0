# SPDX-License-Identifier: GPL-2.0-only
"""A mirror that lacks a package, has a wrong one, or lies: apt's reason, and what is taken instead.

apt runs over a repository in a temporary folder.
"""
import contextlib
import hashlib
import io
import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

SCRIPTS = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, SCRIPTS)
from lib.common import CannotRun  # noqa: E402
from lib.loading import as_module  # noqa: E402
from tree import apt  # noqa: E402

PACKAGE = "linux-source-9.9"
CONTROL = """Package: {name}
Version: {version}
Architecture: all
Maintainer: A <a@example.org>
Description: a test
"""


class Mirror(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.top = tmp.name
        # apt's sandbox user reads the repository
        os.chmod(self.top, 0o755)
        for name, value in (("APT", "cache/apt"), ("DEBS", "cache/debs"), ("CACHE", "cache")):
            self.patch(name, os.path.join(self.top, value))
        self.patch("mirror", lambda suite: f"file:{self.top}/{suite}")
        self.patch("KEYRING", self.trusted())
        self.addCleanup(apt.index.cache_clear)
        apt.index.cache_clear()

    def patch(self, name, value):
        patched = mock.patch.object(apt, name, value)
        patched.start()
        self.addCleanup(patched.stop)

    def trusted(self):
        """In place of the keyring: the test's repositories are unsigned, and accepted."""
        return "/dev/null trusted=yes"

    def repository(self, suite, *versions, fields="", release=""):
        """A suite with these versions of the package; return {version: file}.

        @fields: more of each package; @release: more of the Release file.
        """
        base, made, index = os.path.join(self.top, suite), {}, ""
        dist = os.path.join(base, "dists", suite)
        os.makedirs(os.path.join(dist, "main/binary-amd64"))
        for version in versions:
            folder = os.path.join(self.top, "package", version)
            os.makedirs(os.path.join(folder, "DEBIAN"), exist_ok=True)
            with open(os.path.join(folder, "DEBIAN/control"), "w") as f:
                f.write(CONTROL.format(name=PACKAGE, version=version))
            name = f"{PACKAGE}_{version}_all.deb"
            made[version] = os.path.join(base, name)
            subprocess.run(["dpkg-deb", "--root-owner-group", "-b", folder, made[version]],
                           check=True, stdout=subprocess.DEVNULL)
            with open(made[version], "rb") as f:
                data = f.read()
            index += (CONTROL.format(name=PACKAGE, version=version) + fields
                      + f"Filename: {name}\nSize: {len(data)}\n"
                      f"SHA256: {hashlib.sha256(data).hexdigest()}\n\n")
        with open(os.path.join(dist, "main/binary-amd64/Packages"), "w") as f:
            f.write(index)
        data = index.encode()
        with open(os.path.join(dist, "Release"), "w") as f:
            f.write(f"Suite: {suite}\nCodename: {suite}\nArchitectures: amd64\nComponents: main\n"
                    f"Date: Thu, 01 Jan 2026 00:00:00 UTC\n{release}SHA256:\n"
                    f" {hashlib.sha256(data).hexdigest()} {len(data)} main/binary-amd64/Packages\n")
        return made

    def fetch(self, suite, spec=PACKAGE):
        said = io.StringIO()
        with contextlib.redirect_stderr(said):
            path = apt.fetch(suite, spec)
        return os.path.basename(path), said.getvalue()

    def spoil(self, path):
        with open(path, "ab") as f:
            f.write(b"x")


class Trusted(Mirror):
    def test_the_newest_version(self):
        self.repository("one", "9.9.1-1", "9.9.10-1", "9.9.2-1")
        self.assertEqual(self.fetch("one")[0], f"{PACKAGE}_9.9.10-1_all.deb")
        versions = [s["Version"] for s in apt.stanzas("one", PACKAGE)]
        self.assertEqual(versions, ["9.9.10-1", "9.9.2-1", "9.9.1-1"])

    def test_an_older_version_where_the_newest_is_gone(self):
        os.unlink(self.repository("one", "9.9.1-1", "9.9.2-1")["9.9.2-1"])
        name, said = self.fetch("one")
        self.assertEqual(name, f"{PACKAGE}_9.9.1-1_all.deb")
        self.assertIn("9.9.2-1_all.deb could not be fetched from one. apt says:", said)
        self.assertIn("File not found", said)

    def test_an_older_version_where_the_newest_is_another_file(self):
        self.spoil(self.repository("one", "9.9.1-1", "9.9.2-1")["9.9.2-1"])
        name, said = self.fetch("one")
        self.assertEqual(name, f"{PACKAGE}_9.9.1-1_all.deb")
        self.assertRegex(said, "Hash Sum mismatch|unexpected size")
        self.assertEqual(os.listdir(apt.DEBS), [name])

    def test_a_version_that_was_asked_for_is_not_replaced(self):
        self.spoil(self.repository("one", "9.9.1-1", "9.9.2-1")["9.9.2-1"])
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(apt.Refused):
            apt.fetch("one", f"{PACKAGE}=9.9.2-1")

    def test_no_such_package(self):
        self.repository("one", "9.9.1-1")
        with self.assertRaisesRegex(CannotRun, "no package linux-source-8.8 in one.*KSRC=DIR"):
            apt.fetch("one", "linux-source-8.8")


class Tree(Mirror):
    """What scripts/tree/fetch makes of it: one version for all parts, then another suite."""

    def setUp(self):
        super().setUp()
        self.module = as_module("tree/fetch")
        self.module.REFUSALS = os.path.join(apt.APT, "refused.json")
        self.module.suites = lambda tree, arch: ["one", "two"]

    def serve(self, lost, tree="9.9", arch="x86"):
        """The first (suite, version) of which no part is among those lost."""
        def get(suite, version):
            if (suite, version) in lost:
                raise apt.Refused(f"{version} is gone")
            return suite, version
        with contextlib.redirect_stderr(io.StringIO()):
            return self.module.first_that_serves(tree, arch, get)

    def test_older_version_then_another_suite(self):
        self.repository("one", "9.9.1-1", "9.9.2-1")
        self.repository("two", "9.8.7-1")
        self.assertEqual(self.serve([]), ("one", "9.9.2-1"))
        self.assertEqual(self.serve([("one", "9.9.2-1")]), ("one", "9.9.1-1"))
        # the other parts of the tree are of the same version
        self.assertEqual(self.serve([]), ("one", "9.9.1-1"))
        self.assertEqual(self.serve([("one", "9.9.1-1")]), ("two", "9.8.7-1"))
        with self.assertRaisesRegex(CannotRun, "(?s)no version of 9.9.*KSRC.*is gone"):
            self.serve([("two", "9.8.7-1")])

    def test_a_part_that_no_version_has(self):
        """Debian has a source for machines without headers: the other parts are not refused."""
        self.repository("one", "9.9.1-1", "9.9.2-1")
        with self.assertRaisesRegex(CannotRun, "(?s)no version of 9.9 for s390.*is gone"):
            self.serve([("one", "9.9.1-1"), ("one", "9.9.2-1")], arch="s390")
        self.assertEqual(self.serve([], arch="s390"), ("one", "9.9.2-1"))
        self.assertEqual(self.serve([]), ("one", "9.9.2-1"))

    def test_a_version_that_one_machine_lacks(self):
        self.repository("one", "9.9.1-1", "9.9.2-1")
        self.assertEqual(self.serve([("one", "9.9.2-1")], arch="s390"), ("one", "9.9.1-1"))
        self.assertEqual(self.serve([], arch="s390"), ("one", "9.9.1-1"))
        self.assertEqual(self.serve([]), ("one", "9.9.2-1"))
        self.assertEqual(self.serve([], tree="9.9-rt", arch="s390"), ("one", "9.9.2-1"))

    def test_a_suite_whose_index_for_one_machine_does_not_come(self):
        """linux-source is in the index of another one, which comes."""
        self.repository("one", "9.9.2-1")
        self.repository("two", "9.8.7-1")
        with open(os.path.join(self.top, "one/dists/one/Release"), "r+") as f:
            text = f.read().replace("amd64\n", "amd64 s390x\n", 1)
            f.seek(0)
            f.write(f"{text} {64 * '0'} 1 main/binary-s390x/Packages\n")

        def headers(suite, version):
            if suite == "one":
                apt.stanzas(suite, f"linux-headers-9.9:s390x={version}")
            return suite, version
        with contextlib.redirect_stderr(io.StringIO()) as said:
            self.assertEqual(self.module.first_that_serves("9.9", "s390", headers),
                             ("two", "9.8.7-1"))
        self.assertIn("no package index", said.getvalue())

    def test_a_suite_whose_index_does_not_come(self):
        self.repository("two", "9.8.7-1")
        self.assertEqual(self.serve([]), ("two", "9.8.7-1"))


class Lying(Mirror):
    """Indexes that apt must refuse, and files that are not those of the index."""

    def trusted(self):
        """The public half of a key that signs here."""
        self.key = self.new_key("key")
        return self.key + "/public.gpg"

    def new_key(self, name):
        """A folder of gpg's with a new key."""
        home = os.path.join(self.top, name)
        os.makedirs(home, mode=0o700)
        self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"])
        self.gpg(home, "--passphrase", "", "--quick-generate-key", "Mirror", "ed25519", "sign")
        self.gpg(home, "--output", home + "/public.gpg", "--export")
        # apt's sandbox user reads the public half
        os.chmod(home, 0o755)
        return home

    def gpg(self, home, *args):
        subprocess.run(["gpg", "--homedir", home, "--batch", "--quiet", "--yes", *args], check=True,
                       stderr=subprocess.DEVNULL)

    def sign(self, suite, home=None):
        dist = self.dist(suite)
        self.gpg(home or self.key, "--output", dist + "/InRelease", "--clear-sign",
                 dist + "/Release")

    def dist(self, suite):
        return os.path.join(self.top, suite, "dists", suite)

    def index(self, suite):
        return os.path.join(self.dist(suite), "main/binary-amd64/Packages")

    def refused(self, reason):
        """The suite "one" is refused for a reason that apt gives, and nothing is kept."""
        with self.assertRaisesRegex(CannotRun, f"(?s)no package index.*apt says:.*({reason})"):
            apt.fetch("one", PACKAGE)
        self.assertFalse(os.path.exists(apt.DEBS))

    def test_a_signed_one_is_taken(self):
        self.repository("one", "9.9.1-1")
        self.sign("one")
        self.assertEqual(self.fetch("one")[0], f"{PACKAGE}_9.9.1-1_all.deb")

    def test_an_unsigned_index_is_refused(self):
        self.repository("one", "9.9.1-1")
        self.refused("not signed")

    def test_a_signature_of_somebody_else(self):
        self.repository("one", "9.9.1-1")
        self.sign("one", self.new_key("other"))
        self.refused("NO_PUBKEY|Missing key|not available")

    def test_a_change_after_the_signature(self):
        self.repository("one", "9.9.1-1")
        self.sign("one")
        path = self.dist("one") + "/InRelease"
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(text.replace("01 Jan 2026", "02 Jan 2026"))
        self.refused("BADSIG|[Ii]nvalid|[Bb]ad|manipulated")

    def test_an_old_index_whose_time_is_over(self):
        # a machine may have switched that off
        self.patch("KEYRING", f"{apt.KEYRING} check-date=yes check-valid-until=yes")
        self.repository("one", "9.9.1-1", release="Valid-Until: Fri, 02 Jan 2026 00:00:00 UTC\n")
        self.sign("one")
        self.refused("expired")

    def test_an_index_that_ends_early(self):
        self.repository("one", "9.9.1-1")
        self.sign("one")
        with open(self.index("one"), "r+b") as f:
            f.truncate(os.path.getsize(f.name) // 2)
        self.refused("unexpected size|Hash Sum mismatch")

    def test_an_index_of_other_bytes(self):
        self.repository("one", "9.9.1-1")
        self.sign("one")
        with open(self.index("one"), "r+b") as f:
            f.seek(30)
            f.write(b"?")
        self.refused("Hash Sum mismatch")

    def test_a_package_of_other_bytes(self):
        """Of the same size: the sum of the signed index tells."""
        path = self.repository("one", "9.9.1-1")["9.9.1-1"]
        self.sign("one")
        with open(path, "r+b") as f:
            f.seek(200)
            f.write(b"?")
        with contextlib.redirect_stderr(io.StringIO()) as said, self.assertRaises(apt.Refused):
            apt.fetch("one", PACKAGE)
        self.assertRegex(said.getvalue(), "Hash Sum mismatch")
        self.assertEqual(os.listdir(apt.DEBS), [])


class All(Mirror):
    def test_what_a_package_depends_on(self):
        """Backports stand on their release."""
        self.repository("one", "9.9.1-1")
        self.repository("one-backports", "9.9.2-1", fields="Provides: other\n")
        with contextlib.redirect_stderr(io.StringIO()):
            found = apt.fetch_all("one-backports", PACKAGE)
        self.assertEqual([os.path.basename(p) for p in found], [f"{PACKAGE}_9.9.2-1_all.deb"])

    def test_a_dependency_that_nobody_has(self):
        self.repository("one", "9.9.1-1", fields="Depends: no-such\n")
        with self.assertRaisesRegex(CannotRun, "(?s)can't be installed. apt says:.*no-such"):
            apt.fetch_all("one", PACKAGE)


if __name__ == "__main__":
    unittest.main()
