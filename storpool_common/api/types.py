# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Names, numbers and words of the StorPool API.

Patterns and ranges are those of API 19.01. A word with a fixed set of values
is checked where we send it; in an answer it is a plain string, because a
later server may know more values than we do.
"""

from collections.abc import Iterator
import typing
from typing import Annotated
from typing import Any
from typing import Literal

import msgspec

from storpool_common.api import rules

#: Bytes in a sector: every size is a multiple of it.
SECTOR_SIZE = 512

_OBJECT_NAME = r"#?[A-Za-z0-9_\-.:]+"
_SNAPSHOT_NAME = r"\*?[A-Za-z0-9_\-.:@]+"
_GLOBAL_ID = r"[a-z0-9]+\.[a-z0-9]+\.[a-z0-9]+"
_NO_KEYWORD = r"(?!(list|status)$)"


def _whole(pattern: str) -> str:
    """A pattern for a whole string.

    In Python ``$`` also matches before a line's end; other languages that
    read the patterns have no ``\\Z``.
    """
    return f"^({pattern})$(?!\\n)"


#: Which cluster made an object: location and sub-cluster.
ClusterId = Annotated[
    str, msgspec.Meta(pattern=_whole(r"[a-z0-9]+\.[a-z0-9]+"))
]
ClusterName = Annotated[
    str, msgspec.Meta(pattern=_whole(_OBJECT_NAME), max_length=63)
]
#: How a cluster is told to pass a call on to another one.
ClusterNameOrId = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(rf"{_OBJECT_NAME}|~[a-z0-9]+\.[a-z0-9]+"),
        max_length=63,
    ),
]
#: The first and the second part of a cluster's id.
LocationId = Annotated[str, msgspec.Meta(pattern=_whole("[a-z0-9]+"))]
SubClusterId = Annotated[str, msgspec.Meta(pattern=_whole("[a-z0-9]+"))]
#: A site, and a cluster of it, as this cluster calls them.
RemoteLocationName = Annotated[
    str,
    msgspec.Meta(pattern=_whole(f"(?!list$){_OBJECT_NAME}"), max_length=63),
]
RemoteClusterName = Annotated[
    str,
    msgspec.Meta(pattern=_whole(f"(?!list$){_OBJECT_NAME}"), max_length=63),
]
#: What names a volume or snapshot for ever, through every rename.
GlobalVolumeId = Annotated[str, msgspec.Meta(pattern=_whole(_GLOBAL_ID))]

VolumeName = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"{_NO_KEYWORD}{_OBJECT_NAME}"), max_length=199
    ),
]
#: A name, or ``~`` and a global id.
VolumeNameOrGlobalId = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"{_NO_KEYWORD}({_OBJECT_NAME}|~{_GLOBAL_ID})"),
        max_length=199,
    ),
]
SnapshotName = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"{_NO_KEYWORD}{_SNAPSHOT_NAME}"), max_length=199
    ),
]
SnapshotNameOrGlobalId = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"{_NO_KEYWORD}({_SNAPSHOT_NAME}|~{_GLOBAL_ID})"),
        max_length=199,
    ),
]
#: What names a volume or a snapshot, where either may stand.
VolumeOrSnapshotName = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(
            f"{_NO_KEYWORD}({_OBJECT_NAME}|{_SNAPSHOT_NAME}|~{_GLOBAL_ID})"
        ),
        max_length=199,
    ),
]
#: A name to give; the empty string takes the name away (``~globalId``).
NewVolumeName = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"(|{_NO_KEYWORD}{_OBJECT_NAME})"), max_length=199
    ),
]
NewSnapshotName = Annotated[
    str,
    msgspec.Meta(
        pattern=_whole(f"(|{_NO_KEYWORD}{_SNAPSHOT_NAME})"), max_length=199
    ),
]
VolumeTemplateName = Annotated[
    str,
    msgspec.Meta(pattern=_whole(r"(?!list$)[A-Za-z0-9_\-]+"), max_length=199),
]
PlacementGroupName = Annotated[
    str,
    msgspec.Meta(pattern=_whole(r"(?!list$)[A-Za-z0-9_\-]+"), max_length=127),
]
#: A fault set is named like a placement group.
FaultSetName = PlacementGroupName
KvsName = Annotated[
    str, msgspec.Meta(pattern=_whole(_OBJECT_NAME), max_length=1022)
]
KvsKeyName = Annotated[str, msgspec.Meta(max_length=1022)]
#: An initiator or target: lower-case letters, digits, ``-``, ``.``, ``:``.
ISCSIName = Annotated[str, msgspec.Meta(pattern=_whole(r"[a-z0-9\-.:]+"))]
#: A portal group.
ISCSIPGName = Annotated[
    str, msgspec.Meta(pattern=_whole(r"[A-Za-z0-9_\-.:]+"))
]
MacAddr = Annotated[
    str,
    msgspec.Meta(pattern=_whole("([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}")),
]
GUID = Annotated[str, msgspec.Meta(pattern=_whole("0x[0-9a-fA-F]{2,16}"))]
VolumeTagName = Annotated[
    str, msgspec.Meta(pattern=_whole(r"[A-Za-z0-9_\-.:]+"), max_length=199)
]
#: The empty value removes the tag in an update.
VolumeTagValue = Annotated[
    str, msgspec.Meta(pattern=_whole(r"[A-Za-z0-9_\-.:]*"), max_length=199)
]
Tags = dict[VolumeTagName, VolumeTagValue]

#: Bytes.
VolumeSize = Annotated[int, msgspec.Meta(ge=1, multiple_of=SECTOR_SIZE)]
#: Bytes to grow by.
VolumeResize = Annotated[int, msgspec.Meta(ge=1, multiple_of=SECTOR_SIZE)]
VolumeReplication = Annotated[int, msgspec.Meta(ge=1, le=3)]
#: What is answered: copies, or an erasure coding of API 21.0 (2+2, 4+2, 8+2),
#: whose spelling is not documented. Templates say ``-`` for what is not set.
Redundancy = int | str
#: KB/s; ``-`` is no limit.
Bandwidth = Annotated[int, msgspec.Meta(ge=0)] | Literal["-"]
#: Requests per second; ``-`` is no limit.
IOPS = Annotated[int, msgspec.Meta(ge=0)] | Literal["-"]
LimitType = Literal["total", "perGiB"]

#: A target of the ATA over Ethernet of API 16.01.
AoeTargetId = Annotated[int, msgspec.Meta(ge=1)]
BridgeId = Annotated[int, msgspec.Meta(ge=1, le=4095)]
ClientId = Annotated[int, msgspec.Meta(ge=1, le=4095)]
DiskId = Annotated[int, msgspec.Meta(ge=0, le=4095)]
#: A disk, or 4294967294, which stands for none.
DiskIdOrNoDiskId = Annotated[int, msgspec.Meta(ge=0, le=4294967294)]
ISCSIId = Annotated[int, msgspec.Meta(ge=0, le=4095)]
IscsiTargetId = Annotated[int, msgspec.Meta(ge=1, le=4095)]
MgmtId = Annotated[int, msgspec.Meta(ge=1, le=4095)]
NetId = Annotated[int, msgspec.Meta(ge=0, le=3)]
NodeId = Annotated[int, msgspec.Meta(ge=0, le=63)]
#: A service as the network knows it.
PeerId = Annotated[int, msgspec.Meta(ge=0, le=65535)]
ServerId = Annotated[int, msgspec.Meta(ge=1, le=32767)]
#: A volume allocation group; up to 2**64, which a bound cannot express.
VagId = Annotated[int, msgspec.Meta(ge=1)]
#: An object whose disks are chosen by hand; ``-`` for all others.
OverrideId = Annotated[int, msgspec.Meta(ge=0)] | Literal["-"]
#: In this order: undefined, ok, outdated, in recovery, waiting for a
#: version, waiting for a disk, data not present, data lost, waiting for a
#: chain, waiting to be idle.
ObjectState = Annotated[int, msgspec.Meta(ge=0, le=9)]

#: Which device a client gives an attachment: ``/dev/sp-N``.
AttachmentPos = Annotated[int, msgspec.Meta(ge=0, le=1023)]
AttachmentRights = Literal["rw", "ro"]
#: What an operation does to an object that is attached.
OnAttached = Literal["fail", "detach", "detachForce", "export"]
McMode = Literal["move", "export"]
DetachClientsList = Literal["all"] | list[ClientId]
BalancerCommand = Literal["start", "stop", "commit"]
#: Sets of disks of an allocation group: powers of two.
# fmt: off
TargetsCount = Literal[
    1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768
]
# fmt: on
DiskDescription = Annotated[
    str, msgspec.Meta(pattern=_whole(r"[A-Za-z0-9_\- ]{0,30}"))
]


class StructureMeta(msgspec.StructMeta):
    """Makes every member of every structure keyword-only.

    msgspec takes ``kw_only`` for the class that says it and not for those
    that derive from it, so a derived class could not add required members.
    """

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **options: Any,
    ) -> "StructureMeta":
        options.setdefault("kw_only", True)
        return super().__new__(cls, name, bases, namespace, **options)


@typing.dataclass_transform(
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(msgspec.field,),
)
class Structure(
    msgspec.Struct, metaclass=StructureMeta, frozen=True, rename="camel"
):
    """What a request and an answer have in common.

    ``dict(answer)`` and a loop over an answer give its members by the API's
    names; those that are not there are left out.
    """

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        return iter(self.as_dict().items())

    def as_dict(self) -> dict[str, Any]:
        """Plain dictionaries, lists and values, by the API's names."""
        plain: dict[str, Any] = msgspec.to_builtins(self)
        return plain


class Request(Structure, forbid_unknown_fields=True, omit_defaults=True):
    """What a call is sent. A member that is None is left out."""


class AnswerMeta(StructureMeta):
    """Leaves the patterns of members to :mod:`.rules`.

    A class has its own members, as declared, in ``declared_types``.
    """

    def __new__(
        cls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        **options: Any,
    ) -> "StructureMeta":
        declared = namespace.get("__annotations__", {})
        decoded = {
            member: rules.without_patterns(kind)
            for member, kind in declared.items()
        }
        members = {
            **namespace,
            "__annotations__": decoded,
            "declared_types": declared,
        }
        return super().__new__(cls, name, bases, members, **options)


class Answer(Structure, metaclass=AnswerMeta, omit_defaults=True, gc=False):
    """What a call answers. Members that we do not know are ignored.

    JSON has no cycles, so there is nothing for the garbage collector to
    find; looking through 100,000 volumes would cost it half a second.
    """


class ApiOk(Answer):
    """The change was made.

    ``generation`` is the number of configuration changes of the cluster
    since it was made, this one included.
    """

    ok: Literal[True]
    generation: int
    info: str | None = None
