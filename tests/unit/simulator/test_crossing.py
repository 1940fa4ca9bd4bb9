# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What goes from one cluster to another."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import locations
from tests.unit.simulator import raw

exports = api.exports
moves = api.moves
commands = api.iscsi_commands
remote = api.remote


class CopyTest(locations.CrossingTestCase):
    def snapshot(self):
        self.make()
        return self.a.snapshot_create(
            "v", api.snapshots.VolumeSnapshotDesc(name="s", tags={"x": "y"})
        ).snapshot_global_id

    def copy(self, gid, **members):
        return self.c.snapshot_from_remote(
            moves.SnapshotFromRemoteDesc(
                remote_id=gid, remote_location="near", **members
            )
        )

    def test_exported_seen_copied(self):
        gid = self.snapshot()
        self.assertEqual([], self.c.snapshots_remote_list().snapshots)
        self.export(gid)
        (seen,) = self.c.snapshots_remote_list().snapshots
        self.assertEqual(
            (gid, "s", "near", "v", None),
            (
                seen.remote_id,
                seen.name,
                seen.location,
                seen.on_volume,
                seen.local_snapshot,
            ),
        )
        self.assertEqual([], self.b.snapshots_remote_list().snapshots)
        self.copy(gid, name="copied")
        (copied,) = self.c.snapshot_list(f"~{gid}")
        self.assertEqual(
            ("copied", gid, {"x": "y"}, "hybrid", True),
            (
                copied.name,
                copied.global_id,
                copied.tags,
                copied.template_name,
                copied.recovering_from_remote,
            ),
        )
        self.assertEqual(1000, self.stored(self.c, "copied"))
        self.simulators["far.c"].advance(1)
        (copied,) = self.c.snapshot_list("copied")
        self.assertFalse(copied.recovering_from_remote)
        (seen,) = self.c.snapshots_remote_list().snapshots
        self.assertEqual("copied", seen.local_snapshot)
        self.assertRaises(errors.ObjectExists, self.copy, gid)

    def test_anonymous(self):
        self.make()
        gid = self.a.snapshot_create("v").snapshot_global_id
        self.export(gid)
        (seen,) = self.c.snapshots_remote_list().snapshots
        self.assertEqual(f"~{gid}", seen.name)

    def test_refused(self):
        gid = self.snapshot()
        self.assertRaises(errors.ObjectDoesNotExist, self.copy, gid)
        self.export(gid)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.copy, gid, template="none"
        )
        self.c.volume_create(
            api.volumes.VolumeCreateDesc(
                name="taken", size=512, template="hybrid"
            )
        )
        self.assertRaises(errors.ObjectExists, self.copy, gid, name="taken")
        self.assertEqual([], self.c.snapshots_list())

    def test_exported_back(self):
        gid = self.snapshot()
        self.export(gid)
        self.copy(gid, export=True)
        (export,) = self.c.exports_list().exports
        self.assertEqual((gid, "near"), (export.global_id, export.location))

    def test_a_volume_of_it(self):
        gid = self.snapshot()
        self.export(gid)
        self.c.volume_from_remote(
            moves.VolumeFromRemoteDesc(
                name="new", remote_id=gid, remote_location="near"
            )
        )
        (volume,) = self.c.volume_list("new")
        self.assertEqual(f"~{gid}", volume.parent_name)

    def test_a_volume_of_it_in_another_template(self):
        """What cannot be placed as it was is placed as it is wished."""
        gid = self.snapshot()
        self.export(gid)
        self.simulators["far.c"].set_up("server", 3, False)
        self.c.volume_template_create(
            api.templates.VolumeTemplateCreateDesc(name="few", replication=1)
        )
        self.c.volume_from_remote(
            moves.VolumeFromRemoteDesc(
                name="new",
                remote_id=gid,
                remote_location="near",
                template="few",
            )
        )
        (copied,) = self.c.snapshot_list(f"~{gid}")
        self.assertEqual("few", copied.template_name)

    def test_not_needed_any_more(self):
        gid = self.snapshot()
        self.export(gid)
        self.c.snapshots_remote_unexport(
            exports.SnapshotsRemoteUnexport(
                remote_snapshots=[
                    exports.SnapshotRemoteUnexportDesc(
                        global_snapshot_id=gid,
                        location="near",
                        delete_after=100,
                    )
                ]
            )
        )
        self.assertEqual([], self.a.exports_list().exports)
        self.simulators["near.a"].advance(101)
        self.assertTrue(self.a.snapshots_list()[0].deleted)

    def test_a_bridge_that_does_not_answer(self):
        gid = self.snapshot()
        self.export(gid)
        self.simulators["near.a"].simulator.stop()
        raised = self.assertRaises(errors.ApiError, self.copy, gid)
        self.assertIn("does not answer", str(raised))
        self.assertEqual([], self.c.snapshots_list())

    def test_a_bridge_of_somebody_else(self):
        (bridge, *_) = self.c.remote_bridges_list().remote_bridges
        self.c.remote_bridge_remove(
            remote.RemoteBridgeRemoveDesc(ip=bridge.ip)
        )
        self.c.remote_bridge_add(
            remote.RemoteBridgeAddDesc(
                ip=bridge.ip, public_key="wrong", remote=bridge.remote
            )
        )
        raised = self.assertRaises(
            errors.ApiError, self.c.snapshots_remote_list
        )
        self.assertIn("another public key", str(raised))


class MoveTest(locations.CrossingTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.make()

    def move(self, **members):
        return self.a.volume_move_to_remote(
            "v", moves.VolumeMoveToRemoteDesc(cluster="near.b", **members)
        )

    def test_everything_but_the_place_stays(self):
        self.move()
        self.assertEqual([], self.a.volumes_list())
        (volume,) = self.b.volumes_list()
        self.assertEqual(
            (self.gid, "v", {"t": "1"}, 1 << 30, "near.b"),
            (
                volume.global_id,
                volume.name,
                volume.tags,
                volume.size,
                volume.cluster_id,
            ),
        )
        self.assertEqual(1000, self.stored(self.b, "v"))

    def test_attached(self):
        attach = api.attachments.ReassignDesc(volume="v", rw=[1])
        self.a.volumes_reassign([attach])
        self.assertRaises(errors.Busy, self.move)
        self.assertEqual(1, len(self.a.volumes_list()))
        self.move(on_attached="detachForce")
        self.assertEqual([], self.a.attachments_list())
        self.assertEqual(1, len(self.b.volumes_list()))

    def test_with_an_iscsi_target(self):
        """Its target would be left here."""
        self.a.iscsi_config_change(
            commands.ISCSIConfigChange(
                commands=[
                    commands.ISCSIConfigCommand(
                        create_target=commands.ISCSICommandCreateTarget(
                            volume_name="v"
                        )
                    )
                ]
            )
        )
        self.assertRaises(errors.Busy, self.move)
        self.assertEqual(1, len(self.a.iscsi_config().iscsi.targets))
        self.assertEqual(["v"], [e.name for e in self.a.volumes_list()])

    def test_a_name_that_is_taken_there(self):
        self.b.volume_create(
            api.volumes.VolumeCreateDesc(name="v", size=512, template="nvme")
        )
        self.assertRaises(errors.ObjectExists, self.move)
        self.a.volumes_reassign(
            [api.attachments.ReassignDesc(volume="v", rw=[1])]
        )

    def test_acquire(self):
        acquire = moves.VolumeAcquireDesc()
        self.b.volume_acquire(f"~{self.gid}", acquire)
        self.assertEqual([], self.a.volumes_list())
        self.b.volume_acquire("v", acquire)
        self.assertEqual(1, len(self.b.volumes_list()))
        self.assertRaises(
            errors.ObjectDoesNotExist, self.b.volume_acquire, "none", acquire
        )

    def test_a_snapshot(self):
        self.a.snapshot_create("v", api.snapshots.VolumeSnapshotDesc(name="s"))
        request = moves.SnapshotMoveToRemoteDesc(cluster_id="near.b")
        self.assertRaises(
            errors.Busy, self.a.snapshot_move_to_remote, "s", request
        )
        self.a.volume_delete("v")
        self.a.snapshot_move_to_remote("s", request)
        self.assertEqual([], self.a.snapshots_list())
        self.assertEqual(1000, self.stored(self.b, "s"))

    def test_exported_volumes_are_seen(self):
        self.a.volume_export("v", exports.VolumeExportDesc(cluster="near.b"))
        (seen,) = self.b.volumes_remote_list().volumes
        self.assertEqual((self.gid, "v"), (seen.remote_id, seen.name))
        self.assertEqual([], self.c.volumes_remote_list().volumes)


class CommandTest(locations.CrossingTestCase):
    def ask(self, method, path, body=b""):
        connection = self.useFixture(raw.Raw(self.simulators["near.a"]))
        return connection.ask(method, f"/ctrl/1.0/{path}", body)

    def test_passed_on(self):
        body = b'{"name":"x","size":512,"template":"hybrid"}'
        for name in ("near.b", "~near.b"):
            answer = self.ask(
                "POST", f"RemoteCommand/{name}/VolumeCreate", body
            )
            body = body.replace(b'"x"', b'"y"')
            self.assertEqual(200, answer.status, answer.body)
        self.assertEqual(
            ["x", "y"], [each.name for each in self.b.volumes_list()]
        )
        self.assertEqual([], self.a.volumes_list())
        answer = self.ask("POST", "RemoteCommand/near.b/VolumeCreate", body)
        self.assertEqual(409, answer.status)
        self.assertEqual("objectExists", answer.json["error"]["name"])

    def test_to_itself(self):
        for name in ("simulator", "~near.a"):
            answer = self.ask("GET", f"RemoteCommand/{name}/VolumesList")
            self.assertEqual([], answer.json["data"])

    def test_to_nobody(self):
        answer = self.ask("GET", "RemoteCommand/none/VolumesList")
        self.assertEqual(404, answer.status)
        self.assertIn("cluster 'none'", answer.json["error"]["descr"])

    def test_every_cluster_of_the_location(self):
        self.make()
        path = "MultiCluster/AllClusters/VolumesSpace"
        first, second = self.ask("GET", path).json["data"]["clusters"]
        (volume,) = first["response"]["data"]
        self.assertEqual("v", volume["name"])
        self.assertEqual([], second["response"]["data"])
        self.simulators["near.b"].simulator.stop()
        first, second = self.ask("GET", path).json["data"]["clusters"]
        self.assertEqual({}, second)

    def test_a_question_that_all_refuse(self):
        path = "MultiCluster/AllClusters/Volume/none"
        for each in self.ask("GET", path).json["data"]["clusters"]:
            self.assertIn("error", each["response"])
