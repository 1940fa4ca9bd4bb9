# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every answer is of the types that the bindings declare."""

import re

import ddt
from storpool import spapi

from storpool_common import api
from tests.functional.vendor import base

NET = "192.0.2.1/24"
ANY = "0.0.0.0/0"
#: What stands for each path parameter in a furnished cluster.
VALUES = {
    "volumeName": "a",
    "snapshotName": "s",
    "templateName": "hybrid",
    "placementGroupName": "default",
    "diskId": 11,
    "serverId": 1,
    "clientId": 1,
    "bucketName": "b",
    "keyName": "k",
}


def methods():
    """The bindings' methods that only ask, with their parameters."""
    for name, method in vars(spapi.Api).items():
        doc = getattr(method, "spDoc", None)
        if getattr(doc, "method", None) == "GET":
            yield name, list(doc.args)


METHODS = dict(methods())
SIMPLE = sorted(name for name, asks in METHODS.items() if not asks)
OF_SOMETHING = sorted(name for name, asks in METHODS.items() if asks)


@ddt.ddt
class QuestionTest(base.VendorTestCase):
    def furnish(self):
        """Have something of everything."""
        gid = self.create(tags={"qc": "fast"}, iops=100)
        self.simulator.write(gid, 40 << 20)
        self.snapshot("a", "s", tags={"x": "y"}, deleteAfter=3600)
        self.snapshot("a")
        self.snapshot("a", "gone")
        self.create("clone", parent="gone")
        self.create("based", baseOn="a")
        self.create(None)
        self.create("alone")
        self.strictly("snapshotDelete", "gone")
        self.reassign(
            {"volume": "a", "rw": [1], "ro": [2]},
            {"snapshot": "s", "ro": [1]},
        )
        self.strictly("kvsCreate", "b")
        self.strictly("kvsUpdate", "b", {"set": {"k": "v"}})
        self.strictly(
            "maintenanceSet",
            {"nodeId": 2, "description": "fans", "duration": 100},
        )
        self.export()
        self.simulator.set_switches(soft_eject_seconds=100)
        self.strictly("diskSoftEject", 12)
        self.simulator.set_up("disk", 31, False)
        self.simulator.set_up("client", 3, False)

    def export(self):
        """Export a volume over iSCSI, with everything it takes."""
        initiator = "iqn.1994-05.com.example:host"
        commands = [
            {"createPortalGroup": {"name": "g"}},
            {"portalGroupAddNetwork": {"portalGroup": "g", "net": NET}},
            {
                "createPortal": {
                    "portalGroup": "g",
                    "controller": 1,
                    "ip": "192.0.2.1",
                }
            },
            {
                "createInitiator": {
                    "name": initiator,
                    "username": "",
                    "secret": "",
                }
            },
            {"initiatorAddNetwork": {"initiator": initiator, "net": ANY}},
            {"createTarget": {"volumeName": "clone"}},
            {
                "export": {
                    "initiator": initiator,
                    "portalGroup": "g",
                    "volumeName": "clone",
                }
            },
        ]
        self.strictly("iSCSIConfigChange", {"commands": commands})

    @ddt.data(*SIMPLE)
    def test_empty(self, name):
        self.strictly(name)

    @ddt.data(*SIMPLE)
    def test_furnished(self, name):
        self.furnish()
        self.strictly(name)

    @ddt.data(*OF_SOMETHING)
    def test_of_something(self, name):
        self.furnish()
        self.strictly(name, *(self.value(each) for each in METHODS[name]))

    def value(self, parameter):
        if parameter == "vagName":
            return self.volume("alone").visibleVolumeId
        return VALUES[parameter]

    def test_there_is_no_other(self):
        """The newest bindings ask what we declare, and nothing else."""
        ours = {
            self.shape(api.URL_PREFIX + prefix(call) + call.path)
            for call in api.CALLS.values()
            if call.method == "GET"
            and call.since is not None
            and call.until is None
        }
        theirs = {
            self.shape(getattr(spapi.Api, name).__doc__.split()[2])
            for name in METHODS
        }
        self.assertEqual(theirs, ours)

    def shape(self, path):
        return re.sub("{[^}]*}", "{}", path)


def prefix(call):
    """What the bindings put before a call's path."""
    return api.MULTICLUSTER_PREFIX if call.multicluster else ""
