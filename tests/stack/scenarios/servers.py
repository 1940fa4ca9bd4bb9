# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Servers through Nova's API, in one microversion."""

from collections.abc import Iterable
from collections.abc import Mapping
import pathlib
from typing import Any

from tests.stack import errors
from tests.stack import report

MICROVERSION = "2.90"
"""Evacuated servers are started; from 2.95 on they stay stopped."""

PATIENCE = 120.0
ENDED = (
    "completed", "confirmed", "reverted", "error", "cancelled", "failed",
    "done",
)  # fmt: skip

Body = dict[str, Any]


class Servers:
    """What the scenarios do with servers; each is named by its id.

    :param proxy: openstacksdk's compute
    :param log: of nova-compute, for what fails
    """

    def __init__(self, proxy: Any, log: pathlib.Path) -> None:
        self._proxy = proxy
        self._log = log
        self._ended: dict[str, int] = {}

    def _ask(self, verb: str, path: str, body: Body | None = None) -> Body:
        """One request.

        :raises StackError: it was refused
        """
        more: Body = {} if body is None else {"json": body}
        answer = getattr(self._proxy, verb)(
            path, microversion=MICROVERSION, **more
        )
        if answer.status_code >= 300:
            raise errors.StackError(
                f"{verb.upper()} {path}: {answer.status_code} {answer.text}",
                self._log,
            )
        found: Body = answer.json() if answer.content else {}
        return found

    def create(
        self,
        name: str,
        disks: Iterable[Mapping[str, Any]],
        host: str,
        flavor: str,
        **more: Any,
    ) -> str:
        """A server that is being built.

        :param disks: its block devices, as the API takes them
        :param host: the compute host
        :return: its id
        """
        body = {
            "name": name,
            "flavorRef": flavor,
            "networks": "none",
            "host": host,
            "block_device_mapping_v2": list(disks),
            **more,
        }
        made = self._ask("post", "/servers", {"server": body})
        identity: str = made["server"]["id"]
        return identity

    def get(self, server: str) -> Body:
        found: Body = self._ask("get", f"/servers/{server}")["server"]
        return found

    def host(self, server: str) -> str:
        """The compute host a server is on."""
        found: str = self.get(server)["OS-EXT-SRV-ATTR:host"]
        return found

    def act(self, server: str, action: str, **arguments: Any) -> Body:
        """An action on a server."""
        return self._ask(
            "post", f"/servers/{server}/action", {action: arguments or None}
        )

    def await_status(
        self, server: str, *statuses: str, seconds: float = PATIENCE
    ) -> str:
        """Wait until a server rests in one of *statuses*.

        :raises StackError: it is in ERROR, which is none of them
        """
        last = [""]

        def there() -> bool:
            found = self.get(server)
            last[0] = found["status"]
            if last[0] == "ERROR" and "ERROR" not in statuses:
                fault = found.get("fault", {}).get("message", "no fault")
                raise errors.StackError(
                    f"server {server} is in ERROR: {fault}", self._log
                )
            return last[0] in statuses and not found["OS-EXT-STS:task_state"]

        report.wait_for(f"server {server} {statuses}", there, seconds)
        return last[0]

    def delete(self, server: str) -> None:
        """Delete, and wait until it is gone."""
        if not self._exists(server):
            return
        self._ask("delete", f"/servers/{server}")
        report.wait_for(
            f"server {server} deleted",
            lambda: not self._exists(server),
            PATIENCE,
        )

    def _exists(self, server: str) -> bool:
        answer = self._proxy.get(
            f"/servers/{server}", microversion=MICROVERSION
        )
        return bool(answer.status_code != 404)

    def attach(self, server: str, volume: Any) -> None:
        self._ask(
            "post",
            f"/servers/{server}/os-volume_attachments",
            {"volumeAttachment": {"volumeId": volume.id}},
        )

    def detach(self, server: str, volume: Any) -> None:
        self._ask(
            "delete", f"/servers/{server}/os-volume_attachments/{volume.id}"
        )

    def await_trouble(self, server: str, action: str) -> str:
        """Wait until the latest action of a kind has failed.

        :param action: as Nova calls it, ``attach_volume``
        :return: what its events say
        :raises StackError: it ended well, or not at all
        """
        said: list[str] = []

        def ended() -> bool:
            events = self._latest(server, action)
            said[:] = [one["details"] for one in events if one["details"]]
            return bool(events) and all(one["result"] for one in events)

        report.wait_for(f"the end of {action} of {server}", ended, PATIENCE)
        if not said:
            raise errors.StackError(f"{action} of {server} went well")
        return "; ".join(said)

    def _latest(self, server: str, action: str) -> list[Body]:
        """The events of the latest action of a kind."""
        path = f"/servers/{server}/os-instance-actions"
        known = self._ask("get", path)["instanceActions"]
        request = next(
            one["request_id"] for one in known if one["action"] == action
        )
        found: list[Body] = self._ask("get", f"{path}/{request}")[
            "instanceAction"
        ]["events"]
        return found

    def await_fault(self, server: str) -> str:
        """Wait until a server is in ERROR.

        :return: its fault
        """
        self.await_status(server, "ERROR")
        found: str = self.get(server)["fault"]["message"]
        return found

    def attached(self, server: str) -> list[str]:
        """The volumes a server has, as Nova knows."""
        found = self._ask("get", f"/servers/{server}/os-volume_attachments")
        return [one["volumeId"] for one in found["volumeAttachments"]]

    def output(self, server: str) -> str:
        """The console's text; none where there is no console now."""
        answer = self._proxy.post(
            f"/servers/{server}/action",
            json={"os-getConsoleOutput": {}},
            microversion=MICROVERSION,
        )
        if answer.status_code >= 300:
            return ""
        text: str = answer.json()["output"]
        return text

    def migrations(self, server: str) -> list[Body]:
        """The records of a server's migrations, the newest first."""
        path = f"/os-migrations?instance_uuid={server}"
        found = self._ask("get", path)["migrations"]
        return sorted(found, key=lambda one: one["id"], reverse=True)

    def await_migration(self, server: str, *statuses: str) -> str:
        """Wait until the latest migration has one of *statuses*.

        Nova makes the record of a migration some time after it accepted
        one, so those that were seen to end are not looked at again.

        :raises StackError: it has ended in another way
        """
        last = [""]

        def there() -> bool:
            records = [
                one
                for one in self.migrations(server)
                if one["id"] > self._ended.get(server, 0)
            ]
            last[0] = records[0]["status"] if records else ""
            if last[0] in ENDED:
                self._ended[server] = records[0]["id"]
            if last[0] in ENDED and last[0] not in statuses:
                raise errors.StackError(
                    f"migration of {server} is {last[0]}, not "
                    f"{' or '.join(statuses)}",
                    self._log,
                )
            return last[0] in statuses

        report.wait_for(f"migration {statuses}", there, PATIENCE)
        return last[0]

    def abort_migration(self, server: str) -> None:
        """Cancel a live migration that runs."""
        (running,) = self._ask("get", f"/servers/{server}/migrations")[
            "migrations"
        ]
        self._ask("delete", f"/servers/{server}/migrations/{running['id']}")

    def service(self, host: str, binary: str = "nova-compute") -> Body:
        """What Nova knows of a service on a host."""
        path = f"/os-services?host={host}&binary={binary}"
        found: Body = self._ask("get", path)["services"][0]
        return found

    def force_down(self, host: str) -> None:
        """Tell Nova that a host is down."""
        identity = self.service(host)["id"]
        self._ask("put", f"/os-services/{identity}", {"forced_down": True})

    def try_up(self, host: str) -> bool:
        """Take the word back; Nova refuses while it still cleans up."""
        identity = self.service(host)["id"]
        answer = self._proxy.put(
            f"/os-services/{identity}",
            json={"forced_down": False},
            microversion=MICROVERSION,
        )
        return bool(answer.status_code < 300)
