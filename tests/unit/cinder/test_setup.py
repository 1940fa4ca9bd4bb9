# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A backend starts once what it needs is proved, or says what is not."""

from typing import Any

from cinder import exception
import ddt
import fixtures
from os_brick.initiator import connector

from storpool_common.api.templates import VolumeTemplateCreateDesc
from storpool_common.api.volumes import VolumeCreateDesc
from storpool_common.hook import CONNECTOR
from tests.unit.cinder import base
from tests.unit.cinder.wire import FAULTS


@ddt.ddt
class SetUpTest(base.ClusterTestCase):
    def refusal(self, **options: Any) -> str:
        """What the set-up says when it fails."""
        made = self.make_driver(**options)
        made.do_setup(self.admin)
        raised = self.assertRaises(
            exception.CinderException, made.check_for_setup_error
        )
        return str(raised)

    def test_nothing_is_asked_before_the_check(self) -> None:
        made = self.make_driver()
        made.do_setup(self.admin)
        self.assertEqual([], self.calls())

    def test_the_cluster_is_asked(self) -> None:
        made = self.make_driver()
        made.do_setup(self.admin)
        made.check_for_setup_error()
        self.assertEqual(["ServicesList", "VolumeTemplatesList"], self.calls())

    def test_templates_whose_volumes_are_not_empty(self) -> None:
        self.cluster.volume_create(
            VolumeCreateDesc(name="secret", size=base.GIB, template="nvme")
        )
        self.cluster.volume_freeze("secret")
        self.cluster.volume_template_create(
            VolumeTemplateCreateDesc(
                name="seeded",
                replication=2,
                place_all="default",
                parent="secret",
            )
        )
        log = self.useFixture(fixtures.FakeLogger())
        self.start_driver()
        self.assertIn("template seeded has the parent secret", log.output)
        self.assertNotIn("template nvme", log.output)

    def test_a_wrong_token(self) -> None:
        self.write_conf(token="1234567")
        said = self.refusal()
        self.assertIn("SP_AUTH_TOKEN", said)
        self.assertNotIn("1234567", said)

    def test_nobody_listens(self) -> None:
        self.write_conf(port=1)
        said = self.refusal()
        for word in ("cannot be reached", "SP_API_HTTP_PORT"):
            self.assertIn(word, said)

    def test_not_the_api(self) -> None:
        self.simulator.add_fault(call="*", count=99, **FAULTS["html"])
        self.assertIn("SP_API_HTTP_HOST", self.refusal())

    def test_a_cluster_that_does_not_run(self) -> None:
        self.simulator.add_fault(
            call="ServicesList",
            action="raw",
            status=200,
            content_type="application/json",
            body='{"generation": 1, "data": {"clusterStatus": "waiting",'
            ' "mgmt": {}, "servers": {}, "clients": {}, "bridges": {},'
            ' "iscsiTargets": {}}}',
        )
        self.assertIn("'waiting'", self.refusal())

    def test_a_template_that_is_not_there(self) -> None:
        said = self.refusal(storpool_template="gold")
        for word in ("gold", "hybrid, nvme", "storpool_template"):
            self.assertIn(word, said)

    @ddt.data(0, 4, -1)
    def test_copies_that_cannot_be(self, replication: int) -> None:
        said = self.refusal(storpool_replication=replication)
        self.assertIn(f"storpool_replication = {replication}", said)
        self.assertEqual([], self.calls())

    @ddt.data(
        ({"storpool_qos_class": "gold"}, "Set it to one of these"),
        ({"storpool_qos_classes": []}, "Name the classes"),
    )
    @ddt.unpack
    def test_classes_that_contradict(
        self, options: dict[str, Any], way_out: str
    ) -> None:
        made = self.make_driver(
            **{
                "storpool_qos_classes": ["bronze"],
                "storpool_template_as_qos_class": True,
                **options,
            }
        )
        raised = self.assertRaises(
            exception.InvalidConfigurationValue, made.do_setup, self.admin
        )
        self.assertIn("section storpool:", raised.msg)
        self.assertIn(way_out, raised.msg)

    @ddt.data(
        ({"storpool_qos_class": "very gold"}, "'very gold'"),
        ({"storpool_qos_class": ""}, "''"),
        ({"storpool_qos_class": "x" * 200}, "x'"),
        ({"storpool_qos_classes": ["gold", "über"]}, "'über'"),
        ({"storpool_qos_classes": ["gold", ""]}, "''"),
    )
    @ddt.unpack
    def test_classes_that_cannot_be(
        self, options: dict[str, Any], value: str
    ) -> None:
        made = self.make_driver(**options)
        raised = self.assertRaises(
            exception.InvalidConfigurationValue, made.do_setup, self.admin
        )
        [option] = options
        for part in (
            f"section storpool: {option} has ",
            value,
            "1 to 199 letters, digits and any of _ - . :",
        ):
            self.assertIn(part, raised.msg)

    def test_cinder_volume_uses_our_connector(self) -> None:
        """Importing the driver is enough, whatever the services configure."""
        table = connector._connector_mapping_linux
        self.assertEqual(CONNECTOR, table["STORPOOL"])
        self.assertIn(CONNECTOR, connector.unix_connector_list)

    @ddt.data("", "SP_OURID=12\n")
    def test_no_token_at_all(self, content: str) -> None:
        made = self.make_driver()
        self.write_file(content)
        raised = self.assertRaises(
            exception.VolumeBackendAPIException, made.do_setup, self.admin
        )
        self.assertIn("SP_AUTH_TOKEN", raised.msg)

    def test_the_deadline_is_the_option_s(self) -> None:
        made = self.start_driver(storpool_api_deadline=12.5)
        self.assertEqual(12.5, made._client._deadline)
