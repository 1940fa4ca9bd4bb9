# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The bindings' own methods change the simulator."""

import ddt
from storpool import spapi

from tests.functional.vendor import base

GIB = base.GIB
INITIATOR = "iqn.1994-05.com.example:host"


class VolumeTest(base.VendorTestCase):
    def test_create_update_delete(self):
        gid = self.create(tags={"a": "1"})
        self.strictly(
            "volumeUpdate",
            "a",
            {"rename": "b", "sizeAdd": 512, "tags": {"c": "2"}, "iops": 5},
        )
        found = self.volume("b")
        self.assertEqual(
            (gid, GIB + 512, {"a": "1", "c": "2"}, 5),
            (found.globalId, found.size, found.tags, found.iops),
        )
        self.strictly("volumeDelete", f"~{gid}")
        self.assertEqual([], self.strictly("volumesList"))

    def test_without_a_name(self):
        name = f"~{self.create(None)}"
        self.assertEqual(name, self.volume(name).name)

    def test_limits(self):
        self.create(iops="-", bw=10)
        found = self.volume("a")
        self.assertEqual(("-", 10), (found.iops, found.bw))

    def test_shrinking(self):
        self.create(size=2 * GIB)
        self.refused("invalidParam", "volumeUpdate", "a", {"size": GIB})
        self.strictly("volumeUpdate", "a", {"size": GIB, "shrinkOk": True})
        self.assertEqual(GIB, self.volume("a").size)

    def test_refusals(self):
        self.create()
        self.refused("objectDoesNotExist", "volumeDelete", "b")
        self.refused(
            "objectExists",
            "volumeCreate",
            {"name": "a", "size": GIB, "template": "hybrid"},
        )
        self.refused(
            "objectDoesNotExist",
            "volumeCreate",
            {"name": "b", "size": GIB, "template": "none"},
        )

    def test_clone_of_a_volume(self):
        self.create()
        answer = self.strictly("volumeCreate", {"name": "b", "baseOn": "a"})
        self.assertEqual(answer.autoName, self.volume("b").parentName)
        (parent,) = self.strictly("snapshotList", answer.autoName)
        self.assertTrue(parent.transient)

    def test_wrong_token(self):
        stranger = spapi.Api(
            host=self.simulator.host, port=self.simulator.port, auth="0"
        )
        self.assertRaises(spapi.ApiError, stranger.volumesList)


class SnapshotTest(base.VendorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create(tags={"a": "1"})

    def test_take_update_delete(self):
        gid = self.snapshot("a", "s", tags={"b": "2"})
        self.strictly(
            "snapshotUpdate", "s", {"rename": "t", "bind": True, "tags": {}}
        )
        (found,) = self.strictly("snapshotList", "t")
        self.assertEqual(
            (gid, {"b": "2"}, True, False, "a"),
            (
                found.globalId,
                found.tags,
                found.bound,
                found.autoName,
                found.onVolume,
            ),
        )
        self.strictly("snapshotDeleteById", gid)
        self.refused("objectDoesNotExist", "snapshotList", "t")

    def test_without_a_name(self):
        gid = self.snapshot("a")
        (found,) = self.strictly("snapshotList", f"~{gid}")
        self.assertTrue(found.autoName)
        self.assertIn("@", found.name)

    def test_clone_and_revert(self):
        self.snapshot("a", "s")
        self.create("b", parent="s")
        self.strictly("volumeRevert", "a", {"toSnapshot": "s"})
        self.assertEqual("s", self.volume("a").parentName)
        self.assertEqual(
            (self.gid, {"a": "1"}),
            (self.volume("a").globalId, self.volume("a").tags),
        )

    def test_freeze_and_rebase(self):
        self.snapshot("a", "s")
        self.snapshot("a", "t")
        self.strictly("snapshotUpdateVag", "t", {"vagId": "parent"})
        self.strictly("snapshotRebase", "t", {})
        self.strictly("volumeRebase", "a", {})
        self.assertEqual("", self.volume("a").parentName)
        self.strictly("volumeFreeze", "a", {"deleteAfter": 3600})
        (found,) = self.strictly("snapshotList", "a")
        self.assertGreater(found.targetDeleteDate, 0)

    def test_group(self):
        self.create("b")
        answer = self.strictly(
            "snapshotCreateGroup",
            {
                "volumes": [
                    {"volume": "a", "name": "sa"},
                    {"volume": "b", "name": "sb", "tags": {"x": "y"}},
                ],
                "tags": {"g": "1"},
            },
        )
        self.assertEqual(
            [("a", "sa"), ("b", "sb")],
            [(each.volume, each.snapshot) for each in answer.snapshots],
        )
        (found,) = self.strictly("snapshotList", "sb")
        self.assertEqual({"g": "1", "x": "y"}, found.tags)


class AttachmentTest(base.VendorTestCase):
    def setUp(self):
        super().setUp()
        self.create()

    def attached(self):
        return sorted(
            (each.volume, each.snapshot, each.client, each.rights)
            for each in self.strictly("attachmentsList")
        )

    def test_attach_change_detach(self):
        self.reassign({"volume": "a", "rw": [1], "ro": [2]})
        self.assertEqual(
            [("a", False, 1, "rw"), ("a", False, 2, "ro")], self.attached()
        )
        self.reassign({"volume": "a", "detach": "all", "rw": [2]})
        self.assertEqual([("a", False, 2, "rw")], self.attached())
        self.refused("busy", "volumeDelete", "a")
        self.reassign({"volume": "a", "detach": [2], "force": True})
        self.assertEqual([], self.attached())

    def test_snapshot(self):
        self.snapshot("a", "s")
        self.strictly("volumesReassign", [{"snapshot": "s", "ro": [1]}])
        self.assertEqual([("s", True, 1, "ro")], self.attached())
        (status,) = self.strictly("clientConfigWait", 1)
        self.assertEqual("ok", status.configStatus)

    def test_unknown_client(self):
        self.refused(
            "invalidParam", "volumesReassign", [{"volume": "a", "rw": [9]}]
        )


class TemplateTest(base.VendorTestCase):
    def test_template(self):
        self.strictly(
            "volumeTemplateCreate",
            {"name": "t", "replication": 2, "placeAll": "default"},
        )
        found = self.strictly("volumeTemplateDescribe", "t")
        self.assertEqual((2, "-"), (found.replication, found.size))
        self.create(template="t")
        self.strictly(
            "volumeTemplateUpdate", "t", {"replication": 3, "propagate": True}
        )
        self.assertEqual(3, self.volume("a").replication)
        self.strictly("volumeDelete", "a")
        self.strictly("volumeTemplateDelete", "t")
        self.refused("objectDoesNotExist", "volumeTemplateDescribe", "t")

    def test_placement_group(self):
        self.strictly("placementGroupUpdate", "g", {"addDisks": [11, 21]})
        self.strictly(
            "placementGroupUpdate", "g", {"rename": "h", "rmDisks": [21]}
        )
        found = self.strictly("placementGroupDescribe", "h")
        self.assertEqual({11}, set(found.disks))
        self.strictly("placementGroupDelete", "h")

    def test_groups_of_volumes(self):
        self.create()
        self.create("b")
        number = self.volume("b").visibleVolumeId
        self.strictly("volumeUpdateVag", "a", {"vagId": number})
        self.strictly("vagUpdate", {"vagId": str(number), "targetsCount": 2})
        found = self.strictly("vagList", number)
        self.assertEqual(2, len(found.targetDiskSets))


@ddt.ddt
class DiskTest(base.VendorTestCase):
    def test_description(self):
        self.strictly("diskSetDesc", 11, {"description": "slow one"})
        found = self.strictly("disksList")[11]
        self.assertEqual("slow one", found.description)

    @ddt.data(
        ("diskSoftEject", "diskSoftEjectPause", "diskSoftEjectCancel"),
        ("diskScrubStart", "diskScrubPause", "diskScrubContinue"),
        ("diskRetrim",),
        ("diskEject", "diskForget"),
    )
    def test_work(self, names):
        self.simulator.set_switches(soft_eject_seconds=100, scrub_seconds=100)
        for name in names:
            self.strictly(name, 12)

    def test_balancer(self):
        self.strictly("volumeBalancerSetStatus", {"cmd": "start"})
        self.strictly("volumeBalancerSetStatus", {"cmd": "stop"})


class IscsiTest(base.VendorTestCase):
    def setUp(self):
        super().setUp()
        self.create()

    def change(self, **commands):
        self.strictly(
            "iSCSIConfigChange",
            {"commands": [{name: what} for name, what in commands.items()]},
        )

    def config(self):
        return self.strictly("iSCSIConfig").iscsi

    def test_there_and_back(self):
        export = {
            "initiator": INITIATOR,
            "portalGroup": "g",
            "volumeName": "a",
        }
        self.change(
            setBaseName={"name": "iqn.2026-11.com.example"},
            createPortalGroup={"name": "g"},
            portalGroupAddNetwork={"portalGroup": "g", "net": "192.0.2.1/24"},
            createPortal={
                "portalGroup": "g",
                "controller": 1,
                "ip": "192.0.2.1",
            },
            createInitiator={
                "name": INITIATOR,
                "username": "u",
                "secret": "s",
            },
            initiatorAddNetwork={"initiator": INITIATOR, "net": "0.0.0.0/0"},
            createTarget={"volumeName": "a"},
            export=export,
        )
        (initiator,) = self.config().initiators.values()
        (target,) = self.config().targets.values()
        self.assertEqual(
            [("g", target.name)],
            [(each.portalGroup, each.target) for each in initiator.exports],
        )
        self.change(
            exportDelete=export,
            deleteTarget={"volumeName": "a"},
            deleteInitiator={"name": INITIATOR},
            deletePortal={"ip": "192.0.2.1", "port": 3260},
            deletePortalGroup={"name": "g"},
        )
        now = self.config()
        self.assertEqual(
            ({}, {}, {}), (now.initiators, now.targets, now.portalGroups)
        )

    def test_refusals(self):
        self.change(createTarget={"volumeName": "a"})
        wanted = {"commands": [{"createTarget": {"volumeName": "a"}}]}
        self.refused("objectExists", "iSCSIConfigChange", wanted)
        wanted = {"commands": [{"createTarget": {"volumeName": "b"}}]}
        self.refused("objectDoesNotExist", "iSCSIConfigChange", wanted)

    def test_questions_with_a_query(self):
        query = {"controllerIds": [1], "msecsTimeout": 100}
        self.strictly("iSCSISessionsInfo", query)
        self.strictly("iSCSInterfacesInfo", query)
        self.strictly("allPeersActiveRequests", {"msecsTimeout": 100})


class StoreTest(base.VendorTestCase):
    def test_pairs(self):
        self.strictly("kvsCreate", "b")
        self.strictly("kvsUpdate", "b", {"set": {"x": "1", "y": "2"}})
        version = self.strictly("kvsList", "b").version
        wanted = {"set": {"x": ""}, "runIfVersionIs": version}
        self.assertTrue(self.api.kvsTryUpdate("b", wanted))
        self.assertFalse(self.api.kvsTryUpdate("b", wanted))
        self.assertEqual({"y": "2"}, self.strictly("kvsList", "b").pairs)
        self.assertEqual({"y": "2"}, self.strictly("kvsGet", "b", "y").pairs)
        self.strictly("kvsDelete", "b")
        self.assertEqual({}, self.strictly("kvsBuckets").buckets)

    def test_maintenance(self):
        self.strictly(
            "maintenanceSet",
            {"nodeId": 1, "description": "fans", "duration": 60},
        )
        (node,) = self.strictly("maintenanceList").nodes
        self.assertEqual((1, "fans"), (node.nodeId, node.description))
        self.strictly("maintenanceComplete", {"nodeId": 1})
        self.assertEqual([], self.strictly("maintenanceList").nodes)


class RemoteTest(base.VendorTestCase):
    """A location of which nothing is seen but what is said of it."""

    def setUp(self):
        super().setUp()
        self.strictly("locationAdd", {"id": "far", "name": "Far"})
        self.strictly(
            "clusterAdd", {"id": "x", "location": "Far", "name": "FarX"}
        )
        self.strictly(
            "remoteBridgeAdd",
            {"ip": "127.0.0.1:1", "publicKey": "k", "remote": "FarX"},
        )

    def listed(self, name, member):
        return self.strictly(name)[member]

    def test_renamed(self):
        self.strictly("locationRename", {"location": "Far", "name": "Near"})
        self.strictly(
            "locationUpdate", {"location": "Near", "sendBufferSize": 4096}
        )
        self.strictly("clusterRename", {"cluster": "FarX", "name": "NearX"})
        (location,) = self.listed("locationsList", "locations")
        (cluster,) = self.listed("clustersList", "clusters")
        (bridge,) = self.listed("remoteBridgesList", "remoteBridges")
        self.assertEqual(
            ("Near", 4096, "NearX", "127.0.0.1:1"),
            (location.name, location.sendBufferSize, cluster.name, bridge.ip),
        )

    def test_forgotten(self):
        self.strictly("remoteBridgeRemove", {"ip": "127.0.0.1:1"})
        self.strictly("clusterRemove", {"name": "FarX"})
        self.strictly("locationRemove", {"location": "Far"})
        self.assertEqual([], self.listed("locationsList", "locations"))

    def test_exports(self):
        self.create()
        gid = self.snapshot("a")
        self.strictly(
            "snapshotExport", {"snapshot": f"~{gid}", "location": "Far"}
        )
        self.strictly("volumeExport", "a", {"cluster": "FarX"})
        (snapshot,) = self.listed("exportsList", "exports")
        (volume,) = self.listed("volumeExportsList", "exports")
        self.assertEqual((gid, "a"), (snapshot.globalId, volume.snapshot))
        self.strictly(
            "snapshotUnexport", {"snapshot": f"~{gid}", "location": "Far"}
        )
        self.assertEqual([], self.listed("exportsList", "exports"))

    def test_acquire_what_is_here(self):
        gid = self.create()
        self.strictly("volumeAcquire", "a", {})
        self.assertEqual(gid, self.volume("a").globalId)
