# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack attachments``: who uses what on this host."""

import argparse
from collections.abc import Iterator
import contextlib
import datetime
import sys
from typing import Any

from storpool_common.attachments.host import HostAttachments
from storpool_common.attachments.importing import Import
from storpool_common.attachments.importing import Imported
from storpool_common.attachments.importing import Outcome
from storpool_common.attachments.old_file import PATH
from storpool_common.attachments.old_file import read
from storpool_common.attachments.overview import Entry
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.requests import Request
from storpool_common.attachments.upkeep import Step
from storpool_common.attachments.upkeep import Upkeep
from storpool_common.cli import output
from storpool_common.cli.parser import Mistake
from storpool_common.client import Client
from storpool_common.clock import SystemClock
from storpool_common.config import load
from storpool_common.devices import Device
from storpool_common.devices import Devices
from storpool_common.errors import StorPoolError

_DESCRIPTION = """
Show and mend the record of who uses which volumes and snapshots on this
host. Ends with 1 where something is left to be mended.
"""


def add_command(commands: Any) -> None:
    """Add the command to a program's."""
    parser = commands.add_parser(
        "attachments",
        help="who uses what on this host",
        description=_DESCRIPTION,
    )
    below = parser.add_subparsers(required=True, metavar="COMMAND")
    listing = below.add_parser(
        "list",
        help="what is recorded, and what the cluster and the host say",
    )
    listing.set_defaults(run=_list)
    reconcile = below.add_parser(
        "reconcile",
        help="show, and with --apply mend, what crashes have left behind",
    )
    reconcile.add_argument(
        "--apply", action="store_true", help="do it; else it is shown only"
    )
    reconcile.set_defaults(run=_reconcile)
    importing = below.add_parser(
        "import", help="take over the requests of an openstack-attach.json"
    )
    importing.add_argument("file", nargs="?", default=PATH, metavar="FILE")
    importing.set_defaults(run=_import)
    for each in (listing, reconcile, importing):
        output.add_options(each)


@contextlib.contextmanager
def _parts() -> Iterator[Parts]:
    configuration = load()
    parts = Parts.of(configuration, Client(configuration.api), Devices())
    try:
        yield parts
    finally:
        parts.cluster.close()
        parts.records.close()


def _upkeep(parts: Parts) -> Upkeep:
    return Upkeep(parts, HostAttachments(parts))


def _list(options: argparse.Namespace) -> None:
    with _parts() as parts:
        found = _upkeep(parts).entries()
    output.show([row for entry in found for row in _rows(entry)], options)
    _leave_with(any(entry.problems for entry in found))


def _rows(entry: Entry) -> Iterator[dict[str, Any]]:
    for request in entry.requests or (None,):
        yield {
            **_named(entry),
            "attached": entry.attached,
            "device": _device(entry),
            "request": request.key if request else None,
            "mode": request.mode if request else None,
            "owner": _owner(request, entry),
            "since": _since(request),
            "problems": [problem.value for problem in entry.problems],
        }


def _named(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.stored.name,
        "id": entry.stored.global_id,
        "kind": "snapshot" if entry.stored.snapshot else "volume",
    }


def _device(entry: Entry) -> str:
    if isinstance(entry.device, Device):
        return entry.device.path
    return entry.device.reason


def _owner(request: Request | None, entry: Entry) -> str:
    if request is None:
        return "unrecorded" if entry.record is None else "none"
    if not request.is_live():
        return "ended"
    stay = entry.stay(request)
    if stay is not None:
        return stay.value
    if request.kind in ("nova-compute", "former"):
        return "unknown"
    return f"process {request.process.pid}"


def _since(request: Request | None) -> str | None:
    if request is None:
        return None
    made = datetime.datetime.fromtimestamp(request.created, datetime.UTC)
    return made.isoformat(timespec="seconds")


def _reconcile(options: argparse.Namespace) -> None:
    with _parts() as parts:
        upkeep = _upkeep(parts)
        found = upkeep.entries()
        work = _apply if options.apply else _announce
        rows = [work(upkeep, step) for step in upkeep.plan(found)]
    output.show(rows, options)
    _tell_what_is_not_known(found)
    _leave_with(any(row["result"] != "done" for row in rows))


def _tell_what_is_not_known(found: list[Entry]) -> None:
    untold = [key for entry in found for key in entry.untold]
    if untold:
        print(
            "storpool-openstack: no guest is seen that made"
            f" {', '.join(untold)}, and libvirt does not tell whether it is"
            " on this host: run this where `virsh list --all` shows this"
            " host's guests, or set LIBVIRT_DEFAULT_URI",
            file=sys.stderr,
        )


def _announce(upkeep: Upkeep, step: Step) -> dict[str, Any]:
    return _step(step, "not done: use --apply" if step.what else "")


def _apply(upkeep: Upkeep, step: Step) -> dict[str, Any]:
    if step.what is None:
        return _step(step, "")
    try:
        upkeep.carry_out(step)
    except StorPoolError as error:
        return _step(step, f"failed: {error}")
    return _step(step, "done")


def _step(step: Step, result: str) -> dict[str, Any]:
    return {
        **_named(step.entry),
        "problem": step.problem.value,
        "step": step.told,
        "result": result,
    }


def _import(options: argparse.Namespace) -> None:
    try:
        found = read(options.file, SystemClock())
    except OSError as error:
        raise Mistake(f"{options.file}: {error.strerror}") from error
    with _parts() as parts:
        # Records that are being made anew are finished first.
        HostAttachments(parts).requests()
        rows = [
            _imported(each) for each in Import(parts).carry_out(found.requests)
        ]
    output.show(rows, options)
    for fault in found.faults:
        print(f"storpool-openstack: {fault}", file=sys.stderr)
    foreign = any(row["result"] == Outcome.FOREIGN.value for row in rows)
    _leave_with(bool(found.faults) or foreign)


def _imported(each: Imported) -> dict[str, Any]:
    return {
        "name": each.old.volume,
        "old request": each.old.id,
        "mode": each.old.mode,
        "result": each.outcome.value,
        "requests": list(each.keys),
    }


def _leave_with(something_is_left: bool) -> None:
    if something_is_left:
        raise SystemExit(1)
