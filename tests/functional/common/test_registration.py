# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Registration in the real Nova, Cinder and os-brick, a process each."""

import ddt
import testtools

from tests import programs
from tests.unit.common.test_hook import CONNECTOR
from tests.unit.common.test_hook import ORDERS
from tests.unit.common.test_hook import SHOW_TABLES

DRIVER = "nova_storpool.volume.StorPoolVolumeDriver"


@ddt.ddt
class TablesTest(testtools.TestCase):
    """The tables of the releases that we support."""

    def setUp(self) -> None:
        super().setUp()
        self.programs = self.useFixture(programs.Programs())

    @ddt.data(*ORDERS)
    def test_os_brick(self, order: str) -> None:
        (table, connectors), _log = self.programs.run(
            ORDERS[order] + SHOW_TABLES
        )
        self.assertEqual(CONNECTOR, table["STORPOOL"])
        self.assertEqual(1, connectors.count(CONNECTOR))
        theirs = "os_brick.initiator.connectors.storpool.StorPoolConnector"
        self.assertNotIn(theirs, [*table.values(), *connectors])

    @ddt.data("eventlet", "threads")
    def test_nova(self, mode: str) -> None:
        (driver, connector), log = self.programs.run(
            """
    logging.basicConfig(level=logging.INFO)
    from storpool_common import hook
    hook.install()
    from nova.virt.libvirt import driver
    from os_brick.initiator import connector
    show(
        driver.VOLUME_DRIVERS["storpool"],
        connector._connector_mapping_linux["STORPOOL"],
    )
""",
            mode,
        )
        self.assertEqual([DRIVER, CONNECTOR], [driver, connector])
        self.assertIn(
            "(was nova.virt.libvirt.volume.storpool."
            "LibvirtStorPoolVolumeDriver)",
            log,
        )


@ddt.ddt
class ServicesTest(testtools.TestCase):
    """Nova and Cinder read a file with the two lines of the manual."""

    def setUp(self) -> None:
        super().setUp()
        self.programs = self.useFixture(programs.Programs())
        self.programs.install()
        file = self.programs.path / "service.conf"
        file.write_text(
            "[DEFAULT]\nconfig_source = storpool_conf\n"
            "[storpool_conf]\ndriver = storpool\n"
        )

    @ddt.data("threads", "eventlet")
    def test_nova_compute(self, mode: str) -> None:
        (rows,), log = self.programs.run(
            """
    from nova import config
    from oslo_log import log
    config.parse_args(
        ["nova-compute", "--config-file", "service.conf"], configure_db=False
    )
    log.setup(config.CONF, "nova")
    from nova.virt.libvirt import driver
    from os_brick.initiator import connector
    show([
        driver.VOLUME_DRIVERS["storpool"],
        connector._connector_mapping_linux["STORPOOL"],
    ])
""",
            mode,
        )
        self.assertEqual([DRIVER, CONNECTOR], rows)
        self.assertEqual(2, log.count(" StorPool: "), log)

    @ddt.data("threads", "eventlet")
    def test_cinder_volume(self, mode: str) -> None:
        (row,), log = self.programs.run(
            """
    from cinder.volume import volume_utils
    from os_brick.initiator import connector
    from cinder.common import config
    from oslo_log import log
    config.CONF(["--config-file", "service.conf"], project="cinder")
    log.setup(config.CONF, "cinder")
    config.CONF.host
    show(connector._connector_mapping_linux["STORPOOL"])
""",
            mode,
        )
        self.assertEqual(CONNECTOR, row)
        self.assertEqual(1, log.count(" StorPool: "), log)

    def test_a_source_that_is_not_there(self) -> None:
        """What an operator sees who has not installed us everywhere."""
        file = self.programs.path / "service.conf"
        file.write_text(file.read_text().replace("= storpool\n", "= none\n"))
        _shown, log = self.programs.run(
            """
    logging.basicConfig(level=logging.INFO)
    from oslo_config import cfg
    cfg.ConfigOpts()(["--config-file", "service.conf"])
    show()
"""
        )
        self.assertIn("could not load configuration from 'storpool_conf'", log)
