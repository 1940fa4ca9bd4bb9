# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What no document tells: named, with a default, and told apart by a test.

Where the vendor says how its API behaves, the simulator does that and there
is nothing to choose. Where it had to be inferred from what clients do, each
answer that a real cluster may give is one value of a switch here.
"""

from collections.abc import Iterator
from typing import Annotated
from typing import Any
from typing import get_type_hints
from typing import Literal

import msgspec

_Seconds = Annotated[float, msgspec.Meta(ge=0)]


def _says(text: str) -> msgspec.Meta:
    return msgspec.Meta(description=text)


class UnknownSwitch(Exception):
    """There is no such switch or value; the message says what there is."""


class Switches(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    forbid_unknown_fields=True,
    rename="kebab",
):
    """The switches; what each is for stands in its annotation."""

    snapshot_delete_seconds: Annotated[
        _Seconds,
        _says("how long a snapshot with children is shown as *NAME"),
    ] = 0.2
    snapshot_delete_blocked: Annotated[
        Literal["no", "several-children"],
        _says("several-children: its deletion ends when one is left"),
    ] = "no"
    snapshot_delete_attached: Annotated[
        Literal["busy", "detach"],
        _says("deleting a snapshot that is attached"),
    ] = "busy"
    snapshot_delete_template: Annotated[
        Literal["allow", "busy"],
        _says("deleting a snapshot that a template starts from"),
    ] = "allow"
    attach_timeout: Annotated[
        Literal["error", "transient", "ok"],
        _says("what is answered when attachTimeout is over"),
    ] = "error"
    detach_open: Annotated[
        Literal["busy", "invalidParam"],
        _says("name of the error when a device is open; older ones differ"),
    ] = "busy"
    detach_absent: Annotated[
        Literal["ok", "invalidParam"],
        _says("detaching from a client that does not have it"),
    ] = "ok"
    shrink_error: Annotated[
        Literal["invalidParam", "busy"],
        _says("name of the error of shrinking without shrinkOk"),
    ] = "invalidParam"
    smaller_than_parent: Annotated[
        Literal["refuse", "allow"],
        _says("making a volume smaller than what it starts from"),
    ] = "refuse"
    clone_tags: Annotated[
        Literal["none", "inherit"],
        _says("tags of a volume made from a snapshot or volume"),
    ] = "none"
    revert_attached: Annotated[
        Literal["busy", "if-closed"],
        _says("reverting a volume that is attached"),
    ] = "busy"
    revert_limits: Annotated[
        Literal["keep", "snapshot"],
        _says("whose iops and bw a reverted volume has"),
    ] = "keep"
    template_delete_used: Annotated[
        Literal["busy", "allow"],
        _says("deleting a template that objects were made from"),
    ] = "busy"
    delete_exported: Annotated[
        Literal["busy", "invalidParam"],
        _says("name of the error of deleting a volume with an iSCSI target"),
    ] = "busy"
    iscsi_again: Annotated[
        Literal["objectExists", "ok"],
        _says("creating an iSCSI target, initiator or export twice"),
    ] = "objectExists"
    iscsi_target_name: Annotated[
        Literal["global-id", "name"],
        _says("what follows baseName: and a colon in a target's name"),
    ] = "global-id"
    soft_eject_seconds: Annotated[
        _Seconds, _says("how long it takes to empty a disk")
    ] = 1.0
    scrub_seconds: Annotated[
        _Seconds, _says("how long it takes to check a disk")
    ] = 1.0
    remote_recovery_seconds: Annotated[
        _Seconds,
        _says("how long a copy of a remote snapshot is said to recover"),
    ] = 0.2
    wrong_token_status: Annotated[
        Literal[401, 403, 400],
        _says("HTTP status of the answer to a wrong token"),
    ] = 401
    unknown_call_status: Annotated[
        Literal[404, 400, 501],
        _says("HTTP status of the answer to an unknown call"),
    ] = 404
    api_version: Annotated[
        Literal["21.0", "19.01", "18.02", "16.01"],
        _says("before 18.01 calls answer that newer servers lack"),
    ] = "21.0"


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """A switch, for those who read the table.

    :ivar values: what it may be; ``SECONDS`` is any number from 0.
    """

    name: str
    default: Any
    values: list[str]
    meaning: str


def table() -> Iterator[Described]:
    """Every switch in its order."""
    hints = get_type_hints(Switches, include_extras=True)
    for field in msgspec.structs.fields(Switches):
        annotation = hints[field.name]
        values = getattr(annotation.__origin__, "__args__", None)
        yield Described(
            name=field.encode_name,
            default=field.default,
            values=[str(value) for value in values or ("SECONDS",)],
            meaning=annotation.__metadata__[-1].description,
        )


def changed(base: Switches, said: dict[str, Any]) -> Switches:
    """``base`` with other values.

    :param said: value by name; numbers may come as strings.
    :raises UnknownSwitch: a name or a value is none.
    """
    known = {each.name: each for each in table()}
    for name in said:
        if name not in known:
            raise UnknownSwitch(
                f"there is no switch '{name}': see storpool-simulator switches"
            )
    try:
        return msgspec.convert(
            msgspec.to_builtins(base) | said, Switches, strict=False
        )
    except msgspec.ValidationError:
        raise UnknownSwitch(_trouble(base, said, known)) from None


def _trouble(
    base: Switches, said: dict[str, Any], known: dict[str, Described]
) -> str:
    for name, value in said.items():
        try:
            msgspec.convert(
                msgspec.to_builtins(base) | {name: value},
                Switches,
                strict=False,
            )
        except msgspec.ValidationError:
            values = ", ".join(known[name].values)
            return f"switch {name} is not '{value}' but one of {values}"
    raise RuntimeError("every switch is as it may be")


class Rules:
    """The switches as they are now.

    :ivar now: replaced as a whole when one of them is changed.
    """

    def __init__(self, switches: Switches | None = None) -> None:
        self.now = switches or Switches()

    def change(self, said: dict[str, Any]) -> None:
        """Set switches; for ``said`` and errors see :func:`changed`."""
        self.now = changed(self.now, said)
