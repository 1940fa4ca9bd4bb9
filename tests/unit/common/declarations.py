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
import operator
import pathlib
import re
import string
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

Json = Mapping[str, Any]
#: Types whose values a request is held to, and an answer is not.
_WORDS = ("AttachmentRights", "LimitType", "OnAttached")
_BOTH = {
    frozenset({"VolumeName", "SnapshotName"}),
    frozenset({"VolumeNameOrGlobalId", "SnapshotNameOrGlobalId"}),
}


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


def python_name(name: str) -> str:
    """What a type of the API is called in Python."""
    name = re.sub("^iSCSI", "ISCSI", name)
    return name[0].upper() + name[1:]


def snake(name: str) -> str:
    """What a path parameter is called in Python."""
    return re.sub("([A-Z])", r"_\1", name).lower()


@dataclasses.dataclass(frozen=True)
class Comparer:
    """Compares declarations with facts; each difference is one line."""

    facts: Json
    declared: Declared

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

    def _call(self, fact: Json) -> dict[str, Any]:
        parameters = {
            snake(each["name"]): self._type(each["type"], types.Request)
            for each in fact["path_params"]
        }
        path = fact["path"].removeprefix(api.URL_PREFIX)
        request = fact["request"] and self._type(
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
            "answer": self._type(fact["response"], types.Answer),
            "since": since,
            "until": "3.0.1" if "declared_by" in fact else None,
        }

    def of_structures(self) -> Iterator[str]:
        """Differences of objects, and objects that only one side has."""
        known = {
            python_name(name): fact["fields"]
            for name, fact in self._types().items()
            if fact["kind"] == "object"
        }
        for merged, parts in deviations.MERGED.items():
            known[merged] = _merged(
                [known.pop(python_name(part)) for part in parts]
            )
        ours = deviations.STRUCTURES_OF_OURS
        for name in self.declared.structures.keys() - known.keys() - ours:
            yield f"{name}: nobody knows this type"
        for name, fields in known.items():
            if name not in self.declared.structures:
                yield f"{name}: is not declared"
                continue
            yield from self._of_structure(name, fields)

    def _of_structure(self, name: str, facts: list[Json]) -> Iterator[str]:
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

    def _field(self, fact: Json, kind: type) -> tuple[Any, bool]:
        expression = fact["type"]
        while hit := re.fullmatch(r"(?:optional|internal)<(.*)>", expression):
            expression = hit[1]
        side = types.Request if issubclass(kind, types.Request) else kind
        value = self._type(expression, side)
        if _optional(fact):
            return value | None, False
        return value, True

    def _types(self) -> Json:
        older = self.facts["calls_of_older_api"]["types"]
        return {
            name: fact
            for name, fact in {**self.facts["types"], **older}.items()
            if fact["kind"] != "field"
        }

    def _type(self, expression: str, side: type) -> Any:
        """The Python type that an expression of the grammar means."""
        recur = functools.partial(self._type, side=side)
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
            return self.declared.scalars["VolumeOrSnapshotName"]
        if 'const("")' in parts:
            return str
        kinds = dict.fromkeys(self._type(part, side) for part in parts)
        return functools.reduce(operator.or_, kinds)

    def _named(self, name: str, side: type) -> Any:
        plain = {"int": int, "bool": bool, "string": str, "null": None}
        if name in plain:
            return plain[name]
        if name in _WORDS and not issubclass(side, types.Request):
            return str
        fact = self._types()[name]
        if fact["kind"] == "alias":
            return self._type(fact["type"], side)
        if fact["kind"] == "scalar":
            return self.declared.scalars.get(python_name(name))
        known = {
            python_name(part): merged
            for merged, parts in deviations.MERGED.items()
            for part in parts
        }
        python = python_name(name)
        return self.declared.structures.get(known.get(python, python))

    def _wrapper(self, key: str, value: Any) -> Any:
        """The structure of ours with that one member."""
        found = [
            kind
            for kind in self.declared.structures.values()
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

    def of_scalars(self) -> Iterator[str]:
        """Differences of names, numbers and words."""
        known = {**self.declared.structures, **self.declared.scalars}
        for name, fact in self._types().items():
            declared = known.get(python_name(name))
            if fact["kind"] == "object":
                continue
            if declared is None:
                yield f"{name}: is not declared"
            elif fact["kind"] == "alias":
                yield from _compared(
                    name,
                    declared,
                    self._type(fact["type"], types.Request),
                    deviations.ALIASES.get(name),
                )
            else:
                yield from _of_scalar(name, fact, declared)


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


def _merged(parts: list[list[Json]]) -> list[Json]:
    """Members of one structure that stands for several.

    What only some of them have is optional; a constant that tells them
    apart is a plain value.
    """
    found: dict[str, list[Json]] = {}
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


def _optional(fact: Json) -> bool:
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


def _of_scalar(name: str, fact: Json, declared: Any) -> Iterator[str]:
    if name in deviations.SCALARS:
        fact = {**fact, **deviations.SCALARS[name].value}
    if "enum" in fact:
        if sorted(_values(declared)) != sorted(fact["enum"]):
            yield f"{name}: is {declared}, not one of {fact['enum']}"
        return
    for probe, fits in probes(fact):
        if accepts(declared, probe) != fits:
            verb = "refuses" if fits else "accepts"
            yield f"{name}: {verb} {probe!r}"


def probes(fact: Json) -> Iterator[tuple[Any, bool]]:
    """Values, and whether a fact about a name or number allows them."""
    return _strings(fact) if fact["base"] == "string" else _numbers(fact)


def accepts(declared: Any, value: Any) -> bool:
    """Whether a value is one of a declared type."""
    try:
        msgspec.convert(value, declared)
    except msgspec.ValidationError:
        return False
    return True


def _values(declared: Any) -> list[Any]:
    """The values of a word, fixed or known."""
    if typing.get_origin(declared) is Literal:
        return list(typing.get_args(declared))
    if typing.get_origin(declared) is Annotated:
        (meta,) = declared.__metadata__
        return list(meta.examples or [])
    return []


def _numbers(fact: Json) -> Iterator[tuple[Any, bool]]:
    low, high = fact.get("min"), fact.get("max")
    step = fact.get("multiple_of", 1)
    near = {0, step, step + 1, 2 * step, 1 << 40, low, high}
    for number in near - {None}:
        for probe in (number - 1, number, number + 1):
            fits = (
                (low is None or probe >= low)
                and (high is None or probe <= high)
                and probe % step == 0
            )
            yield probe, fits
    yield "-", fact.get("or_const") == "-"
    yield "1", False


def _strings(fact: Json) -> Iterator[tuple[str, bool]]:
    pattern = re.compile(fact.get("regex", ""))
    longest = fact.get("max_length")
    refused = fact.get("blacklist", [])
    for probe in _corpus(longest or 1000):
        fits = (
            pattern.match(probe) is not None
            and (longest is None or len(probe) <= longest)
            and probe not in refused
        )
        yield probe, fits


def _corpus(longest: int) -> Iterator[str]:
    """Strings among which those that fit a pattern differ from the rest."""
    yield from ("", "list", "status", "lists", "all", "default")
    for character in string.printable.strip() + " /\u00e9":
        yield from (character, f"a{character}", f"{character}a")
        yield from (
            f"{character}a.b.c",
            f"a.b{character}.c",
            f"a.b{character}",
        )
    yield from ("~a.b.c", "~A.b.c", "~a.b", "a.b.c.d", "#a@1", "*a@1", "##a")
    yield from (
        "0x1",
        "0x1f",
        "0xFF",
        "0xfg",
        "0x" + "f" * 16,
        "0x" + "f" * 17,
    )
    yield from ("00:1b:21:0A:ff:9c", "00:1b:21:0A:ff", "00:1b:21:0A:ff:9g")
    for length in (30, 31, longest, longest + 1):
        yield "x" * length
        yield "a b" + "-" * (length - 3)
