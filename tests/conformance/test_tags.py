# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Tags of volumes."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls


@ddt.ddt
class TagsTest(base.ConformanceTestCase):
    def tags(self, name: str) -> dict[str, str] | None:
        return self.volume(name).tags

    @relied_on(Calls.volume_list)
    def test_none(self) -> None:
        """A volume without tags answers {}."""
        (found,) = self.api.raw.volume_list(self.create())
        self.assertEqual({}, found["tags"])

    @documented(Calls.volume_create)
    def test_given(self) -> None:
        """A volume has the tags that it was given."""
        tags = {"A.b-c:d_1": "X.y-z:w_2"}
        self.assertEqual(tags, self.tags(self.create(tags=tags)))

    @relied_on(Calls.volume_update)
    def test_merged(self) -> None:
        """An update leaves tags alone that it does not name."""
        name = self.create(tags={"a": "1", "b": "2"})
        self.update(name, tags={"b": "3", "c": "4"})
        self.assertEqual({"a": "1", "b": "3", "c": "4"}, self.tags(name))

    @relied_on(Calls.volume_update)
    def test_removed(self) -> None:
        """An empty value removes a tag: it is absent then."""
        name = self.create(tags={"a": "1", "b": "2"})
        self.update(name, tags={"a": ""})
        self.assertEqual({"b": "2"}, self.tags(name))

    @relied_on(Calls.volume_update)
    def test_absent_removed(self) -> None:
        """Removing a tag that is not there is no error."""
        name = self.create()
        self.update(name, tags={"a": ""})
        self.assertEqual({}, self.tags(name))

    @documented(Calls.volume_create)
    def test_length(self) -> None:
        """A name and a value have up to 199 characters each."""
        tags = {"n" * 199: "v" * 199}
        self.assertEqual(tags, self.tags(self.create(tags=tags)))

    @relied_on(Calls.volume_create)
    def test_many(self) -> None:
        """Ten tags of the size of a UUID are not too many."""
        tags = {f"tag-{n}": "0" * 36 for n in range(10)}
        self.assertEqual(tags, self.tags(self.create(tags=tags)))

    @ddt.data(("a b", "1"), ("a", "1@2"), ("a/b", "1"), ("a", "é"))
    @inferred(Calls.volume_update)
    def test_characters(self, tag: tuple[str, str]) -> None:
        """Other characters than those of a name: invalidParam."""
        name = self.create()
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.volume_update,
            {"tags": dict([tag])},
            volume_name=name,
        )

    @relied_on(Calls.volume_update)
    def test_tier(self) -> None:
        """A tag qc may name any tier: an unknown one is left alone."""
        name = self.create(tags={"qc": "conformance"})
        self.assertEqual({"qc": "conformance"}, self.tags(name))
