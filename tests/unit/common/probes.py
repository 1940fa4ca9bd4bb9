# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Values that tell whether a name or number is declared as it is known."""

from collections.abc import Iterator
import re
import string
from typing import Any

import msgspec

from tests.unit.common.grammar import Json


def of(fact: Json) -> Iterator[tuple[Any, bool]]:
    """Values, and whether a fact about a name or number allows them."""
    return _strings(fact) if fact["base"] == "string" else _numbers(fact)


def accepts(declared: Any, value: Any) -> bool:
    """Whether a value is one of a declared type."""
    try:
        msgspec.convert(value, declared)
    except msgspec.ValidationError:
        return False
    return True


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
