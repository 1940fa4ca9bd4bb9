# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Registration in running services, however we are installed.

Each test is a process of a service's own program: no two services are ever
in one.
"""

import ddt
import testtools

from storpool_common.hook import CONNECTOR
from storpool_common.hook import VOLUME_DRIVER
from tests.functional.nova.layouts import Layout
from tests.functional.nova.layouts import VERSION
from tests.functional.nova.services import ImageService
from tests.functional.nova.services import Service

DEFAULT = "config_source = storpool_conf"
REST = "[storpool_conf]\ndriver = storpool\n"
ENVIRONMENT = {
    "OS_DEFAULT__CONFIG_SOURCE": "storpool_conf",
    "OS_STORPOOL_CONF__DRIVER": "storpool",
}
#: What makes a service do threads the other way than it does by itself.
OTHER_WAY = {
    "nova-compute": {"OS_NOVA_DISABLE_EVENTLET_PATCHING": "0"},
    "cinder-volume": {"OS_CINDER_DISABLE_EVENTLET_PATCHING": "1"},
    "cinder-backup": {"OS_CINDER_DISABLE_EVENTLET_PATCHING": "1"},
}


@ddt.ddt
class RegistrationTest(testtools.TestCase):
    def start(self, kind, name, *text, **environ):
        layout = self.useFixture(Layout(kind))
        fixture = ImageService if name == "glance-api" else Service
        return self.useFixture(fixture(layout, name, *text, **environ))

    def assert_ours(self, service, name):
        module = "nova.virt.libvirt.driver"
        if name == "nova-compute":
            service.wait_for(f"{module} uses {VOLUME_DRIVER} (was nova.virt.")
        service.wait_for(f"os_brick.initiator.connector uses {CONNECTOR} (was")
        report = service.report()
        self.assertIn(f"storpool-openstack {VERSION}", report)
        self.assertIn(f"os_brick.initiator.connector: {CONNECTOR}", report)
        self.assertEqual(
            name == "nova-compute", f"{module}: {VOLUME_DRIVER}" in report
        )

    @ddt.data(
        ("wheel", "nova-compute"),
        ("editable", "nova-compute"),
        ("split", "nova-compute"),
        ("wheel", "cinder-volume"),
        ("editable", "cinder-backup"),
        ("split", "cinder-volume"),
        ("wheel", "glance-api"),
        ("editable", "glance-api"),
        ("split", "glance-api"),
    )
    @ddt.unpack
    def test_layout(self, kind, name):
        service = self.start(kind, name, DEFAULT, REST)
        self.assert_ours(service, name)

    @ddt.data(*OTHER_WAY, "glance-api")
    def test_environment_alone(self, name):
        self.assert_ours(self.start("split", name, **ENVIRONMENT), name)

    @ddt.data(*OTHER_WAY)
    def test_threads_the_other_way(self, name):
        service = self.start(
            "editable", name, DEFAULT, REST, **OTHER_WAY[name]
        )
        self.assert_ours(service, name)

    def test_eventlet_by_an_option_of_nova(self):
        service = self.start(
            "editable",
            "nova-compute",
            f"{DEFAULT}\nconcurrency_backend = eventlet",
            REST,
        )
        self.assert_ours(service, "nova-compute")
