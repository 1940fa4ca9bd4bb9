# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A simulator and the vendor's bindings."""

from storpool import spapi
import testtools

from storpool_simulator import testing

GIB = 1 << 30


def bindings(settings):
    """The bindings as they speak to a cluster; they do not try again."""
    (address,) = settings.addresses
    return spapi.Api(
        host=address.host,
        port=address.port,
        auth=settings.token,
        transientRetries=0,
        multiCluster=True,
    )


class VendorTestCase(testtools.TestCase):
    """Each test has a simulator of its own.

    :ivar api: the bindings.
    """

    def setUp(self):
        super().setUp()
        self.api = self.connect()

    def connect(self):
        """Found a simulator, and connect the bindings with it."""
        self.simulator = self.useFixture(testing.SimulatorFixture())
        return bindings(self.simulator.settings)

    def strictly(self, name, *arguments, cluster=None):
        """Make a call; every member is to be of the bindings' type.

        The bindings themselves overlook a member that is not.

        :param cluster: the name of another cluster that is to answer.
        """
        method = getattr(spapi.Api, name)
        raw = method(
            self.api, *arguments, clusterName=cluster, returnRawAPIData=True
        )
        return method.__globals__["returns"](raw)

    def refused(self, error, name, *arguments):
        """Make a call that is refused, with an error of that name."""
        raised = self.assertRaises(
            spapi.ApiError, self.strictly, name, *arguments
        )
        self.assertEqual(error, raised.name, str(raised))

    def create(self, name="a", **members):
        """Make a volume; returns its global id."""
        wanted = {"name": name} if name else {}
        if not members.keys() & {"parent", "baseOn"}:
            wanted |= {"size": GIB, "template": "hybrid"}
        return self.strictly("volumeCreate", wanted | members).globalId

    def snapshot(self, volume, name=None, **members):
        """Take a snapshot; returns its global id."""
        wanted = {"name": name, **members} if name else members
        answer = self.strictly("snapshotCreate", volume, wanted)
        return answer.snapshotGlobalId

    def reassign(self, *elements):
        """Change attachments."""
        self.strictly("volumesReassignWait", {"reassign": list(elements)})

    def volume(self, name):
        """The summary of a volume."""
        (found,) = self.strictly("volumeList", name)
        return found
