# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Requests of guests that are not on this host any more.

A service that is killed while a guest moves, and a guest that is destroyed
by a Nova that does not disconnect it, leave requests that nobody withdraws.
That no QEMU has a device proves little: a stopped guest keeps its requests,
and so does one that is suspended and will be resumed without asking for its
volumes again. Nova defines every guest of a host in the host's libvirt, and
undefines it when it leaves, so libvirt is asked.
"""

from collections.abc import Collection
from collections.abc import Mapping
from collections.abc import Set
import enum
import subprocess  # nosec B404

from storpool_common.attachments.records import ObjectRecord
from storpool_common.attachments.requests import Request

#: Uses LIBVIRT_DEFAULT_URI, and otherwise what is libvirt's default.
_COMMAND = ("virsh", "--readonly", "--quiet", "list", "--all", "--uuid")
_PATIENCE = 10.0

#: Nova defines a guest some seconds after its volumes were attached.
SETTLED_SECONDS = 60.0


class Stay(enum.Enum):
    """What is seen of a guest on this host; the value says it to people."""

    RUNNING = "running guest"
    STOPPED = "stopped guest"
    UNSEEN = "no guest is seen"


def known_guests(users: Mapping[str, Set[str]]) -> Set[str] | None:
    """The UUIDs of the guests that libvirt has here, running or not.

    :param users: the guests that run, by the objects that they use. A
        libvirt that does not know them is not the one that started them.
    :returns: None where that cannot be told: there is no libvirt to ask, it
        does not answer, or it is another one.
    """
    try:
        asked = subprocess.run(  # nosec B603
            _COMMAND,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    known = frozenset(asked.stdout.split())
    running = frozenset[str]().union(*users.values())
    return known if known >= running else None


def stay(
    request: Request, guests: Set[str], known: Set[str] | None
) -> Stay | None:
    """What is seen of the guest that made a request.

    :param guests: the UUIDs of those that run and use its object.
    :param known: of those that libvirt has, if it tells.
    :returns: None for a request that no guest made, or none with a name.
    """
    if request.kind != "nova":
        return None
    uuid = request.key.split(":")[1]
    if uuid in guests:
        return Stay.RUNNING
    return Stay.STOPPED if uuid in (known or ()) else Stay.UNSEEN


def absent(
    record: ObjectRecord | None,
    guests: Set[str],
    known: Set[str] | None,
    now: float,
) -> Collection[str]:
    """The keys of the requests whose guests are certainly not here.

    :param now: Unix time. Who asked a moment ago may be about to start.
    :returns: none where libvirt does not tell.
    """
    if record is None or known is None:
        return ()
    return [
        one.key
        for one in record.requests
        if stay(one, guests, known) is Stay.UNSEEN
        and one.created + SETTLED_SECONDS <= now
    ]
