# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""iSCSI: thirteen commands, what they refuse, and who is logged in."""

import ddt

from storpool_common import api
from storpool_common import errors
from tests.unit.simulator import base
from tests.unit.simulator import raw

commands = api.iscsi_commands

NAME = "iqn.1994-05.com.example:host"


def command(call, /, **members):
    """One command by its name and members."""
    kind = getattr(
        commands,
        "ISCSICommand" + "".join(part.title() for part in call.split("_")),
    )
    return commands.ISCSIConfigCommand(**{call: kind(**members)})


GROUP = command("create_portal_group", name="g")
NETWORK = command(
    "portal_group_add_network", portal_group="g", net="10.0.0.1/24"
)
PORTAL = command(
    "create_portal", portal_group="g", controller=1, ip="10.0.0.1"
)
INITIATOR = command("create_initiator", name=NAME, username="", secret="")
ANYWHERE = command("initiator_add_network", initiator=NAME, net="0.0.0.0/0")
TARGET = command("create_target", volume_name="a")
EXPORT = command("export", initiator=NAME, portal_group="g", volume_name="a")
UNEXPORT = command(
    "export_delete", initiator=NAME, portal_group="g", volume_name="a"
)
UNTARGET = command("delete_target", volume_name="a")
ALL = (GROUP, NETWORK, PORTAL, INITIATOR, ANYWHERE, TARGET, EXPORT)


class IscsiTestCase(base.SimulatorTestCase):
    def setUp(self):
        super().setUp()
        self.gid = self.create("a").global_id

    def change(self, *asked):
        return self.api.iscsi_config_change(
            commands.ISCSIConfigChange(commands=list(asked))
        )

    def config(self):
        return self.api.iscsi_config().iscsi


@ddt.ddt
class ConfigTest(IscsiTestCase):
    def test_everything_in_one_request(self):
        self.change(command("set_base_name", name="iqn.2000-01.org.x"), *ALL)
        config = self.config()
        (group,) = config.portal_groups.values()
        self.assertEqual(
            [("10.0.0.1", 24)],
            [(each.address, each.prefix) for each in group.networks],
        )
        self.assertEqual(
            [(1, "10.0.0.1", "3260")],
            [(each.controller, each.ip, each.port) for each in group.portals],
        )
        (target,) = config.targets.values()
        self.assertEqual(
            (f"iqn.2000-01.org.x:{self.gid}", "a"),
            (target.name, target.volume),
        )
        (initiator,) = config.initiators.values()
        self.assertEqual(["0.0.0.0/0"], initiator.nets)
        self.assertEqual(
            [("g", target.name)],
            [(each.portal_group, each.target) for each in initiator.exports],
        )

    def test_and_back(self):
        self.change(*ALL)
        self.change(
            UNEXPORT,
            UNTARGET,
            command("delete_initiator", name=NAME),
            command("delete_portal", ip="10.0.0.1"),
            command("delete_portal_group", name="g"),
        )
        config = self.config()
        self.assertEqual(
            ({}, {}, {}),
            (config.targets, config.initiators, config.portal_groups),
        )
        self.api.volume_delete("a")

    @ddt.data(GROUP, NETWORK, PORTAL, INITIATOR, ANYWHERE, TARGET, EXPORT)
    def test_twice(self, again):
        self.change(*ALL)
        before = self.config()
        self.assertRaises(errors.ObjectExists, self.change, again)
        self.assertEqual(before, self.config())

    @ddt.data(INITIATOR, ANYWHERE, TARGET, EXPORT)
    def test_twice_where_that_is_allowed(self, again):
        self.change(*ALL)
        before = self.config()
        self.simulator.set_switches(iscsi_again="ok")
        self.change(again)
        self.assertEqual(before, self.config())

    @ddt.data(
        UNTARGET,
        UNEXPORT,
        EXPORT,
        NETWORK,
        PORTAL,
        ANYWHERE,
        command("create_target", volume_name="none"),
        command("delete_target", volume_name="none"),
        command("delete_initiator", name=NAME),
        command("delete_portal", ip="10.0.0.1"),
        command("delete_portal_group", name="g"),
    )
    def test_of_what_is_not_there(self, asked):
        self.assertRaises(errors.ObjectDoesNotExist, self.change, asked)

    @ddt.data(
        UNTARGET,
        command("delete_initiator", name=NAME),
        command("delete_portal_group", name="g"),
        command("portal_group_add_network", portal_group="g", net="ten/8"),
        command("create_portal", portal_group="g", controller=9, ip="1.2.3.4"),
        command("create_initiator", name="x", username="u", secret=""),
    )
    def test_refused(self, asked):
        self.change(*ALL)
        before = self.config()
        self.assertRaises(errors.InvalidParam, self.change, asked)
        self.assertEqual(before, self.config())

    def test_all_or_none(self):
        self.assertRaises(
            errors.ObjectDoesNotExist, self.change, GROUP, TARGET, EXPORT
        )
        config = self.config()
        self.assertEqual(({}, {}), (config.portal_groups, config.targets))

    def test_a_volume_with_a_target_stays(self):
        self.change(TARGET)
        raised = self.assertRaises(errors.Busy, self.api.volume_delete, "a")
        self.assertIn("iSCSI target", str(raised))
        self.assertRaises(errors.Busy, self.api.volume_freeze, "a")
        self.simulator.set_switches(delete_exported="invalidParam")
        self.assertRaises(errors.InvalidParam, self.api.volume_delete, "a")

    def test_a_target_keeps_its_name_through_a_rename(self):
        self.simulator.set_switches(iscsi_target_name="name")
        self.change(TARGET)
        (before,) = self.config().targets.values()
        self.api.volume_update("a", api.volumes.VolumeUpdateDesc(rename="b"))
        (after,) = self.config().targets.values()
        self.assertTrue(before.name.endswith(":a"))
        self.assertEqual((before.name, "b"), (after.name, after.volume))


class SessionTest(IscsiTestCase):
    def setUp(self):
        super().setUp()
        self.change(*ALL)

    def steer(self, method, body):
        connection = self.useFixture(raw.Raw(self.simulator))
        return connection.ask(method, "/sim/sessions", body)

    def log_in(self):
        body = f'{{"initiator":"{NAME}","group":"g","volume":"a"}}'
        return self.steer("POST", body.encode())

    def test_log_in_and_out(self):
        number = self.log_in().json["session"]
        (session,) = self.api.iscsi_sessions_info().sessions
        self.assertEqual((NAME, "ok"), (session.initiator, session.status))
        self.steer("DELETE", f'{{"session": {number}}}'.encode())
        self.assertEqual([], self.api.iscsi_sessions_info().sessions)

    def test_the_end_of_an_export_ends_it(self):
        self.log_in()
        self.change(UNEXPORT)
        self.assertEqual([], self.api.iscsi_sessions_info().sessions)
        self.assertEqual(404, self.log_in().status)

    def test_a_controller_that_is_down(self):
        self.simulator.set_up("server", 2, False)
        (session,) = self.api.iscsi_sessions_info().sessions
        self.assertEqual((2, "down"), (session.controller_id, session.status))
        answer = self.api.iscsi_interfaces_info(
            api.iscsi.ISCSIControllersQuery(controller_ids=[1, 2])
        )
        self.assertEqual(
            [(1, "ok", 1), (2, "down", 0)],
            [
                (each.controller_id, each.status, len(each.interfaces or ()))
                for each in answer.controllers
            ],
        )
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.api.iscsi_sessions_info,
            api.iscsi.ISCSIControllersQuery(controller_ids=[9]),
        )
