# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Compares the declarations with what is collected about the API.

``data/calls.json`` holds every call and type of API 19.01, in the grammar
that its ``meta`` describes. Where a declaration is to be different, a table
of ``deviations`` says so; anything else is a difference.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import functools
import json
import pathlib
import re
import types as builtin_types
import typing
from typing import Annotated
from typing import Any
from typing import Literal

import msgspec

from storpool_common import api
from storpool_common.api import rules
from storpool_common.api import types
from storpool_common.api import words
from tests.unit.common import deviations
from tests.unit.common import grammar
from tests.unit.common import probes


def facts() -> dict[str, Any]:
    """What is known of the API."""
    path = pathlib.Path(__file__).with_name("data") / "calls.json"
    collected: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return collected


def structures() -> dict[str, type[types.Structure]]:
    """Every structure that is declared, by its name."""
    return {
        thing.__name__: thing
        for module in vars(api).values()
        if isinstance(module, builtin_types.ModuleType)
        and module.__name__.startswith("storpool_common.api.")
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, types.Structure)
        and thing.__module__ != types.__name__
    } | {"ApiOk": types.ApiOk}


def scalars() -> dict[str, Any]:
    """Every name, number and word that is declared."""
    return dict(vars(words)) | dict(vars(types))


@dataclasses.dataclass(frozen=True)
class Declared:
    """The declarations, or doctored ones."""

    calls: Mapping[str, api.Call[..., Any]]
    structures: Mapping[str, type[types.Structure]]
    scalars: Mapping[str, Any]

    @classmethod
    def really(cls) -> "Declared":
        """The declarations as they are."""
        return cls(api.CALLS, structures(), scalars())


def snake(name: str) -> str:
    """What a path parameter is called in Python."""
    return re.sub("([A-Z])", r"_\1", name).lower()


@dataclasses.dataclass(frozen=True)
class Comparer:
    """Compares declarations with facts; each difference is one line."""

    facts: grammar.Json
    declared: Declared

    @functools.cached_property
    def _grammar(self) -> grammar.Grammar:
        older = self.facts["calls_of_older_api"]["types"]
        known = {
            name: fact
            for name, fact in {**self.facts["types"], **older}.items()
            if fact["kind"] != "field"
        }
        return grammar.Grammar(
            known, self.declared.structures, self.declared.scalars
        )

    def differences(self) -> list[str]:
        """All differences."""
        return [*self.of_calls(), *self.of_structures(), *self.of_scalars()]

    def of_calls(self) -> Iterator[str]:
        """Differences of calls, and calls that only one side has."""
        older = self.facts["calls_of_older_api"]["calls"]
        known = {call["name"]: call for call in self.facts["calls"]}
        known |= {call["name"]: call for call in older}
        unknown = known.keys() | deviations.CALLS_OF_OURS.keys()
        for name in self.declared.calls.keys() - unknown:
            yield f"{name}: nobody knows this call"
        for name, fact in known.items():
            if name not in self.declared.calls:
                yield f"{name}: is not declared"
                continue
            declared = _parts(self.declared.calls[name])
            for part, expected in self._call(fact).items():
                deviation = deviations.CALLS.get((name, part))
                yield from _compared(
                    f"{name}: {part}", declared[part], expected, deviation
                )

    def _call(self, fact: grammar.Json) -> dict[str, Any]:
        parameters = {
            snake(each["name"]): self._grammar.meaning(
                each["type"], types.Request
            )
            for each in fact["path_params"]
        }
        path = fact["path"].removeprefix(api.URL_PREFIX)
        request = fact["request"] and self._grammar.meaning(
            fact["request"], types.Request
        )
        since = fact.get("since", {}).get("bindings", "1.0.4")
        return {
            "method": fact["http_method"],
            "path": re.sub(r"\{\w+\}", lambda hit: snake(hit[0]), path),
            "multicluster": fact["multicluster"],
            "path_parameters": parameters,
            "request": request,
            "request_required": bool(
                request and not fact.get("request_optional")
            ),
            "request_in_query": fact.get("request_in_query", False),
            "answer": self._grammar.meaning(fact["response"], types.Answer),
            "since": since,
            "until": "3.0.1" if "declared_by" in fact else None,
        }

    def of_structures(self) -> Iterator[str]:
        """Differences of objects, and objects that only one side has."""
        known = {
            grammar.python_name(name): fact["fields"]
            for name, fact in self._grammar.types.items()
            if fact["kind"] == "object"
        }
        for merged, parts in deviations.MERGED.items():
            known[merged] = _merged(
                [known.pop(grammar.python_name(part)) for part in parts]
            )
        ours = deviations.STRUCTURES_OF_OURS
        for name in self.declared.structures.keys() - known.keys() - ours:
            yield f"{name}: nobody knows this type"
        for name, fields in known.items():
            if name not in self.declared.structures:
                yield f"{name}: is not declared"
                continue
            yield from self._of_structure(name, fields)

    def _of_structure(
        self, name: str, facts: list[grammar.Json]
    ) -> Iterator[str]:
        kind = self.declared.structures[name]
        fields = {
            field.encode_name: field for field in msgspec.structs.fields(kind)
        }
        known = {fact["name"]: fact for fact in facts}
        for wire in fields.keys() - known.keys():
            key = f"{_declaring(kind, fields[wire].name)}.{wire}"
            if key not in deviations.FIELDS_OF_OURS:
                yield f"{name}.{wire}: nobody knows this member"
        for wire, fact in known.items():
            if wire not in fields:
                yield f"{name}.{wire}: is not declared"
                continue
            field = fields[wire]
            declaring = _declaring(kind, field.name)
            if declaring in deviations.MERGED and declaring != name:
                continue  # compared there
            yield from _compared(
                f"{name}.{wire}",
                (rules.members(kind)[field.name], field.required),
                self._field(fact, kind),
                deviations.FIELDS.get(f"{declaring}.{wire}"),
            )

    def _field(self, fact: grammar.Json, kind: type) -> tuple[Any, bool]:
        expression = fact["type"]
        while hit := re.fullmatch(r"(?:optional|internal)<(.*)>", expression):
            expression = hit[1]
        side = types.Request if issubclass(kind, types.Request) else kind
        value = self._grammar.meaning(expression, side)
        if _optional(fact):
            return value | None, False
        return value, True

    def of_scalars(self) -> Iterator[str]:
        """Differences of names, numbers and words."""
        known = {**self.declared.structures, **self.declared.scalars}
        for name, fact in self._grammar.types.items():
            declared = known.get(grammar.python_name(name))
            if fact["kind"] == "object":
                continue
            if declared is None:
                yield f"{name}: is not declared"
            elif fact["kind"] == "alias":
                yield from _compared(
                    name,
                    declared,
                    self._grammar.meaning(fact["type"], types.Request),
                    deviations.ALIASES.get(name),
                )
            else:
                yield from _of_scalar(name, fact, declared)


def _compared(
    what: str,
    declared: Any,
    expected: Any,
    deviation: deviations.Deviation | None,
) -> Iterator[str]:
    if deviation is not None and deviation.value == expected:
        yield f"{what}: is known like that, and is no deviation"
    if deviation is not None:
        expected = deviation.value
    if declared != expected:
        yield f"{what}: is {declared}, not {expected}"


def _parts(call: api.Call[..., Any]) -> dict[str, Any]:
    names = (
        "method",
        "path",
        "multicluster",
        "request_required",
        "request_in_query",
        "answer",
    )
    request = call.request
    if request is not None and not call.request_required:
        request = typing.get_args(request)[0]
    return {name: getattr(call, name) for name in names} | {
        "request": request,
        "path_parameters": dict(call.path_parameters),
        "since": call.since and call.since.bindings,
        "until": call.until and call.until.bindings,
    }


def _merged(parts: list[list[grammar.Json]]) -> list[grammar.Json]:
    """Members of one structure that stands for several.

    What only some of them have is optional; a constant that tells them
    apart is a plain value.
    """
    found: dict[str, list[grammar.Json]] = {}
    for fields in parts:
        for field in fields:
            found.setdefault(field["name"], []).append(field)
    return [
        {
            **fields[0],
            "type": _common([field["type"] for field in fields]),
            "optional": len(fields) < len(parts) or _optional(fields[0]),
        }
        for fields in found.values()
    ]


def _optional(fact: grammar.Json) -> bool:
    return bool(
        fact.get("optional") or fact.get("internal") or "default" in fact
    )


def _common(kinds: list[str]) -> str:
    distinct = sorted(set(kinds))
    if len(distinct) == 1:
        return distinct[0]
    constants = [kind for kind in distinct if kind.startswith("const(")]
    if constants:
        return "string" if '"' in constants[0] else "int"
    return f"oneOf<{','.join(distinct)}>"


def _declaring(kind: type, name: str) -> str:
    """The class that declares a member which another may inherit."""
    return next(
        base.__name__
        for base in kind.__mro__
        if name in vars(base).get("__annotations__", {})
    )


def _of_scalar(name: str, fact: grammar.Json, declared: Any) -> Iterator[str]:
    if name in deviations.SCALARS:
        fact = {**fact, **deviations.SCALARS[name].value}
    if "enum" in fact:
        if sorted(_values(declared)) != sorted(fact["enum"]):
            yield f"{name}: is {declared}, not one of {fact['enum']}"
        return
    for probe, fits in probes.of(fact):
        if probes.accepts(declared, probe) != fits:
            verb = "refuses" if fits else "accepts"
            yield f"{name}: {verb} {probe!r}"


def _values(declared: Any) -> list[Any]:
    """The values of a word, fixed or known."""
    if typing.get_origin(declared) is Literal:
        return list(typing.get_args(declared))
    if typing.get_origin(declared) is Annotated:
        (meta,) = declared.__metadata__
        return list(meta.examples or [])
    return []
