# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""This host: its storpool.conf, the API, the client, devices and records."""

from collections.abc import Iterator
import contextlib
import dataclasses
import os
import stat

from storpool_common.attachments.directory import prepare
from storpool_common.attachments.overview import entries
from storpool_common.attachments.parts import Parts
from storpool_common.attachments.records import Records
from storpool_common.client import Client
from storpool_common.config import ApiAddress
from storpool_common.config import Configuration
from storpool_common.config import load
from storpool_common.devices import Devices
from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.findings import warning
from storpool_common.errors import AuthenticationFailed
from storpool_common.errors import RecordsDamaged
from storpool_common.errors import StorPoolError
from storpool_common.names import BY_ID_DIRECTORY

#: Seconds for an address of the API to answer.
_DEADLINE = 10.0
_GROUP_MAY_ALL = stat.S_IRWXG


def examine(devices: str = BY_ID_DIRECTORY) -> Iterator[Finding]:
    """Look at this host, as the user that this runs as.

    :param devices: the directory that the links of devices are in.
    """
    try:
        configuration = load()
    except (StorPoolError, OSError, ValueError) as error:
        yield failed(
            "storpool.conf",
            str(error),
            "correct it, and let the users of the services read it",
        )
        return
    yield ok("storpool.conf", _told(configuration))
    yield _client_number(configuration)
    states = [_api(configuration, one) for one in configuration.api.addresses]
    yield from (finding for finding, _ in states)
    answered = next((clients for _, clients in states if clients), None)
    if answered is not None and configuration.client_id is not None:
        yield _client(configuration.client_id, answered)
    yield _device_directory(devices)
    yield from _records(configuration, devices, asks=answered is not None)


def _told(configuration: Configuration) -> str:
    addresses = ", ".join(str(one) for one in configuration.api.addresses)
    return (
        f"host {configuration.host}; API at {addresses}; token from"
        f" {configuration.api.origin}"
    )


def _client_number(configuration: Configuration) -> Finding:
    if configuration.client_id is None:
        return failed(
            "client number",
            f"none for the host {configuration.host}",
            f"set SP_OURID in the section [{configuration.host}] of"
            " storpool.conf; a host without attaches nothing",
        )
    origin = configuration.values.origin("SP_OURID")
    return ok("client number", f"{configuration.client_id}, from {origin}")


def _api(
    configuration: Configuration, address: ApiAddress
) -> tuple[Finding, dict[int, str] | None]:
    """Ask one address; its answer is the state of each client."""
    check = f"API at {address}"
    settings = dataclasses.replace(configuration.api, addresses=(address,))
    asked = Client(
        settings, deadline=_DEADLINE, attempt_timeout=_DEADLINE, retries=0
    )
    try:
        with contextlib.closing(asked):
            answer = asked.services_list()
    except AuthenticationFailed as error:
        return failed(
            check, str(error), f"correct SP_AUTH_TOKEN in {settings.origin}"
        ), None
    except StorPoolError as error:
        return failed(
            check,
            str(error),
            "see that storpool_mgmt runs there and that this host reaches it,"
            " or correct SP_API_HTTP_HOST and SP_API_HTTP_PORT",
        ), None
    found = f"accepts the token; the cluster is {answer.cluster_status}"
    clients = {
        number: str(client.status) for number, client in answer.clients.items()
    }
    return ok(check, found), clients


def _client(number: int, clients: dict[int, str]) -> Finding:
    state = clients.get(number)
    if state == "running":
        return ok("client", f"client {number} is running")
    if state is None:
        return failed(
            "client",
            f"the cluster has no client {number}",
            "correct SP_OURID, or start storpool_block on this host",
        )
    return failed(
        "client",
        f"client {number} is {state}",
        "start storpool_block on this host",
    )


def _device_directory(path: str) -> Finding:
    if os.path.isdir(path):
        return ok("devices", f"{path} has {len(os.listdir(path))} links")
    if os.path.lexists(path):
        return failed("devices", f"{path} is no directory", "remove it")
    return ok("devices", f"no {path} yet: it comes with the first volume")


def _records(
    configuration: Configuration, devices: str, *, asks: bool
) -> Iterator[Finding]:
    path = configuration.state_dir
    directory = _state_directory(path)
    yield directory
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return
    try:
        with contextlib.closing(Records(path)) as records:
            requests = records.requests()
    except RecordsDamaged as error:
        yield failed(
            "records",
            str(error),
            "storpool-openstack attachments reconcile makes them anew",
        )
        return
    except StorPoolError as error:
        yield failed("records", str(error), "let its group write to it")
        return
    yield ok("records", f"{len(requests)} requests")
    if asks and configuration.client_id is not None:
        yield _left_behind(configuration, devices)


def _state_directory(path: str) -> Finding:
    check = "state directory"
    make = f"install -d -m 2770 -g GROUP {path}"
    if not os.path.isdir(path):
        if os.access(os.path.dirname(path), os.W_OK | os.X_OK):
            return ok(check, f"{path} will be made at the first attachment")
        return failed(check, f"{path} is absent and cannot be made", make)
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        return failed(check, f"this user may not write to {path}", make)
    try:
        prepare(path)
    except StorPoolError as error:
        return failed(check, str(error), "set SP_OPENSTACK_STATE_DIR")
    if os.stat(path).st_mode & _GROUP_MAY_ALL != _GROUP_MAY_ALL:
        return warning(check, f"the group of {path} may not write to it", make)
    return ok(check, path)


def _left_behind(configuration: Configuration, devices: str) -> Finding:
    check = "attachments"
    look = "see storpool-openstack attachments list"
    client = Client(configuration.api, deadline=_DEADLINE)
    try:
        parts = Parts.of(configuration, client, Devices(devices))
        with contextlib.closing(client), contextlib.closing(parts.records):
            found = entries(parts)
    except StorPoolError as error:
        return failed(check, str(error), look)
    wrong = [entry for entry in found if entry.problems]
    if wrong:
        names = ", ".join(entry.stored.name for entry in wrong[:3])
        return warning(check, f"{len(wrong)} to be mended: {names}", look)
    return ok(check, f"{len(found)}, as the cluster has them")
