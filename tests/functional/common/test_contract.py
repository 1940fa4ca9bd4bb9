# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A compute tells Cinder who attaches there, and Cinder may insist on us.

The two sides are processes of their own, and what the one says is handed to
the other as Nova does: as JSON.
"""

import json

import testtools

from storpool_common.hook import CONNECTOR
from storpool_common.hook import VOLUME_DRIVER
from tests import programs

SOURCE = "config_source = storpool_conf\n[storpool_conf]\ndriver = storpool\n"
COMPUTE = """
    from nova import monkey_patch
    monkey_patch.patch(backend="threading")
    from nova import config
    config.parse_args(
        ["nova-compute", "--config-file", "service.conf"], configure_db=False
    )
    from nova.virt.libvirt import driver
    from os_brick.initiator import connector
    from os_brick.privileged import default
    # Without sudo, and without a helper that has its rights.
    default.set_client_mode(False)
    show(
        connector.get_connector_properties(
            None, "192.0.2.7", False, False, host="comp7"
        ),
        driver.VOLUME_DRIVERS["storpool"],
        connector.get_connector_mapping()["STORPOOL"],
    )
"""
CINDER = """
    from cinder import exception
    from cinder import objects
    objects.register_all()
    from cinder.volume import configuration
    from cinder.volume import manager
    from oslo_config import cfg
    from cinder_storpool.driver import StorPoolDriver
    cfg.CONF(["--config-file", "service.conf"], project="cinder")
    driver = StorPoolDriver(
        configuration=configuration.Configuration(
            manager.volume_backend_opts, config_group="sp"
        ),
        host="ctl@sp",
    )
    driver.do_setup(None)
    with open("connector.json") as file:
        connector = json.load(file)
    try:
        driver.validate_connector(connector)
    except exception.InvalidConnectorException as refusal:
        show(str(refusal))
    else:
        show(None)
"""


class ContractTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.programs = self.useFixture(programs.Programs())
        self.programs.install()

    def compute(self, text: str) -> list[object]:
        """A nova-compute, by its configuration: what it says, and uses."""
        (self.programs.path / "service.conf").write_text(f"[DEFAULT]\n{text}")
        shown, _log = self.programs.run(COMPUTE)
        return list(shown)

    def cinder(self, connector: object, required: bool) -> str | None:
        """Cinder's answer to a host: None, or why it refuses."""
        path = self.programs.path
        (path / "connector.json").write_text(json.dumps(connector))
        (path / "service.conf").write_text(
            f"[DEFAULT]\n[sp]\nstorpool_require_connector = {required}\n"
        )
        (shown,), _log = self.programs.run(CINDER)
        return shown

    def test_registered(self) -> None:
        told, *used = self.compute(SOURCE)
        self.assertEqual([VOLUME_DRIVER, CONNECTOR], used)
        self.assertIsNone(self.cinder(told, required=True))

    def test_registration_is_broken(self) -> None:
        """The name of the source is misspelt; Nova starts all the same."""
        told, *used = self.compute(
            SOURCE.replace("driver = storpool", "driver = storpol")
        )
        for name in used:
            self.assertNotIn("_storpool.", str(name))
        refusal = self.cinder(told, required=True)
        for word in (
            "install storpool-openstack",
            "set config_source and restart",
            "host comp7",
        ):
            self.assertIn(word, str(refusal))
        self.assertIsNone(self.cinder(told, required=False))
