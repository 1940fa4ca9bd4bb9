# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Nodes in maintenance."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base


@ddt.ddt
class MaintenanceTest(base.SimulatorTestCase):
    def set(self, node, **members):
        return self.api.maintenance_set(
            api.maintenance.MaintenanceSetDesc(
                node_id=node,
                description="new fans",
                **({"duration": 100} | members),
            )
        )

    def complete(self, node):
        return self.api.maintenance_complete(
            api.maintenance.MaintenanceCompleteDesc(node_id=node)
        )

    def test_begin_overrun_end(self):
        self.set(2)
        (node,) = self.api.maintenance_list().nodes
        self.assertEqual(
            (2, "new fans", False),
            (node.node_id, node.description, node.overrun),
        )
        self.assertTrue(0 < node.remaining <= 100)
        self.simulator.advance(102)
        (node,) = self.api.maintenance_list().nodes
        self.assertEqual((True, None), (node.overrun, node.remaining))
        self.complete(2)
        self.assertEqual([], self.api.maintenance_list().nodes)

    @ddt.data(
        ({"max_nodes_in_maintenance": 1}, "2 nodes"),
        ({"max_replication_decrease": 1}, "lack 2 copies"),
        ({"min_ok_replicas": 2}, "have 1 copies"),
        ({"voting_safety_margin": 0}, "beyond the quorum"),
    )
    @ddt.unpack
    def test_what_the_second_would_cost(self, limit, text):
        self.create("a")
        self.set(
            1,
            **{
                name: 0
                if name.startswith("voting")
                else 5 - 4 * name.startswith("min")
                for name in limit
            },
        )
        raised = self.assertRaises(errors.Busy, self.set, 2, **limit)
        self.assertIn(text, str(raised))
        self.set(2)

    def test_mistakes(self):
        self.set(1)
        self.assertRaises(errors.ObjectExists, self.set, 1)
        self.assertRaises(errors.ObjectDoesNotExist, self.set, 9)
        self.assertRaises(errors.ObjectDoesNotExist, self.complete, 2)
        self.assertRaises(errors.InvalidParam, self.set, 2, duration=0)
