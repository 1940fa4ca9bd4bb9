# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Locations, clusters and bridges: how other clusters are known."""

import secrets

from storpool_common import api
from tests.conformance import base
from tests.conformance.scenarios import documented

Calls = api.Calls
remote = api.remote


class RegistryTest(base.ConformanceTestCase):
    """A location of its own, to which nothing leads."""

    def setUp(self) -> None:
        super().setUp()
        self.need_right("remote")
        self.number = secrets.token_hex(6)
        self.location = self.name("l")
        self.api.location_add(
            remote.RemoteLocationBase(id=self.number, name=self.location)
        )
        self.addCleanup(self._forget_location)

    def _forget_location(self) -> None:
        for each in self.api.locations_list().locations:
            if each.id == self.number:
                self.api.location_remove(
                    remote.RemoteLocationRemoveDesc(location=each.name)
                )

    def add_cluster(self) -> str:
        name = self.name("c")
        self.api.cluster_add(
            remote.RemoteClusterAddDesc(
                id="x", location=self.location, name=name
            )
        )
        self.addCleanup(self._forget_cluster)
        return name

    def _forget_cluster(self) -> None:
        for each in self.api.clusters_list().clusters:
            if each.name.startswith(self.prefix):
                self.api.cluster_remove(
                    remote.RemoteClusterRemoveDesc(name=each.name)
                )

    def clusters(self) -> set[str]:
        return {each.name for each in self.api.clusters_list().clusters}

    def locations(self) -> dict[str, remote.RemoteLocation]:
        found = self.api.locations_list().locations
        return {each.name: each for each in found}

    @documented(Calls.location_add)
    def test_location(self) -> None:
        """A location is known by its name and id."""
        self.assertEqual(self.number, self.locations()[self.location].id)

    @documented(Calls.location_update)
    def test_buffers(self) -> None:
        """The buffers to a location change."""
        self.api.location_update(
            remote.RemoteLocationUpdateDesc(
                location=self.location, send_buffer_size=65536
            )
        )
        found = self.locations()[self.location]
        self.assertEqual(65536, found.send_buffer_size)

    @documented(Calls.location_rename)
    def test_location_renamed(self) -> None:
        """A location is called otherwise."""
        self.api.location_rename(
            remote.RemoteLocationRenameDesc(
                location=self.location, name=self.name("m")
            )
        )
        self.assertEqual(self.number, self.locations()[self.name("m")].id)

    @documented(Calls.cluster_add)
    def test_cluster(self) -> None:
        """A cluster is known, and forgotten."""
        name = self.add_cluster()
        self.assertIn(name, self.clusters())
        self.api.cluster_remove(remote.RemoteClusterRemoveDesc(name=name))
        self.assertNotIn(name, self.clusters())

    @documented(Calls.cluster_rename)
    def test_cluster_renamed(self) -> None:
        """A cluster is called otherwise."""
        name = self.add_cluster()
        self.api.cluster_rename(
            remote.RemoteClusterRenameDesc(cluster=name, name=self.name("d"))
        )
        self.assertIn(self.name("d"), self.clusters())

    @documented(Calls.remote_bridge_add)
    def test_bridge(self) -> None:
        """A bridge is known by its address, and forgotten."""
        address = f"203.0.113.{secrets.randbelow(254) + 1}"
        self.api.remote_bridge_add(
            remote.RemoteBridgeAddDesc(
                ip=address,
                public_key=secrets.token_hex(32),
                remote=self.add_cluster(),
            )
        )
        self.addCleanup(self._forget_bridge, address)
        self.assertIn(address, self.bridges())
        self._forget_bridge(address)
        self.assertNotIn(address, self.bridges())

    def _forget_bridge(self, address: str) -> None:
        if address in self.bridges():
            self.api.remote_bridge_remove(
                remote.RemoteBridgeRemoveDesc(ip=address)
            )

    def bridges(self) -> set[str]:
        found = self.api.remote_bridges_list().remote_bridges
        return {each.ip for each in found}
