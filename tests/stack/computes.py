# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Accidents of a compute host: processes that are killed, and come back."""

from collections.abc import Mapping
import contextlib
import dataclasses
import signal

from storpool_common.attachments import records
from tests.stack import base
from tests.stack import configuration
from tests.stack import hosts
from tests.stack import packages
from tests.stack import processes
from tests.stack import services

SLOW = 1
"""MiB a second, the least there is; a guest of ours takes two minutes."""

FAST = 8796093022207
"""What a guest has that nobody has limited."""


class Computes(base.Base):
    """The compute hosts of a cloud that runs."""

    def kill(self, host: hosts.Host, *names: str) -> None:
        """SIGKILL services of a host, by their name on the first one."""
        for name in names:
            found = self._table.get(host.label(name))
            if found is not None:
                self._kill(found)
                # The privsep daemons of nova-compute go with its group.

    def guests(self, host: hosts.Host) -> list[processes.Identity]:
        """The QEMU processes of a host."""
        number = self._namespaces[host.number].number
        if number is None:
            return []
        return [
            one
            for one in processes.inside(number)
            if "qemu-system" in one.command.partition(" ")[0]
        ]

    def kill_guests(self, host: hosts.Host) -> int:
        """SIGKILL every QEMU of a host.

        :return: how many there were
        """
        found = self.guests(host)
        for guest in found:
            self._kill(guest)
        return len(found)

    @staticmethod
    def _kill(identity: processes.Identity) -> None:
        processes.signal_group(identity, signal.SIGKILL)
        processes.await_end([identity], 10.0)

    @staticmethod
    def requests(host: hosts.Host) -> list[str]:
        """The keys of the requests that are recorded on a host."""
        with contextlib.closing(records.Records(str(host.records))) as kept:
            return [one.key for one in kept.requests()]

    def reconcile(self, host: hosts.Host) -> None:
        """What an operator does about the records of a host.

        :raises StackError: something is left that cannot be mended
        """
        packages.run_logged(
            self._namespaces[host.number].enter([
                self._place.bin("storpool-openstack"),
                "attachments", "reconcile", "--apply",
            ]),
            self._table.log(host.label("reconcile")),
            dict(configuration.environment(self._place))
            | {
                "STORPOOL_STATE_DIR": str(host.records),
                "LIBVIRT_DEFAULT_URI": host.libvirt_uri,
            },
        )  # fmt: skip

    def has_said(self, host: hosts.Host, *parts: str) -> bool:
        """Whether a line in the log of a host's nova-compute has it all."""
        log = self._table.log(host.label("nova-compute"))
        return any(
            all(part in line for part in parts)
            for line in log.read_text(errors="replace").splitlines()
        )

    def restart(
        self, host: hosts.Host, environment: Mapping[str, str]
    ) -> None:
        """nova-compute of a host dies, and comes back another.

        :param environment: what it finds there besides the usual
        """
        self.kill(host, "nova-compute")
        usual = self._services.compute(host)
        self._begin_again(
            dataclasses.replace(
                usual, environment={**usual.environment, **environment}
            )
        )

    def limit_migration(
        self, host: hosts.Host, server: str, speed: int
    ) -> None:
        """Let a guest leave a host no faster than this.

        :param speed: MiB a second
        :raises StackError: libvirt refuses it
        """
        packages.run_logged(
            self._namespaces[host.number].enter([
                "virsh", "--connect", host.libvirt_uri,
                "migrate-setspeed", server, str(speed),
            ]),
            self._table.log(host.label("virsh")),
            configuration.environment(self._place),
        )  # fmt: skip

    def mend(self, host: hosts.Host) -> list[str]:
        """Start again what does not run on a host.

        :return: the names of what had to be started
        """
        started = []
        for service in (
            self._services.libvirtd(host),
            self._services.compute(host),
        ):
            if not self._table.alive(service.name):
                self._start_again(host, service)
                started.append(service.name)
        return started

    def _start_again(
        self, host: hosts.Host, service: services.Service
    ) -> None:
        # After SIGKILL both are still there, and libvirtd would wait.
        (host.libvirt / "run/libvirtd.pid").unlink(missing_ok=True)
        if service.name.startswith("libvirtd"):
            (host.libvirt / "sock/libvirt-sock").unlink(missing_ok=True)
        self._begin_again(service)

    def _begin_again(self, service: services.Service) -> None:
        self._start(service)
        self._await(service)
