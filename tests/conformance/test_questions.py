# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every question is answered as it is declared.

One scenario for each call that only asks. Its path parameters are filled
with what the cluster has.
"""

from collections.abc import Callable
from typing import Any

from storpool_common import api
from tests.conformance import base
from tests.conformance import scenarios

#: Questions that wait for something, which other scenarios ask.
_WAITING = frozenset({"client_config_wait"})


class QuestionTest(base.ConformanceTestCase):
    """Its tests are made from the declarations."""

    def ask(self, call: scenarios.Call) -> None:
        """Ask, with what the cluster has for each path parameter."""
        path = {name: _VALUES[name](self) for name in call.path_parameters}
        self.api.perform(call, path, None)

    def of_volume(self) -> str:
        return self.create()

    def of_snapshot(self) -> str:
        return self.snapshot(self.create(), "s")

    def of_template(self) -> str:
        return self.need_templates(1)[0]

    def of_group(self) -> str:
        return next(iter(self.api.placement_groups_list()))

    def of_disk(self) -> int:
        return min(
            number
            for number, each in self.api.disks_list().items()
            if each.generation_left == -1
        )

    def of_server(self) -> int:
        return self.api.disks_list()[self.of_disk()].server_id

    def of_client(self) -> int:
        clients = self.api.services_list().clients
        return min(
            number
            for number, each in clients.items()
            if each.status == "running"
        )

    def of_vag(self) -> int:
        return self.volume(self.create()).visible_volume_id

    def of_bucket(self) -> str:
        self.need_right("kv")
        name = self.name("b")
        self.api.kvs_create(name)
        self.addCleanup(self.api.kvs_delete, name)
        self.api.kvs_update(
            name, api.kv.KeyValueBucketSetDesc(set={"key": "value"})
        )
        return name

    def of_key(self) -> str:
        return "key"

    def of_aoe_target(self) -> int:
        return 1


_VALUES: dict[str, Callable[[QuestionTest], Any]] = {
    "volume_name": QuestionTest.of_volume,
    "snapshot_name": QuestionTest.of_snapshot,
    "template_name": QuestionTest.of_template,
    "placement_group_name": QuestionTest.of_group,
    "disk_id": QuestionTest.of_disk,
    "server_id": QuestionTest.of_server,
    "client_id": QuestionTest.of_client,
    "vag_name": QuestionTest.of_vag,
    "bucket_name": QuestionTest.of_bucket,
    "key_name": QuestionTest.of_key,
    "aoe_target_id": QuestionTest.of_aoe_target,
}


def _test(call: scenarios.Call) -> Callable[[QuestionTest], None]:
    def ask(case: QuestionTest) -> None:
        case.ask(call)

    ask.__name__ = f"test_{call.python_name}"
    ask.__doc__ = f"{call.name} answers as it is declared."
    mark = scenarios.relied_on if call.since is None else scenarios.documented
    return mark(call)(ask)


for _call in api.CALLS.values():
    if _call.method == "GET" and _call.python_name not in _WAITING:
        setattr(QuestionTest, f"test_{_call.python_name}", _test(_call))
