# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Answers checked by columns are refused as if msgspec had looked at each."""

from collections.abc import Callable
from collections.abc import Iterator
import functools
import json
from typing import Any

import ddt
import fixtures
import hypothesis
from hypothesis import strategies
import msgspec
import testtools

from storpool_common import api
from storpool_common.api import fits
from storpool_common.api import rules
from tests.fuzz import documents

#: What each call is answered with.
KINDS = {
    call.python_name: call.answer
    for call in {
        str(each.answer): each for each in api.CALLS.values()
    }.values()
}
#: What some string must not be.
WRONG = ("", "\n", "a\n", "list", "status", "é", "a b", "~", "A", "x" * 200)
VOLUMES = api.Calls.volumes_list.answer


def damaged(document: Any, wrong: str) -> Iterator[Any]:
    """The document, each time with another of its strings replaced."""
    if isinstance(document, str):
        yield wrong
    elif isinstance(document, list):
        for number, each in enumerate(document):
            for worse in damaged(each, wrong):
                yield [*document[:number], worse, *document[number + 1 :]]
    elif isinstance(document, dict):
        for name, value in document.items():
            for worse in damaged(value, wrong):
                yield document | {name: worse}
            yield {
                wrong if key == name else key: document[key]
                for key in document
            }


def said(decode: Callable[[], Any]) -> Any:
    """What was decoded, or why it was refused."""
    try:
        return msgspec.to_builtins(decode(), str_keys=True)
    except msgspec.ValidationError as error:
        return str(error)


def as_declared(text: bytes, kind: Any) -> Any:
    declared = rules.declared(kind)
    return msgspec.json.decode(text, type=declared, strict=False)


def is_accepted(
    keeps: Callable[[Any, Any], bool], text: bytes, kind: Any
) -> bool:
    """Whether msgspec needs not look at each of an answer's strings."""
    try:
        decoded = msgspec.json.decode(text, type=kind, strict=False)
    except msgspec.ValidationError:
        return False
    return keeps(decoded, kind)


@ddt.ddt
class SameTest(testtools.TestCase):
    def setUp(self) -> None:
        super().setUp()
        self.useFixture(
            fixtures.MonkeyPatch("storpool_common.api.rules.LONG", 0)
        )

    @ddt.data(*KINDS)
    def test_what_is_refused(self, name: str) -> None:
        kind = KINDS[name]

        @hypothesis.settings(
            max_examples=20,
            deadline=None,
            derandomize=True,
            database=None,
            phases=(hypothesis.Phase.generate,),
        )
        @hypothesis.given(
            documents.values(rules.declared(kind)),
            strategies.sampled_from(WRONG),
        )
        def compare(document: Any, wrong: str) -> None:
            for each in [document, *damaged(document, wrong)]:
                self.assertSame(json.dumps(each).encode(), kind)

        compare()

    def assertSame(self, text: bytes, kind: Any) -> None:  # noqa: N802
        expected = said(functools.partial(as_declared, text, kind))
        self.assertEqual(
            expected, said(functools.partial(rules.decode, text, kind)), text
        )
        accepted = not isinstance(expected, str)
        for keeps in (rules.keeps_rules, rules.fits_rules):
            self.assertEqual(accepted, is_accepted(keeps, text, kind), text)


class LongTest(testtools.TestCase):
    length = fits.BATCH + 500
    #: Not among the first that are looked at.
    different = fits.BATCH + 321

    def volumes(self, **changes: Any) -> bytes:
        """The list of volumes; one in it is different."""
        volume = {
            "name": "os--volume",
            "globalId": "a.b.c",
            "visibleVolumeId": 1,
            "size": 512,
            "parentName": "",
            "templateName": "hybrid",
            "placeAll": "default",
            "placeTail": "default",
            "placeHead": "default",
            "replication": 3,
            "objectsCount": 1,
            "creationTimestamp": 1,
            "iops": "-",
            "bw": "-",
            "tags": {"cs": "v"},
        }
        volumes = [volume] * self.length
        volumes[self.different] = volume | changes
        return json.dumps(volumes).encode()

    def test_it_is_what_is_declared(self) -> None:
        volumes = rules.decode(self.volumes(name="another"), VOLUMES)
        self.assertEqual(self.length, len(volumes))
        self.assertIs(api.volumes.VolumeSummary, type(volumes[0]))
        self.assertEqual("another", volumes[self.different].name)

    def test_which_and_why(self) -> None:
        for member, value, part in (
            ("name", "no name", ".name"),
            ("globalId", "a.b", ".globalId"),
            ("placeHead", "a.b", ".placeHead"),
            ("tags", {"cs": "a b"}, ".tags[...]"),
            ("clusterName", "a b", ".clusterName"),
        ):
            error = self.assertRaises(
                msgspec.ValidationError,
                rules.decode,
                self.volumes(**{member: value}),
                VOLUMES,
            )
            self.assertIn("matching regex", str(error))
            self.assertIn(f"`$[{self.different}]{part}`", str(error))

    def test_what_is_kept_of_a_declaration(self) -> None:
        kind = rules.members(api.volumes.VolumeSummary)["name"]
        self.assertEqual(api.types.VolumeNameOrGlobalId, kind)
        schema = msgspec.json.schema(
            rules.declared(api.volumes.VolumeSummary)
        )["$defs"]["VolumeSummary"]
        plain = msgspec.json.schema(api.volumes.VolumeSummary)["$defs"][
            "VolumeSummary"
        ]
        self.assertEqual(plain["required"], schema["required"])
        name = schema["properties"]["name"]
        self.assertEqual(199, plain["properties"]["name"]["maxLength"])
        self.assertEqual(
            plain["properties"]["name"] | {"pattern": name["pattern"]}, name
        )


class ShortTest(LongTest):
    length = 2
    different = 1

    def test_more_strings_than_are_remembered(self) -> None:
        """The first is looked at again, and so is one that was refused."""
        for number in range(fits.REMEMBERED + 1):
            name = f"volume-{number}"
            rules.decode(self.volumes(name=name), VOLUMES)
        self.assertEqual(
            "volume-0",
            rules.decode(self.volumes(name="volume-0"), VOLUMES)[1].name,
        )
        for _ in range(2):
            self.assertRaises(
                msgspec.ValidationError,
                rules.decode,
                self.volumes(name="no name"),
                VOLUMES,
            )
