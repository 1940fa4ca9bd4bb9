# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Reading the simulator's request log."""

import json

import testtools

from tests.stack import storage


def request(body, path="/ctrl/1.0/MultiCluster/VolumesReassignWait"):
    return {"seq": 7, "status": 200, "path": path, "body": body}


class ReassignmentsTest(testtools.TestCase):
    def test_other_calls_are_left_out(self):
        log = [request(None, "/ctrl/1.0/VolumesList")]
        self.assertEqual([], storage.reassignments(log))

    def test_both_shapes_of_the_body(self):
        element = {"volume": "~a.b.1", "detach": [1], "force": False}
        for body in (
            {"reassign": [element]},
            [element],
            json.dumps([element]),
        ):
            (found,) = storage.reassignments([request(body)])
            self.assertEqual("~a.b.1", found.what["volume"])
            self.assertTrue(found.detaches)
            self.assertFalse(found.forced)

    def test_a_forced_one_among_others(self):
        body = {
            "reassign": [
                {"volume": "a", "rw": [1]},
                {"volume": "b", "detach": "all", "force": True},
            ]
        }
        first, second = storage.reassignments([request(body)])
        self.assertFalse(first.detaches or first.forced)
        self.assertTrue(second.detaches and second.forced)
