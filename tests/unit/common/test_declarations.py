# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every call and type of the API is declared, as it is known to be."""

from collections.abc import Callable
import copy
import dataclasses
import inspect
from typing import Annotated
from typing import Any
from typing import Literal

import ddt
import msgspec
import testtools

from storpool_common import api
from storpool_common.api import kv
from storpool_common.api import types
from tests.unit.common import declarations
from tests.unit.common import deviations
from tests.unit.common import grammar
from tests.unit.common import probes

REALLY = declarations.Declared.really()


def differences(
    declared: declarations.Declared = REALLY,
    facts: grammar.Json | None = None,
) -> list[str]:
    return declarations.Comparer(
        facts or declarations.facts(), declared
    ).differences()


class DeclarationsTest(testtools.TestCase):
    def test_nothing_is_missing_and_nothing_is_different(self) -> None:
        self.assertEqual([], differences())

    def test_the_facts_are_all_there(self) -> None:
        facts = declarations.facts()
        self.assertEqual(122, len(facts["calls"]))
        self.assertEqual(238, len(facts["types"]))
        self.assertEqual(8, len(facts["calls_of_older_api"]["calls"]))

    def test_what_a_client_asks_beyond_the_bindings(self) -> None:
        call = api.CALLS["volumes_and_snapshots_list"]
        (seen,) = (
            each
            for each in declarations.facts()["calls_seen_elsewhere"]
            if each["name"] == call.python_name
        )
        self.assertEqual(
            (seen["http_method"], seen["path"], None),
            (call.method, api.URL_PREFIX + call.path, call.since),
        )

    def test_every_deviation_is_of_something(self) -> None:
        for name, part in deviations.CALLS:
            self.assertTrue(hasattr(api.CALLS[name], part), name)
        for member in {**deviations.FIELDS, **deviations.FIELDS_OF_OURS}:
            name, _, wire = member.partition(".")
            fields = msgspec.structs.fields(REALLY.structures[name])
            self.assertIn(wire, {field.encode_name for field in fields})
        ours = deviations.STRUCTURES_OF_OURS | deviations.MERGED.keys()
        self.assertEqual(set(), ours - REALLY.structures.keys())
        self.assertEqual(
            set(), deviations.SCALARS.keys() - REALLY.scalars.keys()
        )

    def test_releases_are_dated_as_known(self) -> None:
        releases = declarations.facts()["meta"]["releases"]
        for call in api.CALLS.values():
            for release in filter(None, (call.since, call.until)):
                known = releases[release.bindings]["api"]
                self.assertEqual(known, release.api, call.name)

    def test_a_name_of_either_kind(self) -> None:
        parts = declarations.facts()["types"]
        one, other = (
            dict(probes.of(parts[name]))
            for name in ("VolumeNameOrGlobalId", "SnapshotNameOrGlobalId")
        )
        for probe, fits in one.items():
            either = fits or other[probe]
            self.assertEqual(
                either,
                probes.accepts(types.VolumeOrSnapshotName, probe),
                probe,
            )

    def test_everything_has_a_purpose(self) -> None:
        for name, thing in {**REALLY.calls, **REALLY.structures}.items():
            self.assertTrue(thing.__doc__, name)
            self.assertNotIn("TODO", thing.__doc__ or "", name)

    def test_a_call_takes_two_arguments_at_most(self) -> None:
        # With more of them, their order would have to be remembered.
        for call in api.CALLS.values():
            self.assertLessEqual(len(call.signature.parameters) - 1, 2)

    def test_requests_refuse_and_answers_ignore_unknown_members(self) -> None:
        for name, kind in REALLY.structures.items():
            refuses = kind.__struct_config__.forbid_unknown_fields
            self.assertEqual(issubclass(kind, types.Request), refuses, name)

    def test_a_request_is_made_of_requests(self) -> None:
        for call in api.CALLS.values():
            for kind in _structures(call.request):
                self.assertTrue(issubclass(kind, types.Request), call.name)
            for kind in _structures(call.answer):
                self.assertTrue(issubclass(kind, types.Answer), call.name)


def _structures(kind: Any) -> list[type]:
    """Every structure that occurs in a type."""
    if kind is None:
        return []
    found: list[type] = []
    queue = [msgspec.inspect.type_info(kind)]
    while queue:
        each = queue.pop()
        if isinstance(each, msgspec.inspect.StructType):
            if each.cls in found:
                continue
            found.append(each.cls)
            queue.extend(field.type for field in each.fields)
        for name in ("item_type", "key_type", "value_type", "type"):
            inner = getattr(each, name, None)
            if isinstance(inner, msgspec.inspect.Type):
                queue.append(inner)
        queue.extend(getattr(each, "types", ()))
    return found


class KeyValueBucketSetDesc(types.Request):
    """Doctored: it lacks ``runIfVersionIs``, and a value is a number."""

    set: dict[types.KvsKeyName, int]


class KeyValueBucket(kv.KeyValueBucket):
    """Doctored: it has a member that nobody knows."""

    size: int


class Task(types.Answer):
    """Doctored: nothing is like it was."""

    all_objects: int | None = None


def _call(name: str, **changes: Any) -> dict[str, Any]:
    return {name: dataclasses.replace(api.CALLS[name], **changes)}


@ddt.ddt
class ComparerTest(testtools.TestCase):
    """The comparer sees what it is there to see."""

    def check(self, *expected: str, **doctored: Any) -> None:
        changed = {
            part: {**getattr(REALLY, part), **things}
            for part, things in doctored.items()
        }
        found = "\n".join(differences(dataclasses.replace(REALLY, **changed)))
        for line in expected:
            self.assertIn(line, found)

    @ddt.data(
        ("method", "GET"),
        ("path", "KV/Put/{bucket_name}"),
        ("multicluster", True),
        ("path_parameters", {"bucket_name": str}),
        ("request", kv.KeyValueBucket),
        ("request_required", False),
        ("answer", bool),
        ("since", api.call.Release.of("7.1.0")),
        ("until", api.call.Release.of("7.3.0")),
    )
    @ddt.unpack
    def test_a_call_is_different(self, part: str, value: Any) -> None:
        changes = {part: value}
        if part == "request_required":
            changes["request"] = kv.KeyValueBucketSetDesc | None
        doctored = _call("kvs_update", **changes)
        self.check(f"kvs_update: {part}: is ", calls=doctored)

    def test_a_call_that_nobody_knows(self) -> None:
        (call,) = _call("kvs_get").values()
        self.check(
            "kvs_grep: nobody knows this call", calls={"kvs_grep": call}
        )

    def test_members_of_a_request(self) -> None:
        self.check(
            "KeyValueBucketSetDesc.runIfVersionIs: is not declared",
            "KeyValueBucketSetDesc.set: is (",
            structures={"KeyValueBucketSetDesc": KeyValueBucketSetDesc},
        )

    def test_members_of_an_answer(self) -> None:
        self.check(
            "KeyValueBucket.size: nobody knows this member",
            "Task.allObjects: is (int | None, False), not (<class 'int'>,",
            "Task.diskId: is not declared",
            structures={"KeyValueBucket": KeyValueBucket, "Task": Task},
        )

    def test_a_structure_that_nobody_knows(self) -> None:
        self.check("Extra: nobody knows this type", structures={"Extra": Task})

    @ddt.data(
        ("ServerId", Annotated[int, msgspec.Meta(ge=1)], "accepts 32768"),
        ("ServerId", Annotated[int, msgspec.Meta(ge=2)], "refuses 1"),
        ("VolumeSize", Annotated[int, msgspec.Meta(ge=1)], "accepts 513"),
        ("IOPS", Annotated[int, msgspec.Meta(ge=0)], "refuses '-'"),
        ("KvsKeyName", str, "accepts 'xxx"),
        ("VolumeTagName", types.VolumeTagValue, "accepts ''"),
        ("VolumeTemplateName", types.PlacementGroupName, "refuses 'xxx"),
        ("VolumeName", types.KvsName, "accepts 'list'"),
        ("MacAddr", str, "accepts '00:1b:21:0A:ff:9g'"),
        ("BalancerCommand", Literal["start"], "not one of"),
        ("DiskLastState", types.McMode, "not one of"),
        ("FaultSetName", types.VolumeTemplateName, "is typing.Annotated"),
    )
    @ddt.unpack
    def test_a_scalar_is_different(
        self, name: str, doctored: Any, seen: str
    ) -> None:
        self.check(f"{name}: ", seen, scalars={name: doctored})

    @ddt.data(
        (lambda facts: facts["calls"].pop(), "nobody knows this call"),
        (
            lambda facts: facts["calls"].append(
                {**facts["calls"][0], "name": "new_call"}
            ),
            "new_call: is not declared",
        ),
        (
            lambda facts: facts["types"]["Task"]["fields"].pop(),
            "Task.unresolvedObjects: nobody knows this member",
        ),
        (
            lambda facts: facts["types"].pop("VolumeLimits"),
            "VolumeLimits: nobody knows this type",
        ),
        (
            lambda facts: facts["types"].update(
                New={"kind": "object", "fields": []}
            ),
            "New: is not declared",
        ),
        (
            lambda facts: facts["types"].update(
                New={"kind": "scalar", "base": "int"}
            ),
            "New: is not declared",
        ),
        (
            lambda facts: facts["types"]["UpDiskSummary"]["fields"].append(
                {
                    "name": "smart",
                    "type": "bool",
                    "optional": False,
                    "internal": False,
                }
            ),
            "DiskSummary.smart: is not declared",
        ),
        (
            lambda facts: _field(facts, "iSCSIPortal", "port").update(
                type="oneOf<int,string>"
            ),
            "ISCSIPortal.port: is known like that, and is no deviation",
        ),
    )
    @ddt.unpack
    def test_the_facts_are_different(
        self, doctor: Callable[[dict[str, Any]], Any], seen: str
    ) -> None:
        facts = copy.deepcopy(declarations.facts())
        doctor(facts)
        self.assertIn(seen, "\n".join(differences(facts=facts)))

    def test_split(self) -> None:
        self.assertEqual(
            ["map<A,B>", 'const(",")', "C"],
            grammar.split('map<A,B>,const(","),C'),
        )


def _field(facts: dict[str, Any], kind: str, name: str) -> dict[str, Any]:
    fields: list[dict[str, Any]] = facts["types"][kind]["fields"]
    return next(field for field in fields if field["name"] == name)


class ModulesTest(testtools.TestCase):
    def test_no_module_is_long(self) -> None:
        for module in vars(api).values():
            if inspect.ismodule(module):
                lines = inspect.getsource(module).count("\n")
                self.assertLess(lines, 400, module.__name__)
