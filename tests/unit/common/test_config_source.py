# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""storpool.conf as a source of options, as a service opens it."""

import ddt
import testtools

from tests import programs

TOKEN = "70537053"
OPEN = """
    import os
    from oslo_config import cfg
    CONF = cfg.ConfigOpts()
    GROUP = [
        cfg.StrOpt(name)
        for name in ("sp_ourid", "sp_auth_token", "sp_x", "ourid")
    ]
    CONF.register_opts(GROUP, group="storpool")
    CONF.register_opts(GROUP, group="other")
    os.environ["OS_DEFAULT__CONFIG_SOURCE"] = "storpool_conf"
    os.environ["OS_STORPOOL_CONF__DRIVER"] = "storpool"
    CONF([], default_config_files=[], default_config_dirs=[])
"""


@ddt.ddt
class ConfigurationSourceTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.programs = self.useFixture(programs.Programs())
        self.programs.install()
        self.programs.module(
            "os_brick.initiator.connector",
            """
            _connector_mapping_linux = {"STORPOOL": "theirs"}
            unix_connector_list = ["theirs"]
            """,
        )

    def test_options(self) -> None:
        self.programs.conf.write_text(
            f"SP_AUTH_TOKEN={TOKEN}\nSP_OURID=7\nSP_X=100%$y$$\n"
        )
        (ours, other, location), log = self.programs.run(
            OPEN
            + """
    show(
        dict(CONF.storpool), dict(CONF.other),
        str(CONF.get_location("sp_ourid", "storpool")),
    )
"""
        )
        self.assertEqual(
            {
                "sp_ourid": "7",
                "sp_x": "100%$y$$",
                "sp_auth_token": None,
                "ourid": None,
            },
            ours,
        )
        self.assertEqual({None}, set(other.values()))
        self.assertIn(str(self.programs.conf), location)
        self.assertNotIn(TOKEN, log)

    @ddt.data(*programs.MODES)
    def test_our_classes_are_used(self, mode: str) -> None:
        (connector, finders), log = self.programs.run(
            OPEN
            + """
    CONF([], default_config_files=[], default_config_dirs=[])
    logging.basicConfig(level=logging.INFO)
    from os_brick.initiator import connector
    finders = [type(finder).__name__ for finder in sys.meta_path]
    show(connector._connector_mapping_linux["STORPOOL"], finders)
""",
            mode,
        )
        self.assertEqual(
            "os_brick_storpool.connector.StorPoolConnector", connector
        )
        self.assertEqual(1, finders.count("Registration"))
        self.assertIn("of storpool-openstack 1.2.3", log)

    def test_the_line_waits_for_the_log(self) -> None:
        """Cinder loads os-brick and opens sources before it sets up logs."""
        _shown, log = self.programs.run(
            """
    from os_brick.initiator import connector
"""
            + OPEN
            + """
    logging.basicConfig(level=logging.INFO)
    CONF.storpool.sp_ourid
    CONF.storpool.sp_x
    show()
"""
        )
        self.assertEqual(1, log.count("INFO:storpool_common.hook:StorPool: "))

    @ddt.data(None, "malformed", "SP_OURID=1\n")
    def test_no_usable_file(self, text: str | None) -> None:
        self.programs.conf.unlink()
        if text is not None:
            self.programs.conf.write_text(text)
        (connector, ours), log = self.programs.run(
            OPEN
            + """
    logging.basicConfig(level=logging.INFO)
    from os_brick.initiator import connector
    show(
        connector._connector_mapping_linux["STORPOOL"], dict(CONF.storpool)
    )
"""
        )
        self.assertEqual(
            "os_brick_storpool.connector.StorPoolConnector", connector
        )
        self.assertEqual({None}, set(ours.values()))
        self.assertIn("WARNING:storpool_common.hook:StorPool: no options", log)
        self.assertIn(str(self.programs.conf), log)

    def test_what_is_loaded(self) -> None:
        (loaded,), _log = self.programs.run(
            OPEN
            + """
    show([name for name in sys.modules if name.partition(".")[0] in
          ("storpool_common", "os_brick", "nova", "eventlet", "msgspec",
           "tenacity")])
"""
        )
        self.assertEqual(
            {
                "storpool_common",
                "storpool_common.config",
                "storpool_common.config.files",
                "storpool_common.config.loading",
                "storpool_common.config.settings",
                "storpool_common.config.variables",
                "storpool_common.config_source",
                "storpool_common.errors",
                "storpool_common.hook",
                "storpool_common.version",
            },
            set(loaded),
        )
