# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The iSCSI configuration and its commands."""

import secrets
from typing import Any

from storpool_common import api
from storpool_common import errors
from tests.conformance import base
from tests.conformance.scenarios import documented
from tests.conformance.scenarios import inferred
from tests.conformance.scenarios import relied_on

Calls = api.Calls
commands = api.iscsi_commands


class IscsiTestCase(base.ConformanceTestCase):
    """A volume, and names for an initiator and a portal group."""

    def setUp(self) -> None:
        super().setUp()
        self.need_right("iscsi")
        self.volume_name = self.create()
        self.gid = self.volume(self.volume_name).global_id
        self.initiator = f"iqn.2026-11.test:{secrets.token_hex(8)}"
        self.group = self.name("g")
        octet = secrets.randbelow(200) + 20
        self.address = f"198.51.100.{octet}"

    def change(self, *wanted: tuple[str, dict[str, Any]]) -> None:
        self.api.iscsi_config_change(
            commands.ISCSIConfigChange(
                commands=[
                    commands.ISCSIConfigCommand(**{name: _of(name, members)})
                    for name, members in wanted
                ]
            )
        )

    def make(self, command: str, undo: str, /, **members: Any) -> None:
        """Carry out a command, and see to its being undone."""
        self.change((command, members))
        wanted = _of(undo, {}, members)
        self.addCleanup(self._undo, undo, wanted)

    def _undo(self, name: str, command: api.types.Request) -> None:
        try:
            self.api.iscsi_config_change(
                commands.ISCSIConfigChange(
                    commands=[commands.ISCSIConfigCommand(**{name: command})]
                )
            )
        except (errors.ObjectDoesNotExist, errors.InvalidParam):
            return  # what is not there is answered with either

    def config(self) -> api.iscsi.ISCSIConfigData:
        return self.api.iscsi_config().iscsi

    def make_group(self) -> None:
        self.make(
            "create_portal_group", "delete_portal_group", name=self.group
        )

    def make_target(self) -> None:
        self.make(
            "create_target", "delete_target", volume_name=self.volume_name
        )

    def make_initiator(self) -> None:
        self.change(*self.initiator_commands())
        self.addCleanup(
            self._undo,
            "delete_initiator",
            commands.ISCSICommandDeleteInitiator(name=self.initiator),
        )

    def initiator_commands(self) -> list[tuple[str, dict[str, Any]]]:
        return [
            (
                "create_initiator",
                {"name": self.initiator, "username": "", "secret": ""},
            ),
            (
                "initiator_add_network",
                {"initiator": self.initiator, "net": "0.0.0.0/0"},
            ),
        ]

    def make_export(self) -> None:
        self.make_group()
        self.make_target()
        self.make_initiator()
        self.make("export", "export_delete", **self.export())

    def export(self) -> dict[str, str]:
        return {
            "initiator": self.initiator,
            "portal_group": self.group,
            "volume_name": self.volume_name,
        }

    def targets(self) -> dict[str, str]:
        """The names of targets by volume."""
        return {
            each.volume: each.name for each in self.config().targets.values()
        }

    def initiators(self) -> dict[str, api.iscsi.ISCSIInitiator]:
        return {each.name: each for each in self.config().initiators.values()}

    def groups(self) -> dict[str, api.iscsi.ISCSIPortalGroup]:
        return {
            each.name: each for each in self.config().portal_groups.values()
        }


def _of(
    name: str, members: dict[str, Any], among: dict[str, Any] | None = None
) -> api.types.Request:
    """A command; of ``among`` it takes what it knows."""
    words = "".join(part.title() for part in name.split("_"))
    kind = getattr(commands, f"ISCSICommand{words}")
    known = {
        member: value
        for member, value in (among or {}).items()
        if member in kind.__struct_fields__
    }
    made: api.types.Request = kind(**members, **known)
    return made


class PortalGroupTest(IscsiTestCase):
    @documented(Calls.iscsi_config_change)
    def test_made(self) -> None:
        """A portal group is there, and gone again."""
        self.make_group()
        self.assertIn(self.group, self.groups())
        self.change(("delete_portal_group", {"name": self.group}))
        self.assertNotIn(self.group, self.groups())

    @relied_on(Calls.iscsi_config_change)
    def test_network(self) -> None:
        """A network's address is the group's own."""
        self.make_group()
        net = f"{self.address}/24"
        self.change(
            (
                "portal_group_add_network",
                {"portal_group": self.group, "net": net},
            )
        )
        (found,) = self.groups()[self.group].networks
        self.assertEqual((self.address, 24), (found.address, found.prefix))

    @documented(Calls.iscsi_config_change)
    def test_portal(self) -> None:
        """A portal's port is 3260 where none is said."""
        targets = self.api.services_list().iscsi_targets
        if not targets:
            self.skipTest("the cluster has no iSCSI controller")
        self.make_group()
        self.change(
            (
                "portal_group_add_network",
                {"portal_group": self.group, "net": f"{self.address}/24"},
            )
        )
        self.make(
            "create_portal",
            "delete_portal",
            portal_group=self.group,
            controller=min(targets),
            ip=self.address,
        )
        (found,) = self.groups()[self.group].portals
        self.assertEqual((self.address, 3260), (found.ip, int(found.port)))


class InitiatorTest(IscsiTestCase):
    @relied_on(Calls.iscsi_config_change)
    def test_made_with_network(self) -> None:
        """An initiator and its network are made in one request."""
        self.make_initiator()
        found = self.initiators()[self.initiator]
        self.assertEqual(
            (["0.0.0.0/0"], "", []),
            (found.nets, found.username, found.exports),
        )

    @inferred(Calls.iscsi_config_change)
    def test_again(self) -> None:
        """An initiator that is there: objectExists."""
        self.make_initiator()
        self.assertRaises(
            errors.ObjectExists, self.change, *self.initiator_commands()
        )

    @documented(Calls.iscsi_config_change)
    def test_upper_case(self) -> None:
        """An initiator's name has no capital letter."""
        self.assertRaises(
            errors.InvalidParam,
            self.api.unchecked,
            Calls.iscsi_config_change,
            {
                "commands": [
                    {
                        "createInitiator": {
                            "name": self.initiator.upper(),
                            "username": "",
                            "secret": "",
                        }
                    }
                ]
            },
        )


class TargetTest(IscsiTestCase):
    @documented(Calls.iscsi_config_change)
    def test_made(self) -> None:
        """A volume's target is there, and gone again."""
        self.make_target()
        self.assertIn(self.volume_name, self.targets())
        self.change(("delete_target", {"volume_name": self.volume_name}))
        self.assertNotIn(self.volume_name, self.targets())

    @relied_on(Calls.iscsi_config_change)
    def test_name(self) -> None:
        """A target's name begins with baseName."""
        self.make_target()
        name = self.targets()[self.volume_name]
        self.assertTrue(name.startswith(self.config().base_name))

    @inferred(Calls.iscsi_config_change)
    def test_again(self) -> None:
        """A target that is there: objectExists."""
        self.make_target()
        self.assertRaises(errors.ObjectExists, self.make_target)

    @relied_on(Calls.iscsi_config_change)
    def test_missing(self) -> None:
        """A target that is not there is refused."""
        raised = self.assertRaises(
            errors.ApiError,
            self.change,
            ("delete_target", {"volume_name": self.volume_name}),
        )
        self.assertIn(raised.name, ("objectDoesNotExist", "invalidParam"))

    @inferred(Calls.volume_delete)
    def test_volume_stays(self) -> None:
        """A volume with a target is not deleted."""
        self.make_target()
        self.assertRaises(
            errors.ApiError, self.api.volume_delete, self.volume_name
        )
        self.assertEqual(self.gid, self.volume(self.volume_name).global_id)


class ExportTest(IscsiTestCase):
    @documented(Calls.iscsi_config_change)
    def test_made(self) -> None:
        """An initiator's exports name the target and the group."""
        self.make_export()
        (found,) = self.initiators()[self.initiator].exports
        self.assertEqual(
            (self.group, self.targets()[self.volume_name]),
            (found.portal_group, found.target),
        )

    @inferred(Calls.iscsi_config_change)
    def test_again(self) -> None:
        """An export that is there: objectExists."""
        self.make_export()
        self.assertRaises(
            errors.ObjectExists, self.change, ("export", self.export())
        )

    @relied_on(Calls.iscsi_config_change)
    def test_ended_twice(self) -> None:
        """An export that was ended: one of the two known errors."""
        self.make_export()
        self.change(("export_delete", self.export()))
        raised = self.assertRaises(
            errors.ApiError, self.change, ("export_delete", self.export())
        )
        self.assertIn(raised.name, ("objectDoesNotExist", "objectExists"))

    @inferred(Calls.iscsi_config_change)
    def test_target_stays(self) -> None:
        """A target with exports is not deleted: invalidParam."""
        self.make_export()
        self.assertRaises(
            errors.InvalidParam,
            self.change,
            ("delete_target", {"volume_name": self.volume_name}),
        )

    @inferred(Calls.iscsi_config_change)
    def test_all_or_none(self) -> None:
        """With one command refused, none is carried out."""
        self.assertRaises(
            errors.ObjectDoesNotExist,
            self.change,
            *self.initiator_commands(),
            ("export", self.export()),
        )
        self.assertNotIn(self.initiator, self.initiators())

    @documented(Calls.iscsi_config_change)
    def test_base_name(self) -> None:
        """baseName is set to what it is."""
        name = self.config().base_name
        self.change(("set_base_name", {"name": name}))
        self.assertEqual(name, self.config().base_name)


class SessionTest(base.ConformanceTestCase):
    @documented(Calls.iscsi_sessions_info)
    def test_query(self) -> None:
        """The question may name a time-out and controllers."""
        controllers = sorted(self.api.services_list().iscsi_targets)
        query = api.iscsi.ISCSIControllersQuery(
            controller_ids=controllers, msecs_timeout=1000
        )
        found = self.api.iscsi_sessions_info(query).sessions
        asked = {each.controller_id for each in found}
        self.assertEqual(set(), asked - set(controllers))
