# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Values of declared types, and values that are almost of them."""

import functools
import re
from typing import Any

from hypothesis import strategies
import msgspec
from msgspec import inspect

Strategy = strategies.SearchStrategy[Any]

CLUSTER = "sim.b"
#: Few, so that calls meet the same objects; each of use to some types.
WORDS = (
    *("a", "b", "s") * 6,
    *("c", "t", "simulator", *("hybrid", "nvme", "default") * 4),
    *(f"~{CLUSTER}.{number}" for number in (4, 5, 6, 7)),
    *(f"{CLUSTER}.{number}" for number in (4, 5, 6, 7)),
    *("*a", "*s", "a@b", "#a", "", "list", "status", CLUSTER, "other.b"),
    *("iqn.2026-11.a:b", "eth0", "a" * 200),
)
#: Nothing here is the address of another machine.
FREE = ("", "a", "127.0.0.1:9", "127.0.0.1", "127.0.0.0/24", "::1", "\0", "é")
NUMBERS = (
    *(1, 2, 3, 11, 12, 21) * 3,
    *(-1, 0, 4, 5, 7, 63, 64, 100, 512, 1024, 4096, 1 << 20),
    *(1 << 30, 1 << 40, (1 << 63) - 512, 1 << 62, 4095, 4294967294),
    *(1_795_000_000, 1 << 32),
)
#: What is no value of most types.
WRONG: Strategy = strategies.sampled_from(
    (None, True, -1, 1.5, 1 << 80, "", "\n", "a\n", "\ud7ff", [], {}, [[]])
)
LONGEST_LIST = 3
#: One document in so many is damaged.
SELDOM = 8


@functools.cache
def values(kind: Any) -> Strategy:
    """Values of a declared type, as JSON has them."""
    return _of(inspect.type_info(kind))


def almost(kind: Any) -> Strategy:
    """The same, now and then with something wrong."""
    good = values(kind)
    return strategies.sampled_from(range(SELDOM)).flatmap(
        lambda number: good if number else good.flatmap(_damaged)
    )


def _of(info: inspect.Type) -> Strategy:
    match info:
        case inspect.StructType():
            return _structure(info)
        case inspect.ListType() | inspect.VarTupleType():
            return strategies.lists(_of(info.item_type), max_size=LONGEST_LIST)
        case inspect.DictType():
            return strategies.dictionaries(
                _of(info.key_type).map(str),
                _of(info.value_type),
                max_size=LONGEST_LIST,
            )
        case inspect.UnionType():
            return strategies.one_of([_of(each) for each in info.types])
        case inspect.LiteralType():
            return strategies.sampled_from(info.values)
        case inspect.StrType():
            return _text(info)
        case inspect.IntType():
            return _number(info)
        case inspect.BoolType():
            return strategies.booleans()
        case inspect.NoneType():
            return strategies.none()
    raise TypeError(f"no values for {info}")


def _structure(info: inspect.StructType) -> Strategy:
    needed, more = {}, {}
    for field in info.fields:
        members = needed if field.required else more
        members[field.encode_name] = _of(field.type)
    return strategies.fixed_dictionaries(needed, optional=more)


def _text(info: inspect.StrType) -> Strategy:
    if info.pattern is None:
        return strategies.sampled_from(FREE)
    pattern = re.compile(info.pattern)
    longest = info.max_length or len(max(WORDS, key=len))
    fitting = [
        each for each in WORDS if len(each) <= longest and pattern.search(each)
    ]
    if not fitting:
        return strategies.from_regex(pattern)
    return strategies.sampled_from(fitting)


def _number(info: inspect.IntType) -> Strategy:
    kind = msgspec.Meta(ge=info.ge, le=info.le, multiple_of=info.multiple_of)
    return strategies.sampled_from(
        [each for each in NUMBERS if _fits(each, kind)]
    )


def _fits(number: int, limits: msgspec.Meta) -> bool:
    return (
        (limits.ge is None or number >= limits.ge)
        and (limits.le is None or number <= limits.le)
        and not number % (limits.multiple_of or 1)
    )


def _damaged(document: Any) -> Strategy:
    """The document with one thing wrong, somewhere."""
    choices = [WRONG]
    if isinstance(document, dict):
        choices.append(WRONG.map(lambda wrong: document | {"?": wrong}))
        for name, value in document.items():
            without = {k: v for k, v in document.items() if k != name}
            choices.append(strategies.just(without))
            choices.append(
                _damaged(value).map(functools.partial(_with, document, name))
            )
    elif isinstance(document, list) and document:
        choices.append(strategies.just([*document, document[0]]))
        choices.append(
            _damaged(document[0]).map(lambda first: [first, *document[1:]])
        )
    return strategies.one_of(choices)


def _with(document: dict[str, Any], name: str, value: Any) -> dict[str, Any]:
    return document | {name: value}
