# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Our classes get into the tables of Nova and of os-brick.

Each test is a process of its own, because that is what the hook changes.
"""

import itertools

import ddt
import testtools

from storpool_common.version import version
from tests import programs

CONNECTOR = "os_brick_storpool.connector.StorPoolConnector"
#: A stand-in that is quick to load; the real modules have functional tests.
TABLES = """
    _connector_mapping_linux = {"STORPOOL": "theirs", "ISCSI": "iscsi"}
    unix_connector_list = ["iscsi", "theirs", "rbd"]
"""
ORDERS = {
    "hook first": """
    logging.basicConfig(level=logging.INFO)
    from storpool_common import hook
    hook.install()
    from os_brick.initiator import connector
""",
    "module first": """
    logging.basicConfig(level=logging.INFO)
    from os_brick.initiator import connector
    from storpool_common import hook
    hook.install()
""",
}
HOOK_FIRST = ORDERS["hook first"]
SHOW_TABLES = """
    show(connector._connector_mapping_linux, connector.unix_connector_list)
"""


class HookCase(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.programs = self.useFixture(programs.Programs())

    def os_brick(self, text: str) -> None:
        self.programs.module("os_brick.initiator.connector", text)


@ddt.ddt
class OrderTest(HookCase):
    @ddt.data(*itertools.product(ORDERS, programs.MODES))
    @ddt.unpack
    def test_the_rows_are_ours(self, order: str, mode: str) -> None:
        self.os_brick(TABLES)
        (table, connectors), log = self.programs.run(
            ORDERS[order] + SHOW_TABLES, mode
        )
        self.assertEqual({"STORPOOL": CONNECTOR, "ISCSI": "iscsi"}, table)
        self.assertEqual(["iscsi", CONNECTOR, "rbd"], connectors)
        self.assertEqual(1, log.count("StorPool: "), log)
        self.assertIn(
            f"INFO:storpool_common.hook:StorPool: os_brick.initiator.connector"
            f" uses {CONNECTOR} (was theirs) of storpool-openstack ",
            log,
        )

    def test_once_however_often(self) -> None:
        self.os_brick(TABLES)
        (once, connectors), log = self.programs.run(
            HOOK_FIRST
            + """
    same = hook.install() is hook.install() is hook.current()
    finders = [one for one in sys.meta_path if one is hook.current()]
    show(same and len(finders) == 1, connector.unix_connector_list)
"""
        )
        self.assertTrue(once)
        self.assertEqual(1, connectors.count(CONNECTOR))
        self.assertEqual(1, log.count("StorPool: "), log)

    def test_a_module_that_is_loaded_again(self) -> None:
        self.os_brick(TABLES)
        (table, connectors), _log = self.programs.run(
            HOOK_FIRST
            + "    import importlib\n    importlib.reload(connector)\n"
            + SHOW_TABLES
        )
        self.assertEqual(CONNECTOR, table["STORPOOL"])
        self.assertEqual(["iscsi", CONNECTOR, "rbd"], connectors)

    def test_the_module_does_not_show_it(self) -> None:
        self.os_brick(TABLES)
        (kind, same, source), _log = self.programs.run(
            HOOK_FIRST
            + """
    import inspect
    show(
        type(connector.__loader__).__name__,
        connector.__loader__ is connector.__spec__.loader,
        inspect.getsource(connector),
    )
"""
        )
        self.assertEqual("SourceFileLoader", kind)
        self.assertTrue(same)
        self.assertIn("unix_connector_list", source)

    def test_a_module_that_is_looked_for_and_not_loaded(self) -> None:
        self.os_brick(TABLES)
        (found, loaded), _log = self.programs.run(
            """
    from storpool_common import hook
    hook.install()
    import importlib.util
    spec = importlib.util.find_spec("os_brick.initiator.connector")
    source = spec.loader.get_source("os_brick.initiator.connector")
    show("STORPOOL" in source, "os_brick.initiator.connector" in sys.modules)
"""
        )
        self.assertEqual([True, False], [found, loaded])

    def test_no_such_module(self) -> None:
        shown, _log = self.programs.run(
            """
    sys.path[:] = [path for path in sys.path if "site-packages" not in path]
    from storpool_common import hook
    hook.install()
    try:
        import os_brick.initiator.connector
    except ModuleNotFoundError as error:
        show(error.name)
"""
        )
        self.assertEqual(["os_brick"], shown)


@ddt.ddt
class UnknownShapeTest(HookCase):
    @ddt.data(
        "_connector_mapping_linux = {'STORPOOL': 'theirs'}",
        "unix_connector_list = ['theirs']",
        "_connector_mapping_linux = []; unix_connector_list = ['theirs']",
        "_connector_mapping_linux = {'STORPOOL': 1}; unix_connector_list = []",
        "_connector_mapping_linux = {}; unix_connector_list = ()",
    )
    def test_it_is_left_alone(self, text: str) -> None:
        self.os_brick(text)
        (failed, registered, content), log = self.programs.run(
            HOOK_FIRST
            + """
    registration = hook.current()
    content = [
        getattr(connector, name, None)
        for name in ("_connector_mapping_linux", "unix_connector_list")
    ]
    show(registration.failed, registration.registered, repr(content))
"""
        )
        self.assertEqual(["os_brick.initiator.connector"], list(failed))
        self.assertEqual({}, registered)
        self.assertNotIn(CONNECTOR, content)
        self.assertIn("ERROR:storpool_common.hook:StorPool: cannot", log)

    def test_a_release_without_a_row(self) -> None:
        self.os_brick(
            "_connector_mapping_linux = {}; unix_connector_list = ['iscsi']"
        )
        (table, connectors), _log = self.programs.run(HOOK_FIRST + SHOW_TABLES)
        self.assertEqual({"STORPOOL": CONNECTOR}, table)
        self.assertEqual(["iscsi", CONNECTOR], connectors)


REPORTS = "    from oslo_reports import guru_meditation_report\n"
HOOK = "    from storpool_common import hook; hook.install()\n"


@ddt.ddt
class ReportTest(HookCase):
    @ddt.data(REPORTS + HOOK, HOOK + REPORTS)
    def test_a_section_of_the_guru_meditation_report(self, order: str) -> None:
        self.os_brick(TABLES)
        (text,), _log = self.programs.run(
            order
            + """
    from os_brick.initiator import connector
    class Version:
        vendor_string = product_string = version_string_with_package = str
    show(guru_meditation_report.TextGuruMeditation(Version()).run())
"""
        )
        self.assertEqual(1, text.count(" StorPool "))
        self.assertIn(f"storpool-openstack {version()}", text)
        self.assertIn(f"os_brick.initiator.connector: {CONNECTOR}", text)
