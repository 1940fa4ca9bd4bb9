# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the driver of Cinder's own tree gets wrong, and this one does not.

Each scenario runs with both. With the other one it has to fail: a scenario
that passes there tells nothing.
"""

from typing import Any

from cinder import exception
import ddt
from os_brick import exception as brick_exception

from tests.unit.cinder import base
from tests.unit.cinder import managed
from tests.unit.cinder.wire import FAULTS


def busy(case: managed.ManagedTestCase, call: str) -> None:
    """Let a call be refused once, as for an open device."""
    case.simulator.add_fault(
        call=call,
        action="error",
        name="busy",
        descr="volume is open at client 1",
        status=409,
    )


def retyped(
    case: managed.ManagedTestCase, volume: Any, pool: str, **specs: str
) -> None:
    """Retype a volume that may not be copied."""
    volume.previous_status = volume.status
    volume.save()
    case.manager.retype(
        case.admin,
        volume,
        case.typed(**specs),
        {"host": f"{base.BACKEND}#{pool}"},
    )


class Scenarios:
    """One method a fault; ``case`` has a started manager."""

    @staticmethod
    def migration_with_a_refused_rename(case: Any) -> None:
        """The new data is deleted, or out of reach."""
        for nth in (1, 2, 3):
            volume, new = case.make(), case.make()
            wanted = case.volumes()[base.name_of(new)].global_id
            case.simulator.add_fault(
                call="VolumeUpdate", nth=nth, count=99, **FAULTS["refused"]
            )
            case.migrate(volume, new)
            case.simulator.clear_faults()
            reached = case.driver.initialize_connection(volume, base.COMP1)
            name = f"os--volume-{reached['data']['volume']}"
            case.assertIn(name, case.volumes())
            case.assertEqual(wanted, case.volumes()[name].global_id)

    @staticmethod
    def failed_deletion_keeps_attachments(case: Any) -> None:
        """A volume lives on and all its hosts have lost it."""
        volume = case.make()
        name = base.name_of(volume)
        case.attach(name, base.COMPUTE_1)
        case.simulator.add_fault(call="VolumeDelete", **FAULTS["refused"])
        case.assertRaises(
            exception.CinderException, case.driver.delete_volume, volume
        )
        case.assertEqual([base.COMPUTE_1], case.clients_of(name))

    @staticmethod
    def busy_volume_is_said_to_be_busy(case: Any) -> None:
        """The volume ends in error_deleting."""
        volume = case.make()
        case.attach(base.name_of(volume), base.COMPUTE_1)
        busy(case, "VolumesReassign")
        case.assertRaises(
            exception.VolumeIsBusy, case.driver.delete_volume, volume
        )

    @staticmethod
    def busy_snapshot_is_said_to_be_busy(case: Any) -> None:
        """The snapshot ends in error_deleting."""
        snapshot = case.make_snapshot(case.make())
        case.attach_snapshot(base.snapshot_name_of(snapshot), base.COMPUTE_1)
        busy(case, "VolumesReassign")
        case.assertRaises(
            exception.SnapshotIsBusy, case.driver.delete_snapshot, snapshot
        )

    @staticmethod
    def volume_from_snapshot_is_of_its_type(case: Any) -> None:
        """The new volume is where the snapshot is."""
        snapshot = case.make_snapshot(case.make())
        volume = case.make(
            snapshot_id=snapshot.id,
            host=f"{base.BACKEND}#template_nvme",
            volume_type_id=case.typed(storpool_template="nvme"),
        )
        found = case.volumes()[base.name_of(volume)]
        case.assertEqual("nvme", found.template_name)

    @staticmethod
    def change_survives_a_transient_error(case: Any) -> None:
        """The second try sends something that is no request."""
        case.simulator.add_fault(call="VolumeCreate", **FAULTS["transient"])
        case.assertEqual("available", case.make().status)

    @staticmethod
    def change_survives_a_lost_answer(case: Any) -> None:
        """What was made is reported as an error."""
        case.simulator.add_fault(
            call="VolumeCreate", **FAULTS["dropped_after"]
        )
        case.assertEqual("available", case.make().status)

    @staticmethod
    def clone_leaves_no_snapshot(case: Any) -> None:
        """A snapshot stays for ever after both volumes."""
        source = case.make(
            volume_type_id=case.typed(storpool_template="hybrid")
        )
        clone = case.make(
            source_volid=source.id,
            volume_type_id=case.typed(storpool_template="nvme"),
        )
        for volume in (clone, source):
            case.driver.delete_volume(volume)
        case.assertEqual({}, case.snapshots())

    @staticmethod
    def retype_copies_nothing(case: Any) -> None:
        """A full copy, or none at all where the policy forbids it."""
        volume = case.make(
            volume_type_id=case.typed(storpool_template="hybrid")
        )
        retyped(case, volume, "template_nvme", storpool_template="nvme")
        found = case.volumes()[base.name_of(volume)]
        case.assertEqual("nvme", found.template_name)

    @staticmethod
    def retype_needs_no_backend_name(case: Any) -> None:
        """A type that leaves the backend open asks for a migration."""
        volume = case.make(
            volume_type_id=case.typed(volume_backend_name="storpool")
        )
        retyped(case, volume, "template_hybrid")

    @staticmethod
    def retype_applies_limits(case: Any) -> None:
        """The retype succeeds and nothing was done."""
        volume = case.make()
        retyped(case, volume, "template_hybrid", **{"storpool:iops": "5"})
        case.assertEqual(5, case.volumes()[base.name_of(volume)].iops)

    @staticmethod
    def group_snapshot_is_of_one_instant(case: Any) -> None:
        """One call after the other, with writes in between."""
        group = case.group_record(case.group_type())
        volumes = [case.make(group_id=group.id) for _ in range(2)]
        snapshot, _ = case.group_snapshot_record(group, volumes)
        case.simulator.clear_requests()
        case.manager.create_group_snapshot(case.admin, snapshot)
        case.assertEqual(["VolumesGroupSnapshot"], case.calls())

    @staticmethod
    def pool_decides(case: Any) -> None:
        """Three copies on no template's disks, whatever the pool."""
        volume = case.make(host=f"{base.BACKEND}#template_nvme")
        found = case.volumes()[base.name_of(volume)]
        case.assertEqual("nvme", found.template_name)

    @staticmethod
    def pools_have_their_own_figures(case: Any) -> None:
        """Every pool reports the whole cluster, raw, and nothing promised."""
        case.make(size=5)
        stats = case.driver.get_volume_stats(True)
        [hybrid] = [
            p for p in stats["pools"] if p["pool_name"] == "template_hybrid"
        ]
        [status] = [
            s
            for s in case.cluster.volume_templates_status()
            if s.name == "hybrid"
        ]
        case.assertEqual(
            status.stored.capacity / base.GIB, hybrid["total_capacity_gb"]
        )
        case.assertEqual(5, hybrid["provisioned_capacity_gb"])

    @staticmethod
    def statistics_survive_the_api(case: Any) -> None:
        """An exception stops the service that is starting."""
        case.simulator.add_fault(call="*", count=99, **FAULTS["refused"])
        case.driver.init_capabilities()

    @staticmethod
    def snapshot_can_be_attached(case: Any) -> None:
        """A backup of a snapshot fails."""
        snapshot = case.make_snapshot(case.make())
        case.driver.create_export_snapshot(case.admin, snapshot, base.CTL)
        info = case.driver.initialize_connection_snapshot(snapshot, base.CTL)
        case.assertEqual(base.snapshot_name_of(snapshot), info["data"]["name"])

    @staticmethod
    def forced_detach_detaches(case: Any) -> None:
        """A host that is dead to Nova can go on writing."""
        volume = case.make()
        name = base.name_of(volume)
        case.attach(name, base.COMPUTE_1)
        case.driver.terminate_connection(volume, None, force=True)
        case.assertEqual([], case.clients_of(name))

    @staticmethod
    def unknown_host_gets_nobody_s_number(case: Any) -> None:
        """Every unknown host is told the number of this one."""
        info = case.driver.initialize_connection(
            case.make(), base.old_connector("comp9")
        )
        case.assertEqual(65, info["data"]["client_id"])

    @staticmethod
    def connector_without_host_is_refused_as_such(case: Any) -> None:
        """KeyError, an error of the server to the user."""
        case.assertRaises(
            exception.InvalidConnectorException,
            case.driver.validate_connector,
            {},
        )

    @staticmethod
    def gateway_error_is_cinder_s_exception(case: Any) -> None:
        """JSONDecodeError, and the volume is in error without a word."""
        volume = case.make()
        case.simulator.add_fault(
            call="VolumeUpdate", count=99, **FAULTS["html"]
        )
        case.assertRaises(
            exception.CinderException, case.driver.extend_volume, volume, 2
        )

    @staticmethod
    def setup_proves_the_token(case: Any) -> None:
        """The backend counts as working until it is used."""
        made = case.make_driver(type(case.driver))
        case.simulator.add_fault(
            call="*",
            count=99,
            action="error",
            name="unauthorized",
            descr="made up",
            status=401,
        )
        made.do_setup(case.admin)
        case.assertRaises(
            exception.CinderException, made.check_for_setup_error
        )


#: What a scenario ends in: its own assertion, or an error that got away.
FAILURES = (
    AssertionError,
    LookupError,
    NotImplementedError,
    OSError,
    ValueError,
    exception.CinderException,
    brick_exception.BrickException,
)

SCENARIOS = tuple(name for name in vars(Scenarios) if not name.startswith("_"))


@ddt.ddt
class InTreeTest(managed.ManagedTestCase):
    def begin(self, volume_driver: str) -> None:
        self.start_manager(volume_driver)
        self.driver = self.manager.driver
        self.assertTrue(self.driver.initialized)

    @ddt.data(*SCENARIOS)
    def test_ours_passes(self, scenario: str) -> None:
        self.begin(managed.OURS)
        getattr(Scenarios, scenario)(self)

    @ddt.data(*SCENARIOS)
    def test_the_in_tree_one_fails(self, scenario: str) -> None:
        self.use_in_tree_configuration()
        self.begin(managed.IN_TREE)
        self.assertRaises(FAILURES, getattr(Scenarios, scenario), self)
