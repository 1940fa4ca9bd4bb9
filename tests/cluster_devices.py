# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A host of the simulator's memory plane, which has no block devices."""

import contextlib

import fixtures

from storpool_common import api
from storpool_common.attachments.opening import open_host
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.devices import Device
from storpool_common.devices import Devices
from storpool_common.devices import Unusable
from storpool_simulator.testing import SimulatorFixture
from tests.manual_clock import ManualClock

MIB = 1024 * 1024
PREFIX = "os"
#: The calls that a host makes; what else is in the log is of the test.
HOST_CALLS = ("VolumesReassignWait", "Volume/", "Snapshot/", "Attachments")


class ClusterDevices(Devices):
    """Has a device for what the simulator has attached to one client.

    :ivar absent: global ids whose device never comes.
    :ivar stale: global ids whose link has not gone yet, and what it shows.
    :ivar sizes: sizes that devices have instead of their volume's, in bytes.
    """

    def __init__(self, simulator, client_id, directory, clock):
        super().__init__(directory, clock=clock, watch=self._no_watch)
        self._simulator = simulator
        self._client_id = client_id
        self._manual = clock
        self.absent = set()
        self.stale = {}
        self.sizes = {}

    @contextlib.contextmanager
    def _no_watch(self, directory, clock):
        yield self

    def wait(self, seconds):
        self._manual.sleep(seconds)

    def look(self, global_id):
        attached = self._attached(global_id)
        if attached is None and global_id in self.stale:
            return self.stale[global_id]
        if attached is None or global_id in self.absent:
            return Unusable("is absent", False)
        size = self.sizes.get(global_id) or self._size(global_id)
        return Device(self.path(global_id), "7:0", size, attached.rights)

    def _has_link(self, global_id):
        return isinstance(self.look(global_id), Device)

    def _attached(self, global_id):
        for each in self._ask("attachments_list"):
            if (each.global_id, each.client) == (global_id, self._client_id):
                return each
        return None

    def _size(self, global_id):
        for each in self._ask("volumes_list") + self._ask("snapshots_list"):
            if each.global_id == global_id:
                return each.size
        raise LookupError(global_id)

    def _ask(self, question):
        return self._simulator.simulator.cluster.perform(
            api.CALLS[question], {}, None
        )[0]


class HostFixture(fixtures.Fixture):
    """A simulator, and one client of it with its records.

    :ivar simulator: the running fixture.
    :ivar api: a client for the test's own calls, as an operator makes them.
    :ivar clock: of the host; it passes only when the host sleeps.
    :ivar devices: of the host.
    :ivar configuration: of the host.
    """

    def __init__(self, client_id=1):
        self.client_id = client_id

    def _setUp(self):  # noqa: N802
        self.simulator = self.useFixture(SimulatorFixture())
        self.directory = self.useFixture(fixtures.TempDir())
        self.clock = ManualClock()
        self.devices = ClusterDevices(
            self.simulator,
            self.client_id,
            self.directory.join("byid"),
            self.clock,
        )
        self.configuration = load(
            host=f"comp{self.client_id}",
            values={
                "SP_AUTH_TOKEN": self.simulator.token,
                "SP_API_HTTP_HOST": self.simulator.host,
                "SP_API_HTTP_PORT": str(self.simulator.port),
                "SP_OURID": str(self.client_id),
                "SP_OPENSTACK_VOLUME_PREFIX": PREFIX,
            },
            environ={"STORPOOL_STATE_DIR": self.directory.join("state")},
        )
        self.api = self._client()

    def _client(self):
        client = Client(self.simulator.settings, sleep=self.clock.sleep)
        self.addCleanup(client.close)
        return client

    def open(self, configuration=None):
        """The host's attachments, as one more service of it has them."""
        opened = open_host(
            configuration or self.configuration,
            self._client(),
            devices=self.devices,
            clock=self.clock,
        )
        self.addCleanup(opened.close)
        return opened

    def make_volume(self, name="os--volume-1", size=MIB):
        """Make a volume; returns its global id."""
        return self.api.volume_create(
            api.volumes.VolumeCreateDesc(
                name=name, size=size, template="hybrid"
            )
        ).global_id

    def make_snapshot(self, volume, name="os--snap--none--snapshot-1"):
        """Take a snapshot; returns its global id."""
        return self.api.snapshot_create(
            volume, api.snapshots.VolumeSnapshotDesc(name=name)
        ).snapshot_global_id

    def reassign(self, **change):
        """Change attachments behind the host's back."""
        self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[api.attachments.ReassignDesc(**change)]
            )
        )

    def attached(self):
        """What is attached where: (global id, client) to rights."""
        return {
            (each.global_id, each.client): each.rights
            for each in self.api.attachments_list()
        }

    def calls(self):
        """The host's calls since the log was cleared: method and name."""
        made = []
        for request in self.simulator.requests():
            name = request["path"].rpartition("/ctrl/1.0/")[2]
            name = name.removeprefix("MultiCluster/")
            if name.startswith(HOST_CALLS):
                made.append((request["method"], name.partition("/")[0]))
        return made
