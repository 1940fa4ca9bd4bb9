# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document holds the whole API, and fits what is answered."""

from collections.abc import Iterator
import json
import re
import subprocess
import sys
from typing import Any

import jsonschema
import testtools

from storpool_common import api
from storpool_common import client
from storpool_common import openapi
from storpool_simulator import testing

DOCUMENT = openapi.document()
DIALECT = jsonschema.Draft202012Validator


def operations() -> dict[str, dict[str, Any]]:
    return {
        operation["operationId"]: operation | {"path": path, "method": method}
        for path, methods in DOCUMENT["paths"].items()
        for method, operation in methods.items()
    }


def references(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        for each in part:
            yield from references(each)
    elif isinstance(part, dict):
        yield from (value for key, value in part.items() if key == "$ref")
        for each in part.values():
            yield from references(each)


class DocumentTest(testtools.TestCase):
    def test_every_call_is_there(self) -> None:
        shared = {"snapshot_abandon_disk"}
        self.assertEqual(api.CALLS.keys() - shared, operations().keys())
        for name, operation in operations().items():
            call = api.CALLS[name]
            self.assertEqual(f"/{call.path}", operation["path"])
            self.assertEqual(call.method.lower(), operation["method"])

    def test_references_lead_somewhere(self) -> None:
        schemas = DOCUMENT["components"]["schemas"]
        known = {f"#/components/schemas/{name}" for name in schemas}
        used = set(references(DOCUMENT))
        self.assertEqual(set(), used - known)
        self.assertIn("#/components/schemas/VolumeSummary", used)

    def test_schemas_are_schemas(self) -> None:
        for schema in DOCUMENT["components"]["schemas"].values():
            DIALECT.check_schema(schema)

    def test_parameters_of_a_path(self) -> None:
        for name, operation in operations().items():
            declared = {
                each["name"]
                for each in operation["parameters"]
                if each["in"] == "path"
            }
            wanted = set(re.findall(r"\{(\w+)\}", operation["path"]))
            self.assertEqual(wanted, declared, name)

    def test_where_a_request_is(self) -> None:
        for name, operation in operations().items():
            call = api.CALLS[name]
            query = [
                each
                for each in operation["parameters"]
                if "query" in each["in"]
            ]
            self.assertEqual(call.request_in_query, bool(query), name)
            in_body = call.request is not None and not call.request_in_query
            self.assertEqual(in_body, "requestBody" in operation, name)

    def test_members_are_explained(self) -> None:
        schema = DOCUMENT["components"]["schemas"]["VolumeUpdateDesc"]
        self.assertEqual(
            "bytes to grow by.",
            schema["properties"]["sizeAdd"]["description"],
        )
        self.assertNotIn(":ivar", json.dumps(DOCUMENT))

    def test_calls_of_older_servers(self) -> None:
        self.assertEqual(
            {name for name, call in api.CALLS.items() if call.until},
            {n for n, each in operations().items() if "deprecated" in each},
        )

    def test_the_program(self) -> None:
        printed = subprocess.run(
            [sys.executable, "-m", openapi.__name__],
            stdout=subprocess.PIPE,
            check=True,
        )
        self.assertEqual(DOCUMENT, json.loads(printed.stdout))


class AnswerTest(testtools.TestCase):
    """What is answered fits the schema, and what does not is seen."""

    def schema(self, name: str) -> jsonschema.Draft202012Validator:
        answer = operations()[name]["responses"]["200"]
        schema = answer["content"]["application/json"]["schema"]
        data = schema["properties"]["data"]
        return DIALECT(data | {"components": DOCUMENT["components"]})

    def test_answers(self) -> None:
        simulator = self.useFixture(testing.SimulatorFixture())
        asked = client.Client(simulator.settings)
        self.addCleanup(asked.close)
        asked.volume_create({"name": "v", "size": 512, "template": "hybrid"})
        asked.snapshot_create("v", {"name": "s"})
        for name in (
            "volumes_list",
            "snapshots_list",
            "volumes_quick_status",
            "disks_list",
            "services_list",
            "volume_templates_status",
            "attachments_list",
        ):
            answer = getattr(asked.raw, name)()
            self.schema(name).validate(answer)

    def test_an_answer_that_does_not_fit(self) -> None:
        for answer in ([{}], {}, [{"name": "v", "size": "big"}]):
            self.assertRaises(
                jsonschema.ValidationError,
                self.schema("volumes_list").validate,
                answer,
            )
