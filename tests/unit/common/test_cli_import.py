# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Requests that the vendor's driver has left."""

import json

import ddt

from tests.unit.common.attachment_commands import CommandTestCase
from tests.unit.common.attachment_commands import NAME


@ddt.ddt
class ImportTest(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.file = self.home / "openstack-attach.json"
        self.fixture.reassign(volume=NAME, rw=[1])

    def old(self, key, volume=NAME, rights=2, **others):
        return {
            "volume": volume,
            "type": "brick",
            "id": key,
            "rights": rights,
            "volsnap": False,
            **others,
        }

    def write(self, *requests):
        text = json.dumps({one["id"]: one for one in requests})
        self.file.write_text(text)
        return text

    def results(self, code=0):
        rows = self.rows("import", self.file, code=code)
        return {row["old request"]: row["result"] for row in rows}

    def keys(self):
        return {one.key for one in self.records.requests()}

    def test_one(self):
        before = self.write(self.old("brick-1-1"))
        [row] = self.rows("import", self.file)
        key = f"former:{self.volume.global_id}"
        self.assertEqual(("imported", [key]), (row["result"], row["requests"]))
        self.assertEqual({key}, self.keys())
        self.assertEqual(before, self.file.read_text())
        self.host.detach_unnamed(self.volume, owner="nova:i")
        self.assertEqual(set(), self.attached())

    def test_again(self):
        self.write(self.old("brick-1-1"))
        self.results()
        self.assertIn("already", self.results()["brick-1-1"])
        self.assertEqual(1, len(self.keys()))

    def test_several_for_one_volume(self):
        self.write(self.old("a", rights=1), self.old("b", rights=2))
        self.assertEqual({"a": "imported", "b": "imported"}, self.results())
        [request] = self.records.requests()
        self.assertEqual("rw", request.mode)

    def test_the_guest_that_runs(self):
        guest = self.start_guest(self.volume)
        self.write(self.old("brick-1-1"))
        self.results()
        self.assertEqual({f"nova:{guest}:1"}, self.keys())

    def test_snapshot(self):
        name = "os--snap--none--snapshot-1"
        snapshot = self.fixture.make_snapshot(NAME, name)
        self.fixture.reassign(snapshot=name, ro=[1])
        self.write(self.old("s", name, volsnap=True))
        self.assertEqual({"s": "imported"}, self.results())
        [request] = self.records.requests()
        self.assertEqual(
            (snapshot, True, "ro"),
            (request.wanted.global_id, request.wanted.snapshot, request.mode),
        )

    def test_what_is_left_out(self):
        self.make(2)
        self.write(
            self.old("a", "os--volume-2"), self.old("b", "os--volume-3")
        )
        results = self.results()
        self.assertIn("not attached", results["a"])
        self.assertIn("not in the cluster", results["b"])
        self.assertEqual(set(), self.keys())

    def test_foreign(self):
        self.fixture.make_volume("osaka-db")
        self.write(self.old("a", "osaka-db"))
        self.assertIn("not of this", self.results(code=1)["a"])

    def test_no_requests(self):
        self.file.write_text("{}")
        self.assertEqual({}, self.results())

    def test_no_file(self):
        code, out, said = self.run_command("import", self.file)
        self.assertEqual((2, ""), (code, out))
        self.assertIn(str(self.file), said)

    @ddt.data(
        ("", 0),
        ("  \n", 0),
        ("null", 0),
        ("[1, 2]", 0),
        ("\x00" * 50, 0),
        ('{"a": 7}', 0),
        ('{"a": {"volume": "os--volume-1", "id": "a", "rights": 9}}', 0),
    )
    @ddt.unpack
    def test_damaged(self, text, count):
        self.file.write_text(text)
        code, _, said = self.run_command("import", self.file, "-f", "json")
        self.assertEqual(1, code)
        self.assertIn(str(self.file), said)
        self.assertEqual(count, len(self.keys()))

    def test_cut_off_anywhere(self):
        """What is whole is imported, and the rest is told."""
        text = self.write(
            self.old("a"), self.old("b", "os--volume-2"), self.old("c", "x")
        )
        whole = text.index("}") + 1
        for length in range(1, len(text)):
            self.file.write_text(text[:length])
            code, out, said = self.run_command(
                "import", self.file, "-f", "json"
            )
            self.assertEqual((1, 1), (code, said.count("\n")))
            found = {row["old request"] for row in json.loads(out)}
            self.assertEqual(length >= whole, "a" in found)

    def test_damaged_in_the_middle(self):
        text = self.write(self.old("a"), self.old("b"), self.old("c"))
        middle = len(text) // 2
        self.file.write_text(text[:middle] + "\x00\x00" + text[middle + 2 :])
        code, out, _ = self.run_command("import", self.file, "-f", "json")
        self.assertEqual(1, code)
        self.assertEqual(
            {"a", "c"}, {row["old request"] for row in json.loads(out)}
        )
