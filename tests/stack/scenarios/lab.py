# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a scenario has at hand; what it makes is gone when it ends."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import dataclasses
from typing import Any

from tests.stack import checks
from tests.stack import cloud
from tests.stack import computes
from tests.stack import deployment
from tests.stack import hosts
from tests.stack import layout
from tests.stack import outage
from tests.stack import report
from tests.stack.scenarios import guests
from tests.stack.scenarios import media
from tests.stack.scenarios import servers
from tests.stack.storage import Storage
from tests.stack.volumes import Volumes

PATIENCE = 60.0


@dataclasses.dataclass(frozen=True)
class Tools:
    """What all scenarios of one run share."""

    place: layout.Layout
    cloud: Any
    cluster: Storage
    computes: computes.Computes
    deployment: deployment.Deployment
    outage: outage.Outage
    volumes: Volumes
    servers: servers.Servers
    media: media.Media
    golden: Any
    picture: Any


class Lab:
    """The cloud, as one scenario sees it.

    :ivar here: the machine itself, where Cinder runs as well
    :ivar there: the other compute host
    """

    def __init__(self, tools: Tools, name: str) -> None:
        self.place = tools.place
        self.cloud = tools.cloud
        self.cluster = tools.cluster
        self.computes = tools.computes
        self.deployment = tools.deployment
        self.outage = tools.outage
        self.volumes = tools.volumes
        self.servers = tools.servers
        self.media = tools.media
        self.picture = tools.picture
        self.cinder = tools.cloud.block_storage
        self.here, self.there = tools.computes.hosts
        self.fenced: list[tuple[str, int]] = []
        self._golden = tools.golden
        self._name = name.replace(".", "-")
        self._made = 0
        self._unusual: set[hosts.Host] = set()
        self._clean = contextlib.ExitStack()
        self._flavor = tools.cloud.compute.find_flavor(cloud.FLAVOR).id

    def close(self) -> None:
        """Remove what was made, the latest first; hosts are up again.

        :raises StackError: something could not be removed
        """
        try:
            self.mend()
        finally:
            self._clean.close()

    def clean(self, action: Any, *arguments: Any) -> None:
        """Do this when the scenario ends, whatever its end."""
        self._clean.callback(action, *arguments)

    def name(self, what: str) -> str:
        """A name that no other thing of this scenario has."""
        self._made += 1
        return f"{self._name}-{what}-{self._made}"

    def other(self, host: hosts.Host) -> hosts.Host:
        """The host that is not *host*."""
        return self.there if host == self.here else self.here

    def host_of(self, guest: guests.Guest) -> hosts.Host:
        """The host that a guest is on, as Nova says."""
        name = self.servers.host(guest.server)
        (found,) = (one for one in (self.here, self.there) if one.name == name)
        return found

    def volume(self, size: int = 1, **source: Any) -> Any:
        """A volume of *size* GiB that is available."""
        made = self.volumes.create(self.name("volume"), size, **source)
        self.clean(self.volumes.delete, made)
        return made

    def bootable(self, **more: Any) -> Any:
        """A volume that boots the guest."""
        return self.volume(1, source_volume_id=self._golden.id, **more)

    def snapshot(self, volume: Any, **more: Any) -> Any:
        """A snapshot that is available."""
        made = self.volumes.snapshot(volume, self.name("snapshot"), **more)
        self.clean(self.volumes.delete_snapshot, made)
        return made

    def boot(
        self,
        host: hosts.Host,
        *data: Any,
        boot: Any = None,
        flavor: str | None = None,
    ) -> guests.Guest:
        """A guest that has booted from a volume and ticks.

        :param data: volumes that it has besides
        :param boot: what it boots from; else a new one
        """
        root = boot or self.bootable()
        disks = [disk(volume, at) for at, volume in enumerate((root, *data))]
        return self.server(host, disks, (root, *data), flavor)

    def server(
        self,
        host: hosts.Host,
        disks: Sequence[Mapping[str, Any]],
        written: Sequence[Any],
        flavor: str | None = None,
        **more: Any,
    ) -> guests.Guest:
        """A guest with these block devices that has booted.

        :param disks: as the API takes them
        :param written: the volumes among them
        """
        server = self.start_server(host, disks, flavor, **more)
        self.servers.await_status(server, "ACTIVE")
        guest = guests.Guest(self.servers, self.media, server, written)
        if written:
            guest.await_boot()
        return guest

    def start_server(
        self,
        host: hosts.Host,
        disks: Sequence[Mapping[str, Any]],
        flavor: str | None = None,
        **more: Any,
    ) -> str:
        """A server that is being built.

        :return: its id
        """
        server = self.servers.create(
            self.name("server"), disks, host.name, flavor or self._flavor,
            **more,
        )  # fmt: skip
        self.clean(self.servers.delete, server)
        return server

    def rescue_picture(self) -> Any:
        """The guest's image, which may be rescued with as a stable device."""
        picture = self.cloud.create_image(
            self.name("rescue"),
            filename=str(self.place.image),
            disk_format="raw",
            container_format="bare",
            wait=True,
            meta={"hw_rescue_device": "disk", "hw_rescue_bus": "virtio"},
        )
        self.clean(self.cloud.image.delete_image, picture.id)
        return picture

    def attach(self, guest: guests.Guest, volume: Any) -> None:
        """Attach hot, and wait until the guest writes to it."""
        self.servers.attach(guest.server, volume)
        self.clean(self.detach, guest, volume)
        self.volumes.await_status(volume, "in-use")
        guest.gain(volume)

    def detach(self, guest: guests.Guest, volume: Any) -> None:
        """Detach hot, and wait until the guest no longer sees it."""
        if volume not in guest.volumes:
            return
        guest.lose(volume)
        self.servers.detach(guest.server, volume)
        report.wait_for(
            f"volume {volume.name} detached from its server",
            lambda: volume.id not in self.servers.attached(guest.server),
            PATIENCE,
        )

    def fail_to_attach(self, guest: guests.Guest, volume: Any) -> str:
        """Attach hot what cannot be, and wait until all is undone.

        :return: why, as whoever asks Nova about the server is told
        :raises StackError: it was attached, or something is left of it
        """
        self.servers.attach(guest.server, volume)
        said = self.servers.await_trouble(guest.server, "attach_volume")
        self.require_free(guest.server, volume)
        return said

    def fail_to_boot(self, host: hosts.Host, volume: Any) -> str:
        """Boot from what cannot be attached, and delete the server.

        :return: the server's fault
        :raises StackError: it booted, or something is left of it
        """
        server = self.start_server(host, [disk(volume, 0)])
        said = self.servers.await_fault(server)
        self.servers.delete(server)
        self.require_free(server, volume)
        return said

    def require_free(self, server: str, volume: Any) -> None:
        """A server does not have a volume, and no host keeps it for one.

        :raises StackError: it does, or one does, also after a while
        """
        self.volumes.await_status(volume, "available")
        kept = [
            key
            for host in (self.here, self.there)
            for key in self.computes.requests(host)
            if server in key and volume.id in key
        ]
        checks.require(not kept, f"recorded: {kept}")

    def forget_attachments(self, volume: Any) -> None:
        """Delete what Cinder still has of a server that has gone."""
        for attachment in self.cinder.attachments():
            if attachment.volume_id == volume.id:
                self.cinder.delete_attachment(attachment)

    def require_on(self, guest: guests.Guest, *machines: hosts.Host) -> None:
        """Its volumes are attached to these hosts and to no other.

        :raises StackError: they are not, also after a while
        """
        for volume in guest.volumes:
            self.await_clients(volume, *(one.number for one in machines))

    def await_clients(self, volume: Any, *numbers: int) -> None:
        """Wait until a volume is attached to these clients alone.

        :raises StackError: it is not, in time
        """
        report.wait_for(
            f"volume {volume.name} attached to clients {numbers} alone",
            lambda: self.cluster.clients(volume.id) == set(numbers),
            PATIENCE,
        )

    def live_migrate(self, guest: guests.Guest, host: hosts.Host) -> None:
        """Migrate a guest while it runs, and wait for its end."""
        self.start_live_migration(guest, host)
        self.servers.await_migration(guest.server, "completed")
        self.servers.await_status(guest.server, "ACTIVE")
        checks.require(
            self.servers.host(guest.server) == host.name,
            f"the server is not on {host.name}",
        )

    def start_live_migration(
        self, guest: guests.Guest, host: hosts.Host
    ) -> None:
        self.servers.act(
            guest.server,
            "os-migrateLive",
            host=host.name,
            block_migration="auto",
        )

    def abort_live_migration(
        self, guest: guests.Guest, host: hosts.Host
    ) -> str:
        """Begin to migrate a guest, and cancel that while it runs.

        :return: how Nova says that the migration ended
        :raises StackError: it was there before it could be cancelled
        """
        # An abort in the moment in which the guests change places is lost on
        # libvirt 9.0: the migration then never ends.
        limit = self.computes.limit_migration
        limit(self.other(host), guest.server, computes.SLOW)
        self.start_live_migration(guest, host)
        self.servers.await_migration(guest.server, "running")
        self.servers.abort_migration(guest.server)
        ended = self.servers.await_migration(
            guest.server, "cancelled", "error"
        )
        limit(self.other(host), guest.server, computes.FAST)
        # Nova 34 may leave the server in ERROR although the guest is well.
        self.servers.await_status(guest.server, "ACTIVE", "ERROR")
        self.servers.act(guest.server, "os-resetState", state="active")
        return ended

    def kill_host(self, host: hosts.Host) -> int:
        """A host dies: its guests, what manages them, its StorPool client.

        :return: how many guests there were
        """
        self.computes.kill(host, "nova-compute", "libvirtd")
        killed = self.computes.kill_guests(host)
        self.cluster.set_client(host.number, up=False)
        return killed

    def mend(self) -> None:
        """Everything of both hosts runs, and Nova knows it."""
        self.outage.end()
        self.cluster.clear_faults()
        for host in (self.here, self.there):
            self.cluster.set_client(host.number, up=True)
        for host in tuple(self._unusual):
            self.restart_compute(host)
        for host in (self.here, self.there):
            self.computes.mend(host)
        for host in (self.here, self.there):
            self._await_up(host)

    def restart_compute(self, host: hosts.Host, **environment: str) -> None:
        """nova-compute restarts, and finds these variables until mended."""
        if environment:
            self._unusual.add(host)
        self.computes.restart(host, environment)
        if not environment:
            self._unusual.discard(host)
        before = self.servers.service(host.name)["updated_at"]
        report.wait_for(
            f"nova-compute of {host.name} at work",
            lambda: self.servers.service(host.name)["updated_at"] != before,
            2 * PATIENCE,
        )

    def own_storpool_conf(
        self, host: hosts.Host, change: Callable[[str], str]
    ) -> None:
        """nova-compute of a host reads a changed copy of storpool.conf."""
        usual = self.place.storpool_conf.read_text()
        path = host.directory / "storpool.conf"
        self.clean(path.unlink)
        path.touch(mode=0o600)
        path.write_text(change(usual))
        self.restart_compute(host, STORPOOL_CONF=str(path))

    def _await_up(self, host: hosts.Host) -> None:
        report.wait_for(
            f"nova-compute of {host.name} up",
            lambda: self._is_up(host),
            2 * PATIENCE,
        )

    def _is_up(self, host: hosts.Host) -> bool:
        found = self.servers.service(host.name)
        if found["forced_down"] and not self.servers.try_up(host.name):
            return False
        return bool(self.servers.service(host.name)["state"] == "up")


def disk(volume: Any, index: int) -> dict[str, Any]:
    """A volume as a server's block device; the one of index 0 boots."""
    return {
        "uuid": volume.id,
        "source_type": "volume",
        "destination_type": "volume",
        "boot_index": index if index == 0 else None,
        "delete_on_termination": False,
    }
