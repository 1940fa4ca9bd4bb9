# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A driver, set up the way cinder-volume does it, and its cluster."""

import functools
import pathlib
from typing import Any
import uuid

from cinder import context
from cinder import objects
from cinder.objects import fields
from cinder.tests.unit import test
from cinder.tests.unit import utils
from cinder.volume import configuration
from cinder.volume import driver as base_driver
from cinder.volume import group_types
from cinder.volume import manager
import fixtures
from os_brick.initiator import storpool_utils

from cinder_storpool import driver
from storpool_common import api
from storpool_common import client
from storpool_common import names
from storpool_simulator import testing

GIB = 1 << 30
PREFIX = "os"
#: Where the volumes of these tests live, in the scheduler's words.
BACKEND = "ctl@storpool"
#: Clients that the simulator knows by default.
COMPUTE_1 = 1
COMPUTE_2 = 2
CONTROLLER = 3

CONF_FILE = """\
SP_AUTH_TOKEN={token}
SP_API_HTTP_HOST={host}
SP_API_HTTP_PORT={port}
SP_CLUSTER_ID=a.b

[comp1]
SP_OURID=1

[comp2]
SP_OURID=2

[ctl]
SP_OURID=3
"""


def our_connector(host: str, client: int) -> dict[str, Any]:
    """What a host with our os-brick connector sends."""
    return {
        "host": host,
        "ip": "127.0.0.1",
        "storpool_client_id": client,
        "storpool_connector": "1.0.0",
    }


def old_connector(host: str) -> dict[str, Any]:
    """What a host with os-brick's own connector sends."""
    return {"host": host, "ip": "127.0.0.1"}


COMP1 = our_connector("comp1", COMPUTE_1)
COMP2 = our_connector("comp2", COMPUTE_2)
CTL = our_connector("ctl", CONTROLLER)


def at_once(seconds: float) -> None:
    """Take the place of sleep."""


class ClusterTestCase(test.TestCase):
    """A simulator, and storpool.conf for it."""

    def setUp(self) -> None:
        super().setUp()
        self.simulator = self.useFixture(self.simulator_fixture())
        self.write_conf()
        self.useFixture(
            fixtures.MonkeyPatch(
                "storpool_common.client.Client",
                functools.partial(client.Client, sleep=at_once),
            )
        )
        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick.initiator.storpool_utils.time.sleep", at_once
            )
        )
        self.admin = context.RequestContext(
            user_id=str(uuid.uuid4()),
            project_id=str(uuid.uuid4()),
            is_admin=True,
        )
        #: Asks and arranges; not counted, as the log is cleared by cleared().
        self.cluster = client.Client(self.simulator.settings, sleep=at_once)
        self.addCleanup(self.cluster.close)

    def simulator_fixture(self) -> Any:
        """The cluster of a test."""
        return testing.SimulatorFixture()

    def write_conf(self, **replaced: Any) -> None:
        """Write storpool.conf and let the environment name it."""
        [address] = self.simulator.settings.addresses
        values = {
            "token": self.simulator.token,
            "host": address.host,
            "port": address.port,
            **replaced,
        }
        self.write_file(CONF_FILE.format(**values))

    def write_file(self, content: str) -> None:
        """Write storpool.conf as it stands."""
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        file = directory / "storpool.conf"
        file.write_text(content)
        for name, value in {
            "STORPOOL_CONF": str(file),
            "STORPOOL_CONF_DIR": str(directory / "none"),
        }.items():
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        for name in ("SP_AUTH_TOKEN", "SP_API_HTTP_HOST", "SP_API_HTTP_PORT"):
            self.useFixture(fixtures.EnvironmentVariable(name))

    def make_driver(
        self,
        kind: type[base_driver.VolumeDriver] = driver.StorPoolDriver,
        *,
        group: str = "storpool",
        **options: Any,
    ) -> Any:
        """A driver before its set-up.

        :param options: what its section of cinder.conf says.
        """
        made = kind(
            configuration=configuration.Configuration(
                manager.volume_backend_opts, config_group=group
            ),
            host=BACKEND,
        )
        for name, value in options.items():
            self.override_config(name, value, group=group)
        return made

    def start_driver(
        self,
        kind: type[base_driver.VolumeDriver] = driver.StorPoolDriver,
        **options: Any,
    ) -> Any:
        """A driver as it is once the manager has set it up."""
        made = self.make_driver(kind, **options)
        made.do_setup(self.admin)
        made.check_for_setup_error()
        made.set_initialized()
        self.simulator.clear_requests()
        return made

    def use_in_tree_configuration(self, client_id: int = 1) -> None:
        """Let the in-tree driver find the simulator, as a client of it."""
        [address] = self.simulator.settings.addresses
        self.useFixture(
            fixtures.MonkeyPatch(
                "os_brick.initiator.storpool_utils.get_conf",
                lambda section=None, use_env=True: {
                    "SP_API_HTTP_HOST": address.host,
                    "SP_API_HTTP_PORT": str(address.port),
                    "SP_AUTH_TOKEN": self.simulator.token,
                    "SP_OURID": str(client_id),
                },
            )
        )
        self.assertIsNotNone(storpool_utils)

    # Cinder's records

    def record(self, **fields_: Any) -> objects.Volume:
        """A volume's record, with nothing behind it yet."""
        values = {
            "host": f"{BACKEND}#template_hybrid",
            "size": 1,
            "status": "creating",
            "volume_type_id": self.vt["id"],
            **fields_,
        }
        return utils.create_volume(self.admin, **values)

    def snapshot_record(
        self, volume: objects.Volume, **fields_: Any
    ) -> objects.Snapshot:
        """A snapshot's record, with nothing behind it yet."""
        made = objects.Snapshot(
            self.admin,
            volume_id=volume.id,
            volume_size=volume.size,
            volume_type_id=volume.volume_type_id,
            user_id=self.admin.user_id,
            project_id=self.admin.project_id,
            status="creating",
            metadata={},
            display_name="snapshot",
            **fields_,
        )
        made.create()
        return made

    def typed(self, **specs: str) -> str:
        """The id of a new volume type with these extra specs."""
        made = objects.VolumeType(
            self.admin,
            name=str(uuid.uuid4()),
            extra_specs=specs,
            is_public=True,
            projects=[],
            description="",
        )
        made.create()
        return str(made.id)

    def group_type(self, consistent: str = "<is> True") -> str:
        """The id of a new group type."""
        made = group_types.create(
            self.admin,
            str(uuid.uuid4()),
            {"consistent_group_snapshot_enabled": consistent},
        )
        return str(made.id)

    def group_record(self, group_type: str, **fields_: Any) -> objects.Group:
        """A group's record; ``fields_`` of it."""
        return utils.create_group(
            self.admin,
            host=f"{BACKEND}#template_hybrid",
            group_type_id=group_type,
            volume_type_ids=[self.vt["id"]],
            **fields_,
        )

    def group_snapshot_record(
        self, group: objects.Group, volumes: list[objects.Volume]
    ) -> tuple[objects.GroupSnapshot, list[objects.Snapshot]]:
        """The records of a group snapshot and of its snapshots."""
        made = objects.GroupSnapshot(
            self.admin,
            user_id=self.admin.user_id,
            project_id=self.admin.project_id,
            group_id=group.id,
            group_type_id=group.group_type_id,
            status="creating",
        )
        made.create()
        return made, [
            self.snapshot_record(volume, group_snapshot_id=made.id)
            for volume in volumes
        ]

    def attached_record(
        self, volume: objects.Volume, connector: dict[str, Any] | None
    ) -> objects.VolumeAttachment:
        """The record of an attachment, as the manager leaves it."""
        values: dict[str, Any] = {
            "volume_id": volume.id,
            "instance_uuid": str(uuid.uuid4()),
            "attach_status": fields.VolumeAttachStatus.RESERVED,
        }
        if connector is not None:
            values["attach_status"] = fields.VolumeAttachStatus.ATTACHED
            values["attached_host"] = connector["host"]
            values["connector"] = connector
        made = objects.VolumeAttachment(self.admin, **values)
        made.create()
        return made

    # The cluster

    def calls(self) -> list[str]:
        """The API calls since the log was cleared: names, in order."""
        return [call_of(entry) for entry in self.simulator.requests()]

    def bodies(self, call: str) -> list[Any]:
        """What that call was sent."""
        return [
            entry["body"]
            for entry in self.simulator.requests()
            if call_of(entry) == call
        ]

    def volumes(self) -> dict[str, Any]:
        """Every StorPool volume by its name."""
        return {v.name: v for v in self.cluster.volumes_list()}

    def snapshots(self) -> dict[str, Any]:
        """Every snapshot that is not about to vanish, by its name."""
        return {
            s.name: s
            for s in self.cluster.snapshots_list()
            if not s.deleted and not s.transient
        }

    def attach(self, name: str, *clients: int) -> None:
        """Attach a StorPool volume as a host does."""
        self._reassign(
            api.attachments.ReassignDesc(volume=name, rw=list(clients))
        )

    def attach_snapshot(self, name: str, *clients: int) -> None:
        """Attach a snapshot as a host does."""
        self._reassign(
            api.attachments.ReassignDesc(snapshot=name, ro=list(clients))
        )

    def detach_all(self, name: str) -> None:
        """Detach a StorPool volume from wherever it is, by force."""
        self._reassign(
            api.attachments.ReassignDesc(volume=name, detach="all", force=True)
        )

    def detach_all_of_snapshot(self, name: str) -> None:
        """Detach a snapshot from wherever it is, by force."""
        self._reassign(
            api.attachments.ReassignDesc(
                snapshot=name, detach="all", force=True
            )
        )

    def empty_the_cluster(self) -> None:
        """Detach and delete every volume and snapshot."""
        for name in self.volumes():
            self.detach_all(name)
            self.cluster.volume_delete(name)
        for name in self.snapshots():
            self.detach_all_of_snapshot(name)
            self.cluster.snapshot_delete(name)

    def clients_of(self, name: str) -> list[int]:
        """The clients that have an object."""
        return sorted(
            a.client
            for a in self.cluster.attachments_list()
            if a.volume == name
        )

    def _reassign(self, change: api.attachments.ReassignDesc) -> None:
        self.cluster.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(reassign=[change])
        )


def call_of(entry: dict[str, Any]) -> str:
    """The call that a request was for."""
    path = entry["path"].removeprefix("/ctrl/1.0/")
    return str(path.removeprefix("MultiCluster/").partition("/")[0])


def name_of(volume: objects.Volume) -> str:
    """What the StorPool volume behind a record is called."""
    return names.volume_name(PREFIX, volume.name_id)


def snapshot_name_of(snapshot: objects.Snapshot) -> str:
    """What the StorPool snapshot behind a record is called."""
    return names.snapshot_name(PREFIX, snapshot.id)
