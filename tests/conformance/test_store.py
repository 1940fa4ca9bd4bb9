# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The key-value store, and maintenance of nodes."""

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred

Calls = api.Calls


class BucketTest(base.ConformanceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.need_right("kv")

    def make(self) -> str:
        """Make a bucket, and see to its end."""
        name = self.name("b")
        self.api.kvs_create(name)
        self.addCleanup(self._end_bucket, name)
        return name

    def _end_bucket(self, name: str) -> None:
        if name in self.api.kvs_buckets().buckets:
            self.api.kvs_delete(name)

    def set(
        self, name: str, pairs: dict[str, str], version: int | None = None
    ) -> None:
        self.api.kvs_update(
            name,
            api.kv.KeyValueBucketSetDesc(set=pairs, run_if_version_is=version),
        )

    def version(self, name: str) -> int:
        return self.api.kvs_buckets().buckets[name]

    @documented(Calls.kvs_create)
    def test_made(self) -> None:
        """A new bucket is empty."""
        found = self.api.kvs_list(self.make())
        self.assertEqual({}, found.pairs or {})

    @inferred(Calls.kvs_create)
    def test_taken(self) -> None:
        """A name that is taken: objectExists."""
        self.make()
        self.assertRaises(errors.ObjectExists, self.make)

    @documented(Calls.kvs_update)
    def test_pairs(self) -> None:
        """Pairs that are set are there; others stay."""
        name = self.make()
        self.set(name, {"a": "1", "b": "2"})
        self.set(name, {"b": "3"})
        found = self.api.kvs_list(name).pairs
        self.assertEqual({"a": "1", "b": "3"}, found)

    @documented(Calls.kvs_get)
    def test_one_pair(self) -> None:
        """One pair is asked for by its key."""
        name = self.make()
        self.set(name, {"a": "1", "b": "2"})
        self.assertEqual({"a": "1"}, self.api.kvs_get(name, "a").pairs)

    @documented(Calls.kvs_update)
    def test_removed(self) -> None:
        """An empty value removes a pair."""
        name = self.make()
        self.set(name, {"a": "1", "b": "2"})
        self.set(name, {"a": ""})
        self.assertEqual({"b": "2"}, self.api.kvs_list(name).pairs)

    @documented(Calls.kvs_update)
    def test_version_grows(self) -> None:
        """A bucket's version grows with each change."""
        name = self.make()
        before = self.version(name)
        self.set(name, {"a": "1"})
        self.assertGreater(self.version(name), before)

    @documented(Calls.kvs_update)
    def test_right_version(self) -> None:
        """runIfVersionIs lets a change of that version through."""
        name = self.make()
        self.set(name, {"a": "1"}, self.version(name))
        self.assertEqual({"a": "1"}, self.api.kvs_list(name).pairs)

    @documented(Calls.kvs_update)
    def test_wrong_version(self) -> None:
        """Another version: runIfVersionIsMismatch, nothing changed."""
        name = self.make()
        version = self.version(name)
        self.set(name, {"a": "1"})
        self.assertRaises(
            errors.RunIfVersionIsMismatch, self.set, name, {"a": "2"}, version
        )
        self.assertEqual({"a": "1"}, self.api.kvs_list(name).pairs)

    @documented(Calls.kvs_delete)
    def test_deleted(self) -> None:
        """A deleted bucket is gone, with what was in it."""
        name = self.make()
        self.set(name, {"a": "1"})
        self.api.kvs_delete(name)
        self.assertNotIn(name, self.api.kvs_buckets().buckets)

    @inferred(Calls.kvs_list)
    def test_missing(self) -> None:
        """A bucket that is not there: objectDoesNotExist."""
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.kvs_list, self.name("none")
        )


class MaintenanceTest(base.ConformanceTestCase):
    def setUp(self) -> None:
        super().setUp()
        self.need_right("maintenance")
        nodes = {each.node_id for each in self._servers()} - {None}
        busy = {each.node_id for each in self._away()}
        free = sorted(nodes - busy)
        if not free:
            self.skipTest("no server says on which node it runs")
        self.node = free[-1]

    def _servers(self) -> list[api.services.Server]:
        return list(self.api.servers_list().servers.values())

    def _away(self) -> list[api.maintenance.MaintenanceNodeDesc]:
        return self.api.maintenance_list().nodes

    def begin(self, **members: int) -> None:
        self.api.maintenance_set(
            api.maintenance.MaintenanceSetDesc(
                node_id=self.node,
                description=self.prefix,
                duration=60,
                **members,
            )
        )
        self.addCleanup(self._complete)

    def _complete(self) -> None:
        if any(each.node_id == self.node for each in self._away()):
            self.end()

    def end(self) -> None:
        self.api.maintenance_complete(
            api.maintenance.MaintenanceCompleteDesc(node_id=self.node)
        )

    @documented(Calls.maintenance_set)
    def test_begin(self) -> None:
        """A node in maintenance is listed as it was described."""
        self.begin()
        (found,) = (each for each in self._away() if each.node_id == self.node)
        self.assertEqual(
            (self.prefix, 60, False),
            (found.description, found.duration, found.overrun),
        )

    @documented(Calls.maintenance_complete)
    def test_end(self) -> None:
        """Completed, it is listed no more."""
        self.begin()
        self.end()
        self.assertNotIn(self.node, {each.node_id for each in self._away()})

    @inferred(Calls.maintenance_set)
    def test_limit(self) -> None:
        """More nodes than are allowed are refused."""
        self.assertRaises(
            errors.ApiError, self.begin, max_nodes_in_maintenance=0
        )

    @inferred(Calls.maintenance_complete)
    def test_not_begun(self) -> None:
        """Completing what was not begun is refused."""
        self.assertRaises(errors.ApiError, self.end)
