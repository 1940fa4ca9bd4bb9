# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Calls about the key-value store: small data that clients share."""

from storpool_common.api.call import get
from storpool_common.api.call import post
from storpool_common.api.types import Answer
from storpool_common.api.types import ApiOk
from storpool_common.api.types import KvsKeyName
from storpool_common.api.types import KvsName
from storpool_common.api.types import Request


class KeyValueBucketsList(Answer):
    """Every bucket.

    ``buckets`` maps a bucket's name to its version, the number of changes
    since it was made.
    """

    buckets: dict[KvsName, int]


class KeyValueBucket(Answer):
    """A bucket, or the one pair of it that was asked for.

    :ivar version: grows by one with each change of the bucket.
    """

    name: KvsName
    version: int
    pairs: dict[KvsKeyName, str] | None = None


class KeyValueBucketSetDesc(Request):
    """Pairs to set, all or none.

    :ivar set: what to store; an empty value removes its key.
    :ivar run_if_version_is: change nothing unless the bucket still has this
        version.
    """

    set: dict[KvsKeyName, str]
    run_if_version_is: int | None = None


class KeyValueCalls:
    """Buckets of pairs of strings."""

    @get("KV", since="7.2.0")
    def kvs_buckets(self) -> KeyValueBucketsList:
        """The names and versions of all buckets."""

    @get("KV/List/{bucket_name}", since="7.2.0")
    def kvs_list(self, bucket_name: KvsName) -> KeyValueBucket:
        """A bucket with all of its pairs.

        A bucket that is not there: ``ObjectDoesNotExist``.
        """

    @get("KV/Get/{bucket_name}/{key_name}", since="7.2.0")
    def kvs_get(
        self, bucket_name: KvsName, key_name: KvsKeyName
    ) -> KeyValueBucket:
        """One pair of a bucket."""

    @post("KV/Create/{bucket_name}", since="7.2.0")
    def kvs_create(self, bucket_name: KvsName) -> ApiOk:
        """Make an empty bucket. A name that is taken: ``ObjectExists``."""

    @post("KV/Delete/{bucket_name}", since="7.2.0")
    def kvs_delete(self, bucket_name: KvsName) -> ApiOk:
        """Delete a bucket with all that is in it."""

    @post("KV/Set/{bucket_name}", since="7.2.0")
    def kvs_update(
        self, bucket_name: KvsName, request: KeyValueBucketSetDesc
    ) -> ApiOk:
        """Set and remove pairs of a bucket in one step.

        ``RunIfVersionIsMismatch`` when somebody else was faster: read the
        bucket, and decide again.
        """
