# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What an expression of the grammar of ``data/calls.json`` means."""

from collections.abc import Mapping
import dataclasses
import functools
import json
import operator
import re
from typing import Any
from typing import Literal

import msgspec

from storpool_common.api import rules
from storpool_common.api import types
from tests.unit.common import deviations

Json = Mapping[str, Any]
#: Types whose values a request is held to, and an answer is not.
_WORDS = ("AttachmentRights", "LimitType", "OnAttached")
_BOTH = {
    frozenset({"VolumeName", "SnapshotName"}),
    frozenset({"VolumeNameOrGlobalId", "SnapshotNameOrGlobalId"}),
}


def python_name(name: str) -> str:
    """What a type of the API is called in Python."""
    name = re.sub("^iSCSI", "ISCSI", name)
    return name[0].upper() + name[1:]


@dataclasses.dataclass(frozen=True)
class Grammar:
    """Expressions over types that are known, as types that are declared.

    :ivar types: what is known of each, by the name that the API gives it.
    :ivar structures: those that are declared, by their names.
    :ivar scalars: names, numbers and words, likewise.
    """

    types: Json
    structures: Mapping[str, type[types.Structure]]
    scalars: Mapping[str, Any]

    def meaning(self, expression: str, side: type) -> Any:
        """The Python type that an expression of the grammar means."""
        recur = functools.partial(self.meaning, side=side)
        if hit := re.fullmatch(r"(?:list|set)<(.*)>", expression):
            return list[recur(hit[1])]  # type: ignore[misc]
        if hit := re.fullmatch(r"map<(.*)>", expression):
            key, value = map(recur, split(hit[1]))
            return dict[key, value]  # type: ignore[valid-type]
        if hit := re.fullmatch(r"oneOf<(.*)>", expression):
            return self._one_of(split(hit[1]), side)
        if hit := re.fullmatch(r"const\((.*)\)", expression):
            value = json.loads(hit[1])
            return None if value is None else Literal[value]
        if hit := re.fullmatch(r"object\{(\w+):(.*)\}", expression):
            return self._wrapper(hit[1], recur(hit[2]))
        return self._named(expression, side)

    def _one_of(self, parts: list[str], side: type) -> Any:
        if frozenset(parts) in _BOTH:
            return self.scalars["VolumeOrSnapshotName"]
        if 'const("")' in parts:
            return str
        kinds = dict.fromkeys(self.meaning(part, side) for part in parts)
        return functools.reduce(operator.or_, kinds)

    def _named(self, name: str, side: type) -> Any:
        plain = {"int": int, "bool": bool, "string": str, "null": None}
        if name in plain:
            return plain[name]
        if name in _WORDS and not issubclass(side, types.Request):
            return str
        fact = self.types[name]
        if fact["kind"] == "alias":
            return self.meaning(fact["type"], side)
        if fact["kind"] == "scalar":
            return self.scalars.get(python_name(name))
        known = {
            python_name(part): merged
            for merged, parts in deviations.MERGED.items()
            for part in parts
        }
        python = python_name(name)
        return self.structures.get(known.get(python, python))

    def _wrapper(self, key: str, value: Any) -> Any:
        """The structure of ours with that one member."""
        found = [
            kind
            for kind in self.structures.values()
            if [
                (
                    field.encode_name,
                    rules.members(kind)[field.name],
                    field.required,
                )
                for field in msgspec.structs.fields(kind)
            ]
            == [(key, value, True)]
            and kind.__name__ in deviations.STRUCTURES_OF_OURS
        ]
        return found[0] if found else None


def split(parts: str) -> list[str]:
    """Split at the commas that are not inside of brackets."""
    found = [""]
    depth = 0
    for character in parts:
        depth += (character in "<({") - (character in ">)}")
        if character == "," and not depth:
            found.append("")
        else:
            found[-1] += character
    return found
