# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The key-value store."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base


class KeyValueTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.api.kvs_create("b")

    def set(self, version=None, **pairs):
        return self.api.kvs_update(
            "b",
            api.kv.KeyValueBucketSetDesc(set=pairs, run_if_version_is=version),
        )

    def test_a_version_for_each_change(self):
        self.assertEqual({"b": 0}, self.api.kvs_buckets().buckets)
        self.set(x="1", y="2")
        self.set(x="", z="3")
        bucket = self.api.kvs_list("b")
        self.assertEqual(
            ({"y": "2", "z": "3"}, 2), (bucket.pairs, bucket.version)
        )

    def test_only_the_first_of_two(self):
        self.set(0, x="mine")
        raised = self.assertRaises(errors.ApiError, self.set, 0, x="theirs")
        self.assertIn("runIfVersionIsMismatch", str(raised))
        self.assertEqual({"x": "mine"}, self.api.kvs_get("b", "x").pairs)
        self.set(1, x="theirs")

    def test_what_is_not_there(self):
        for function, *arguments in (
            (self.api.kvs_get, "b", "x"),
            (self.api.kvs_list, "c"),
            (self.api.kvs_delete, "c"),
        ):
            self.assertRaises(errors.ObjectDoesNotExist, function, *arguments)
        self.assertRaises(errors.ObjectExists, self.api.kvs_create, "b")

    def test_a_new_bucket_starts_anew(self):
        self.set(x="1")
        self.api.kvs_delete("b")
        self.api.kvs_create("b")
        bucket = self.api.kvs_list("b")
        self.assertEqual(({}, 0), (bucket.pairs, bucket.version))

    def test_keys_with_every_character(self):
        self.api.kvs_update(
            "b", api.kv.KeyValueBucketSetDesc(set={"a/b ?#%ü": "v"})
        )
        self.assertEqual(
            {"a/b ?#%ü": "v"}, self.api.kvs_get("b", "a/b ?#%ü").pairs
        )
