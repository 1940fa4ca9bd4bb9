# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Locations, clusters, bridges, and what is exported to them."""

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base

exports = api.exports
remote = api.remote


class RegistryTest(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.api.location_add(remote.RemoteLocationBase(id="far", name="Far"))
        self.api.cluster_add(
            remote.RemoteClusterAddDesc(id="x", location="Far", name="FarX")
        )
        self.bridge = remote.RemoteBridgeAddDesc(
            ip="127.0.0.1:1", public_key="k", remote="FarX"
        )
        self.api.remote_bridge_add(self.bridge)

    def test_listed(self):
        (location,) = self.api.locations_list().locations
        (cluster,) = self.api.clusters_list().clusters
        (bridge,) = self.api.remote_bridges_list().remote_bridges
        self.assertEqual(
            ("far", "Far", "x", "Far", "FarX", "FarX", "Far"),
            (
                location.id,
                location.name,
                cluster.id,
                cluster.location,
                cluster.name,
                bridge.cluster,
                bridge.location,
            ),
        )

    def test_renamed(self):
        self.api.location_rename(
            remote.RemoteLocationRenameDesc(location="Far", name="Near")
        )
        self.api.cluster_rename(
            remote.RemoteClusterRenameDesc(cluster="FarX", name="NearX")
        )
        (bridge,) = self.api.remote_bridges_list().remote_bridges
        self.assertEqual(("Near", "NearX"), (bridge.location, bridge.remote))
        self.api.location_update(
            remote.RemoteLocationUpdateDesc(
                location="Near", recv_buffer_size=4096
            )
        )
        (location,) = self.api.locations_list().locations
        self.assertEqual(4096, location.recv_buffer_size)

    def test_twice(self):
        for function, request in (
            (
                self.api.location_add,
                remote.RemoteLocationBase(id="far", name="New"),
            ),
            (
                self.api.location_add,
                remote.RemoteLocationBase(id="new", name="Far"),
            ),
            (
                self.api.cluster_add,
                remote.RemoteClusterAddDesc(id="x", location="Far"),
            ),
            (
                self.api.cluster_add,
                remote.RemoteClusterAddDesc(
                    id="y", location="Far", name="FarX"
                ),
            ),
            (self.api.remote_bridge_add, self.bridge),
        ):
            self.assertRaises(errors.ObjectExists, function, request)

    def test_an_id_that_is_too_long_for_a_name(self):
        """It takes the full id where none is given, and 63 characters."""
        long = "x" * 60
        error = self.assertRaises(
            errors.InvalidParam,
            self.api.cluster_add,
            remote.RemoteClusterAddDesc(id=long, location="Far"),
        )
        self.assertIn("give a name", str(error))
        self.api.cluster_add(
            remote.RemoteClusterAddDesc(id=long, location="Far", name="Long")
        )
        names = {one.name for one in self.api.clusters_list().clusters}
        self.assertEqual({"FarX", "Long"}, names)

    def test_what_is_in_use_stays(self):
        location = remote.RemoteLocationRemoveDesc(location="Far")
        raised = self.assertRaises(
            errors.InvalidParam, self.api.location_remove, location
        )
        self.assertIn("still used", str(raised))
        cluster = remote.RemoteClusterRemoveDesc(name="FarX")
        self.assertRaises(
            errors.InvalidParam, self.api.cluster_remove, cluster
        )
        self.api.remote_bridge_remove(
            remote.RemoteBridgeRemoveDesc(ip="127.0.0.1:1")
        )
        self.api.cluster_remove(
            remote.RemoteClusterRemoveDesc(location="Far", id="x")
        )
        self.api.location_remove(location)
        self.assertEqual([], self.api.locations_list().locations)

    def test_a_cluster_that_does_not_come_back(self):
        self.api.cluster_remove(
            remote.RemoteClusterRemoveDesc(
                name="FarX", cluster_will_not_be_coming_back=True
            )
        )
        self.assertEqual([], self.api.remote_bridges_list().remote_bridges)

    def test_unknown(self):
        for function, request in (
            (
                self.api.location_remove,
                remote.RemoteLocationRemoveDesc(location="None"),
            ),
            (
                self.api.cluster_remove,
                remote.RemoteClusterRemoveDesc(name="None"),
            ),
            (
                self.api.remote_bridge_remove,
                remote.RemoteBridgeRemoveDesc(ip="127.0.0.1:2"),
            ),
        ):
            self.assertRaises(errors.ObjectDoesNotExist, function, request)

    def test_exports(self):
        self.create("a")
        gid = self.snapshot("a", "s")
        wanted = exports.SnapshotExportDesc(snapshot="s", location="Far")
        self.api.snapshot_export(wanted)
        self.api.volume_export("a", exports.VolumeExportDesc(cluster="FarX"))
        self.assertRaises(
            errors.ObjectExists, self.api.snapshot_export, wanted
        )
        (snapshot,) = self.api.exports_list().exports
        (volume,) = self.api.volume_exports_list().exports
        self.assertEqual(
            (gid, "Far", "a"),
            (snapshot.global_id, snapshot.location, volume.snapshot),
        )
        end = exports.SnapshotUnexportDesc(snapshot="s", location="Far")
        self.api.snapshot_unexport(end)
        self.assertRaises(
            errors.ObjectDoesNotExist, self.api.snapshot_unexport, end
        )
        self.api.volume_delete("a")
        self.assertEqual([], self.api.volume_exports_list().exports)

    def test_where_to(self):
        self.create("a")
        self.assertRaises(
            errors.InvalidParam,
            self.api.volume_export,
            "a",
            exports.VolumeExportDesc(),
        )
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.volume_export,
            "a",
            exports.VolumeExportDesc(cluster_id="no.where"),
        )
