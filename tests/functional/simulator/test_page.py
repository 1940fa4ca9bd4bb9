# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``GET /`` in a browser."""

import http.client

import msgspec
import testtools

from storpool_common import api
from storpool_common import client
from storpool_simulator.model.changes import done
from storpool_simulator.testing import SimulatorFixture
from tests.functional.simulator import browser

GIB = 1 << 30
#: Would be a picture that says so, if it were taken for HTML.
EVIL = "<img src=x onerror=console.error('injected')>"


class PageTest(testtools.TestCase):
    """A browser that looks at a cluster, which goes on meanwhile."""

    def setUp(self):
        super().setUp()
        self.simulator = self.useFixture(
            SimulatorFixture(clients={1: "comp1", 2: "comp2", 3: EVIL})
        )
        self.api = client.Client(self.simulator.settings)
        self.addCleanup(self.api.close)
        self.page = self.useFixture(browser.Browser())

    def create(self, name, **members):
        if "parent" not in members:
            members |= {"template": "hybrid", "size": GIB}
        return self.api.volume_create(
            api.volumes.VolumeCreateDesc(name=name, **members)
        ).global_id

    def snapshot(self, volume, name):
        self.api.snapshot_create(
            volume, api.snapshots.VolumeSnapshotDesc(name=name)
        )

    def attach(self, volume, **rights):
        self.api.volumes_reassign_wait(
            api.attachments.VolumesReassignWaitDesc(
                reassign=[
                    api.attachments.ReassignDesc(volume=volume, **rights)
                ]
            )
        )

    def open(self):
        self.page.open(f"{self.simulator.url}/")
        self.page.wait_for("cluster", self.simulator.cluster_id)

    def assert_clean(self):
        """Nothing on the console, and nobody else was asked."""
        self.assertEqual([], self.page.complaints())
        known = (f"{self.simulator.url}/", "data:")
        asked = self.page.asked()
        self.assertNotEqual([], asked)
        self.assertEqual(
            [], [each for each in asked if not each.startswith(known)]
        )

    def test_what_it_shows(self):
        gid = self.create("image")
        self.simulator.write(gid, 4 * GIB)
        self.snapshot("image", "golden")
        self.create("server", parent="golden")
        self.attach("server", rw=[1], ro=[2])
        self.open()
        self.assertIn("golden", self.page.text("objects"))
        self.assertEqual(2, self.page.count("#objects ul ul > li"))
        self.assertIn("4.00 GiB", self.page.text("templates"))
        used = float(self.page.attribute("#templates meter", "value"))
        self.assertEqual(4 * GIB, used)
        clients = self.page.text("clients")
        self.assertIn("1 comp1 up\nserver rw, sp-0\n", clients)
        self.assertIn("2 comp2 up\nserver ro, sp-1\n", clients)
        requests = self.page.text("requests")
        self.assertIn("MultiCluster/VolumesReassignWait 200", requests)
        self.assert_clean()

    def test_it_is_live(self):
        self.open()
        self.assertEqual("none", self.page.text("objects"))
        self.create("new")
        self.page.wait_for("objects", "new")
        self.simulator.set_up("client", 2, False)
        self.page.wait_for("clients", "down")
        self.simulator.add_fault(call="VolumesList", action="delay", count=3)
        self.page.wait_for("faults", "VolumesList delay 1 3 0")
        self.api.volumes_list()
        self.page.wait_for("faults", "VolumesList delay 1 3 1")
        self.simulator.clear_faults()
        self.page.wait_for("faults", "none")
        self.assert_clean()

    def test_names_are_no_html(self):
        gid = self.create("plain")
        self.simulator.simulator.cluster.steer(
            lambda model: self.rename(model.state, gid)
        )
        self.attach(f"~{gid}", rw=[3])
        self.simulator.add_fault(call=EVIL, action="delay")
        self.ask(f"/ctrl/1.0/{EVIL.replace(' ', '/')}")
        self.open()
        for where in ("objects", "clients", "faults"):
            self.assertIn(EVIL, self.page.text(where))
        self.assertIn("<img/src=x", self.page.text("requests"))
        self.assertEqual(0, self.page.count("img"))
        self.assert_clean()

    def rename(self, state, gid):
        """No request may give a volume such a name."""
        volume = state.objects[gid]
        state.put(msgspec.structs.replace(volume, name=EVIL))
        done(state)

    def ask(self, path):
        talker = http.client.HTTPConnection(
            self.simulator.host, self.simulator.port
        )
        self.addCleanup(talker.close)
        token = f"Storpool v1:{self.simulator.token}"
        talker.request("GET", path, headers={"Authorization": token})
        talker.getresponse().read()

    def test_long_names_fit(self):
        for letter in "ab":
            self.create(letter * 190)
            self.attach(letter * 190, rw=[1, 2])
        self.open()
        seen, there = self.page.width()
        self.assertLessEqual(there, seen)
        self.assert_clean()

    def test_nobody_answers(self):
        self.open()
        self.simulator.simulator.stop()
        self.page.wait_for("state", "no answer")
