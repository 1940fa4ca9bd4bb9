# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The key-value store: buckets of pairs, each with a version."""

import msgspec

from storpool_common.api.kv import KeyValueBucket
from storpool_common.api.kv import KeyValueBucketSetDesc
from storpool_common.api.kv import KeyValueBucketsList
from storpool_common.api.types import ApiOk
from storpool_simulator.model.changes import done
from storpool_simulator.model.records import Bucket
from storpool_simulator.model.state import State
from storpool_simulator.refusal import exists
from storpool_simulator.refusal import missing
from storpool_simulator.refusal import Refusal


class KeyValues:
    """Calls about buckets."""

    def __init__(self, state: State) -> None:
        self._state = state

    def kvs_buckets(self) -> KeyValueBucketsList:
        """The version of each bucket."""
        buckets = self._state.all(Bucket).values()
        return KeyValueBucketsList(
            buckets={each.name: each.version for each in buckets}
        )

    def kvs_list(self, bucket_name: str) -> KeyValueBucket:
        """One bucket."""
        bucket = self._state.get(Bucket, bucket_name)
        return _shown(bucket, bucket.pairs)

    def kvs_get(self, bucket_name: str, key_name: str) -> KeyValueBucket:
        """One pair of a bucket."""
        bucket = self._state.get(Bucket, bucket_name)
        if key_name not in bucket.pairs:
            raise missing(f"key in bucket '{bucket_name}'", key_name)
        return _shown(bucket, {key_name: bucket.pairs[key_name]})

    def kvs_create(self, bucket_name: str) -> ApiOk:
        """Make an empty bucket."""
        if bucket_name in self._state.all(Bucket):
            raise exists("bucket", bucket_name)
        self._state.put(Bucket(name=bucket_name))
        return done(self._state)

    def kvs_delete(self, bucket_name: str) -> ApiOk:
        """Delete a bucket with what is in it."""
        self._state.remove(self._state.get(Bucket, bucket_name))
        return done(self._state)

    def kvs_update(
        self, bucket_name: str, request: KeyValueBucketSetDesc
    ) -> ApiOk:
        """Set pairs; an empty value removes one."""
        bucket = self._state.get(Bucket, bucket_name)
        wanted = request.run_if_version_is
        if wanted is not None and wanted != bucket.version:
            raise Refusal(
                "runIfVersionIsMismatch",
                f"bucket '{bucket_name}' has version {bucket.version} and not"
                f" {wanted}",
                status=409,
            )
        pairs = bucket.pairs | request.set
        self._state.put(
            msgspec.structs.replace(
                bucket,
                version=bucket.version + 1,
                pairs={key: value for key, value in pairs.items() if value},
            )
        )
        return done(self._state)


def _shown(bucket: Bucket, pairs: dict[str, str]) -> KeyValueBucket:
    return KeyValueBucket(
        name=bucket.name, version=bucket.version, pairs=pairs
    )
