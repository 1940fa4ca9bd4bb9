# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster remembers of others."""

from typing import ClassVar

from storpool_simulator.model.records import Record


class Location(Record, frozen=True, kw_only=True):
    """A site; buffers are in bytes, 0 for what the kernel chooses."""

    table: ClassVar[str] = "locations"

    id: str
    name: str
    recv_buffer: int = 0
    send_buffer: int = 0

    @property
    def key(self) -> str:
        return self.id


class RemoteCluster(Record, frozen=True, kw_only=True):
    """A cluster of a site.

    :ivar location: id of the site.
    """

    table: ClassVar[str] = "remote_clusters"

    id: str
    location: str
    name: str

    @property
    def key(self) -> str:
        return f"{self.location}.{self.id}"


class Bridge(Record, frozen=True, kw_only=True):
    """The service by which another cluster is reached.

    :ivar cluster: key of the cluster, or empty for one of a site.
    :ivar minimum_delete_delay: seconds, None where it was not said.
    """

    table: ClassVar[str] = "bridges"

    ip: str
    public_key: str
    location: str
    cluster: str = ""
    minimum_delete_delay: int | None = None
    no_crypto: bool | None = None

    @property
    def key(self) -> str:
        return self.ip


class Export(Record, frozen=True, kw_only=True):
    """A snapshot that a site sees, or a volume that a cluster sees.

    :ivar target: id of the site, or key of the cluster.
    """

    table: ClassVar[str] = "exports"

    global_id: str
    target: str

    @property
    def key(self) -> str:
        return f"{self.target}:{self.global_id}"
