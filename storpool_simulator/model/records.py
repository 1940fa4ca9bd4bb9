# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a cluster remembers, one immutable record a thing."""

from typing import ClassVar
from typing import Literal

import msgspec

#: Bytes of an object, the unit that volumes are divided in.
OBJECT_SIZE = 32 << 20
#: Characters.
LONGEST_NAME = 199
LONGEST_CLUSTER_NAME = 63
#: Bytes of an allocation group, the unit that disks are divided in.
ALLOCATION_GROUP = 512 << 20


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row of the state: ``table`` and :attr:`key` find it again."""

    table: ClassVar[str]

    @property
    def key(self) -> str:
        """What names the record in its table."""
        raise NotImplementedError


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Where data goes and what it may consume; None is not said.

    :ivar iops: requests per second, ``-`` for no limit.
    :ivar bw: KB per second, ``-`` for no limit.
    """

    place_all: str | None = None
    place_tail: str | None = None
    place_head: str | None = None
    replication: int | None = None
    reuse_server: bool | None = None
    iops: int | Literal["-"] | None = None
    bw: int | Literal["-"] | None = None
    limit_type: str | None = None


class StoredObject(Record, frozen=True, kw_only=True, tag_field="kind"):
    """A volume or snapshot: a name, a policy and bytes.

    :ivar number: the cluster's own number for it.
    :ivar name: empty for an object that only its global id names.
    :ivar size: bytes.
    :ivar parent: global id of the snapshot it started from, or empty.
    :ivar revision: which contents are its contents; a revert takes a new one.
    :ivar abandoned: disks that are down and not waited for.
    :ivar leaving: it is being copied to another cluster to be there.
    :ivar vag: the allocation group it was put in; 0 for its parent's, or for
        one of its own.
    """

    table: ClassVar[str] = "objects"

    global_id: str
    number: int
    name: str
    size: int
    parent: str
    template: str
    policy: Policy
    tags: dict[str, str]
    created: int
    revision: int = 0
    abandoned: tuple[int, ...] = ()
    vag: int = 0
    leaving: bool = False

    @property
    def key(self) -> str:
        return self.global_id

    @property
    def shown_name(self) -> str:
        """The name in answers."""
        return self.name or f"~{self.global_id}"


class Volume(StoredObject, frozen=True, kw_only=True, tag="volume"):
    """A volume."""


class Snapshot(StoredObject, frozen=True, kw_only=True, tag="snapshot"):
    """A snapshot.

    :ivar auto_name: nobody gave it a name.
    :ivar bound: it goes away with its last child.
    :ivar transient: made for a clone; it goes away once no two need it.
    :ivar delete_at: Unix time of its removal, 0 for never.
    :ivar gone_at: Unix time at which its deletion is over; 0 while nobody
        has deleted it.
    :ivar recovered_at: Unix time at which all its data is here, 0 for ever.
    :ivar backup: it is the backup of a volume of another cluster.
    :ivar origin: global id of the volume it was taken of.
    :ivar origin_number: the number of that volume.
    """

    auto_name: bool = False
    bound: bool = False
    transient: bool = False
    delete_at: int = 0
    gone_at: float = 0.0
    recovered_at: float = 0.0
    backup: bool = False
    origin: str = ""
    origin_number: int = 0

    @property
    def deleted(self) -> bool:
        """Whether it is being deleted."""
        return self.gone_at > 0

    @property
    def changes_at(self) -> float:
        """Unix time at which something happens to it, 0 for never."""
        return self.gone_at or self.delete_at


class Attachment(Record, frozen=True, kw_only=True):
    """One object attached to one client."""

    table: ClassVar[str] = "attachments"

    global_id: str
    client: int
    rights: str
    pos: int

    @property
    def key(self) -> str:
        return f"{self.client}:{self.global_id}"


class Template(Record, frozen=True, kw_only=True):
    """What volumes made from it start with."""

    table: ClassVar[str] = "templates"

    name: str
    number: int
    policy: Policy
    parent: str = ""
    size: int | None = None
    tags: dict[str, str] = {}

    @property
    def key(self) -> str:
        return self.name


class Group(Record, frozen=True, kw_only=True):
    """A placement group."""

    table: ClassVar[str] = "groups"

    name: str
    number: int
    disks: tuple[int, ...]

    @property
    def key(self) -> str:
        return self.name


class Disk(Record, frozen=True, kw_only=True):
    """A disk of a storage server.

    :ivar left: generation at which it went down, -1 while it is up.
    :ivar soft_eject: on, off or paused: whether it is being emptied.
    :ivar drained_at: Unix time at which it is empty, 0 for never.
    :ivar drain_left: seconds that are left of emptying it, while paused.
    :ivar drained: whether it was emptied: nothing is placed on it.
    :ivar ignored: whether the cluster goes on without it.
    :ivar forgotten: whether it was given up; it may come back as a new one.
    :ivar scrub_ends: Unix time at which the check of its data is over, 0
        while none is under way.
    :ivar scrub_left: seconds that are left of the check, while paused.
    :ivar scrubbed: Unix time at which the last check ended, 0 for never.
    """

    table: ClassVar[str] = "disks"

    id: int
    server: int
    description: str = ""
    left: int = -1
    soft_eject: str = "off"
    drained_at: float = 0.0
    drain_left: float = 0.0
    drained: bool = False
    ignored: bool = False
    forgotten: bool = False
    scrub_ends: float = 0.0
    scrub_left: float = 0.0
    scrubbed: float = 0.0

    @property
    def key(self) -> str:
        return str(self.id)


class Server(Record, frozen=True, kw_only=True):
    """A storage server.

    :ivar left: generation at which it went down, -1 while it is up.
    """

    table: ClassVar[str] = "servers"

    id: int
    left: int = -1

    @property
    def key(self) -> str:
        return str(self.id)


class Client(Record, frozen=True, kw_only=True):
    """A host that attaches volumes.

    :ivar devices: the directory its device links are made in.
    :ivar up: whether the host runs; one that does not has no devices.
    :ivar generation: the last one it saw before it went down.
    """

    table: ClassVar[str] = "clients"

    id: int
    host: str
    devices: str
    up: bool = True
    generation: int = 0

    @property
    def key(self) -> str:
        return str(self.id)


class Cluster(Record, frozen=True, kw_only=True):
    """The cluster itself.

    :ivar generation: changes since it was made.
    :ivar numbers: how many numbers were given to objects.
    """

    table: ClassVar[str] = "cluster"

    id: str
    name: str
    generation: int = 0
    numbers: int = 0

    @property
    def key(self) -> str:
        return ""


class Bucket(Record, frozen=True, kw_only=True):
    """A bucket of the key-value store."""

    table: ClassVar[str] = "buckets"

    name: str
    version: int = 0
    pairs: dict[str, str] = {}

    @property
    def key(self) -> str:
        return self.name


class Maintenance(Record, frozen=True, kw_only=True):
    """A node in maintenance; ``started`` is Unix time."""

    table: ClassVar[str] = "maintenance"

    node: int
    description: str
    duration: int
    started: int

    @property
    def key(self) -> str:
        return str(self.node)


class AllocationGroup(Record, frozen=True, kw_only=True):
    """How many disk sets an allocation group has, where it was said."""

    table: ClassVar[str] = "vags"

    number: int
    targets: int

    @property
    def key(self) -> str:
        return str(self.number)


class AoeExport(Record, frozen=True, kw_only=True):
    """A volume or snapshot that is exported over ATA over Ethernet."""

    table: ClassVar[str] = "aoe"

    global_id: str

    @property
    def key(self) -> str:
        return self.global_id
