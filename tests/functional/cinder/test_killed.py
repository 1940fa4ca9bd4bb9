# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A cinder-volume is killed within an operation, and another one goes on.

Two of them serve one backend, with one database. The first is killed when a
change of its has reached the cluster, once before the cluster carried it out
and once after. The second cleans up after it as an operator would have it
do, and does the same thing again. Then the data is right and nothing is left
over.
"""

import dataclasses
import multiprocessing
import os
import pathlib
from typing import Any

import ddt
import fixtures
import testtools

from storpool_common import api
from storpool_common import client
from storpool_simulator import testing
from tests.functional.cinder import gallows
from tests.functional.cinder import service

MIB = 1 << 20
GIB = 1 << 30
HERE = 3

STORPOOL_CONF = """\
SP_AUTH_TOKEN={token}
SP_API_HTTP_HOST={host}
SP_API_HTTP_PORT={port}
SP_OURID=3
"""

CINDER_CONF = """\
[DEFAULT]
transport_url = fake:/
state_path = {directory}
enabled_backends = storpool
[database]
connection = sqlite:///{directory}/cinder.sqlite
[coordination]
backend_url = file://{directory}/locks
[oslo_concurrency]
lock_path = {directory}
[storpool]
storpool_template = hybrid
"""

_SERVICES = multiprocessing.get_context("forkserver")
_SERVICES.set_forkserver_preload([service.__name__])


@dataclasses.dataclass(frozen=True)
class Deed:
    """Something that a service may be killed in.

    :ivar prepared: what another service does before.
    :ivar done: what the one that is killed does, and then the other again.
    :ivar after: the check, a method of the test.
    """

    prepared: tuple[str, ...]
    done: str
    after: str


_VOLUME = ("make_volume",)
_SNAPSHOT = (*_VOLUME, "record_snapshot")
_SNAPPED = (*_SNAPSHOT, "create_snapshot")
_GROUP = ("make_group",)
_SNAPPED_GROUP = (*_GROUP, "record_group_snapshot", "create_group_snapshot")

DEEDS = {
    "create": Deed(("record_volume",), "create_new", "is_new"),
    "clone": Deed((*_VOLUME, "record_clone"), "create_new", "is_copy"),
    "from_snapshot": Deed(
        (*_SNAPPED, "record_child"), "create_new", "is_copy"
    ),
    "delete": Deed(_VOLUME, "delete_volume", "is_empty"),
    "snapshot": Deed(_SNAPSHOT, "create_snapshot", "is_snapped"),
    "delete_snapshot": Deed(_SNAPPED, "delete_snapshot", "is_alone"),
    "extend": Deed(_VOLUME, "extend", "is_larger"),
    "revert": Deed(_SNAPPED, "revert", "is_snapped"),
    "retype": Deed(_VOLUME, "retype", "is_elsewhere"),
    "migrate": Deed(_VOLUME, "migrate", "is_elsewhere"),
    "complete_migration": Deed(
        (*_VOLUME, "make_target"), "complete_migration", "is_target"
    ),
    "group_snapshot": Deed(
        (*_GROUP, "record_group_snapshot"),
        "create_group_snapshot",
        "is_snapped_group",
    ),
    "group_of_snapshot": Deed(
        (*_SNAPPED_GROUP, "record_copies"),
        "copy_group_snapshot",
        "is_copied_group",
    ),
    "group_of_group": Deed(
        (*_GROUP, "record_copies"), "copy_group", "is_copied_group"
    ),
    "unmanage": Deed(_VOLUME, "unmanage", "is_unmanaged"),
    "manage": Deed(
        (*_VOLUME, "unmanage", "record_volume"), "manage", "is_managed"
    ),
}

#: What Cinder itself notes as under way, and cleans up.
CLEANED = ("create_new", "delete_volume")


@ddt.ddt
class KilledTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        if os.geteuid() != 0:
            self.skipTest("loop devices need root")
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.devices = directory / "dev"
        self.devices.mkdir()
        self.simulator = self.useFixture(
            testing.SimulatorFixture(
                data_plane="loop",
                state_dir=directory / "state",
                dev_dir=self.devices,
            )
        )
        self.gallows = self.useFixture(gallows.Gallows(self.simulator))
        self.cluster = client.Client(self.simulator.settings)
        self.addCleanup(self.cluster.close)
        self.place = service.Place(directory)
        self.write_configuration()
        self.ids = self.run_service(0, ("make_types",), {})

    def write_configuration(self) -> None:
        """Write storpool.conf and cinder.conf."""
        [address] = self.simulator.settings.addresses
        self.place.storpool_conf.write_text(
            STORPOOL_CONF.format(
                token=self.simulator.token,
                host=address.host,
                port=address.port,
            )
        )
        self.place.cinder_conf.write_text(
            CINDER_CONF.format(directory=self.place.directory)
        )

    # Services

    def begin(
        self, number: int, wanted: tuple[str, ...], ids: dict[str, Any]
    ) -> tuple[Any, Any]:
        """Start a service; returns its process and where it answers."""
        answers, sent = _SERVICES.Pipe(duplex=False)
        process = _SERVICES.Process(
            target=service.serve, args=(self.place, number, wanted, ids, sent)
        )
        process.start()
        sent.close()
        self.addCleanup(answers.close)
        return process, answers

    def run_service(
        self, number: int, wanted: tuple[str, ...], ids: dict[str, Any]
    ) -> dict[str, Any]:
        """Let a service do things; returns the ids."""
        process, answers = self.begin(number, wanted, ids)
        try:
            found: dict[str, Any] = answers.recv()
        except EOFError:
            self.fail(f"{wanted} failed: {self.place.log[-6000:]}")
        finally:
            process.join(gallows.PATIENCE)
        return found

    def kill_in(self, wanted: str, nth: int, applied: bool) -> bool:
        """Kill service 1 within the ``nth`` change.

        :returns: whether it got there; it has ended well otherwise.
        """
        self.gallows.hold(nth, applied)
        process, answers = self.begin(1, (wanted,), self.ids)
        while not self.gallows.reached.wait(0.05):
            if answers.poll() or not process.is_alive():
                break
        reached = self.gallows.reached.is_set()
        process.kill()
        process.join(gallows.PATIENCE)
        self.gallows.hold(0, False)
        self.gallows.over.set()
        return reached

    # Data

    def device(self, found: Any, rights: str) -> str:
        """Attach a volume or snapshot here; returns its device."""
        kind = "volume" if rights == "rw" else "snapshot"
        self.reassign({kind: found.name, rights: [HERE]})
        return f"{self.devices}/storpool-byid/{found.global_id}"

    def reassign(self, change: dict[str, Any]) -> None:
        self.cluster.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[api.attachments.ReassignDesc(**change)]
            )
        )

    def write(self, volume_id: str, content: bytes) -> None:
        [found] = self.cluster.volume_list(f"os--volume-{volume_id}")
        with open(self.device(found, "rw"), "r+b") as device:
            device.write(content)
            device.flush()
            os.fsync(device.fileno())
        self.reassign({"volume": found.name, "detach": "all"})

    def read(self, found: Any, rights: str = "rw") -> bytes:
        """What a volume or snapshot begins with."""
        kind = "volume" if rights == "rw" else "snapshot"
        with open(self.device(found, rights), "rb") as device:
            content = device.read(MIB)
        self.reassign({kind: found.name, "detach": "all"})
        return content

    def contents(self) -> dict[str, bytes]:
        """Every volume's content, by its name."""
        return {
            each.name: self.read(each) for each in self.cluster.volumes_list()
        }

    def snapshot_contents(self) -> dict[str, bytes]:
        """Every snapshot's, but for those about to vanish."""
        return {
            each.name: self.read(each, "ro")
            for each in self.cluster.snapshots_list()
            if not each.deleted and not each.transient
        }

    # What is right

    def named(self, *kinds: str) -> list[str]:
        found = []
        for kind in kinds:
            ids = self.ids[kind]
            found += [ids] if isinstance(ids, str) else ids
        return [f"os--volume-{each}" for each in found]

    def snapshots_named(self, kind: str) -> list[str]:
        ids = self.ids[kind]
        found = [ids] if isinstance(ids, str) else ids
        return [f"os--snap--none--snapshot-{each}" for each in found]

    def is_new(self) -> None:
        self.assertEqual({self.named("new")[0]: bytes(MIB)}, self.contents())

    def is_copy(self) -> None:
        self.assertEqual(
            dict.fromkeys(self.named("volume", "new"), self.data[0]),
            self.contents(),
        )

    def is_empty(self) -> None:
        self.assertEqual({}, self.contents())
        self.assertEqual({}, self.snapshot_contents())

    def is_alone(self) -> None:
        self.assertEqual(
            {self.named("volume")[0]: self.data[0]}, self.contents()
        )
        self.assertEqual({}, self.snapshot_contents())

    def is_snapped(self) -> None:
        self.assertEqual(
            {self.named("volume")[0]: self.data[0]}, self.contents()
        )
        self.assertEqual(
            {self.snapshots_named("snapshot")[0]: self.data[0]},
            self.snapshot_contents(),
        )

    def is_larger(self) -> None:
        self.is_alone()
        [found] = self.cluster.volumes_list()
        self.assertEqual(2 * GIB, found.size)

    def is_elsewhere(self) -> None:
        self.is_alone()
        [found] = self.cluster.volumes_list()
        self.assertEqual("nvme", found.template_name)

    def is_target(self) -> None:
        records = self.run_service(2, ("look",), {})["objects"]
        self.assertEqual([self.ids["volume"]], list(records))
        self.assertEqual(
            {f"os--volume-{records[self.ids['volume']]}": self.data[1]},
            self.contents(),
        )

    def is_snapped_group(self) -> None:
        self.assertEqual(
            dict(
                zip(self.snapshots_named("snapshots"), self.data, strict=True)
            ),
            self.snapshot_contents(),
        )

    def is_copied_group(self) -> None:
        copies = self.named("copies")
        found = self.contents()
        self.assertEqual(4, len(found))
        self.assertEqual(self.data[:2], [found[name] for name in copies])
        kept = self.ids.get("snapshots", [])
        self.assertEqual(len(kept), len(self.snapshot_contents()))

    def is_unmanaged(self) -> None:
        self.assertEqual(
            {f"os-unmanaged--{self.ids['volume']}": self.data[0]},
            self.contents(),
        )

    def is_managed(self) -> None:
        self.assertEqual({self.named("new")[0]: self.data[0]}, self.contents())

    # The tests

    @ddt.data(*DEEDS)
    def test_the_other_service_goes_on(self, name: str) -> None:
        deed = DEEDS[name]
        struck = 0
        while True:
            moments = [
                self.killed_at(deed, struck + 1, applied)
                for applied in (False, True)
            ]
            if not any(moments):
                break
            struck += 1
        self.assertTrue(struck >= 1, "no change was met")

    def killed_at(self, deed: Deed, nth: int, applied: bool) -> bool:
        """Kill at one moment and let the other service go on."""
        self.prepare(deed)
        reached = self.kill_in(deed.done, nth, applied)
        wanted = ("clean_up", deed.done) if reached else ("clean_up",)
        self.ids = self.run_service(2, wanted, self.ids)
        if deed.done in CLEANED:
            for found in self.ids["statuses"].values():
                self.assertNotIn(found, ("creating", "deleting"))
        getattr(self, deed.after)()
        self.assertEqual([], self.cluster.attachments_list())
        self.empty()
        return reached

    def prepare(self, deed: Deed) -> None:
        """Make what a deed is about, with data in it."""
        made = [each for each in deed.prepared if each.startswith("make_")]
        rest = tuple(each for each in deed.prepared if each not in made)
        types = ("type", "other_type", "group_type")
        ids = {name: self.ids[name] for name in types}
        self.ids = self.run_service(2, ("forget", *made), ids)
        written = [self.ids[k] for k in ("volume", "target") if k in self.ids]
        written += self.ids.get("members", [])
        self.data = [os.urandom(MIB) for _ in written]
        for volume_id, content in zip(written, self.data, strict=True):
            self.write(volume_id, content)
        if rest:
            self.ids = self.run_service(2, rest, self.ids)
        if deed.done == "revert":
            self.write(self.ids["volume"], os.urandom(MIB))

    def empty(self) -> None:
        """Delete everything in the cluster."""
        for found in self.cluster.volumes_list():
            self.cluster.volume_delete(found.name)
        for name in self.snapshot_contents():
            self.cluster.snapshot_delete(name)
