# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Values of declared types, and values that are almost of them."""

from collections.abc import Sequence
import functools
import re
from typing import Any

from hypothesis import strategies
import msgspec
from msgspec import inspect

from tests.fuzz import words

Strategy = strategies.SearchStrategy[Any]

#: What is no value of most types.
WRONG: Strategy = strategies.sampled_from(
    (None, True, -1, 1.5, 1 << 80, "", "\n", "a\n", "\ud7ff", [], {}, [[]])
)
LONGEST_LIST = 3
#: Optional members of a document.
MOST = 3
#: One document in so many is damaged.
SELDOM = 8


@functools.cache
def values(kind: Any, name: str = "") -> Strategy:
    """Values of a declared type, as JSON has them.

    :param name: of the member or parameter, which likely values hang on.
    """
    return _of(inspect.type_info(kind), name)


def almost(kind: Any) -> Strategy:
    """The same, now and then with something wrong."""
    good = values(kind)
    return strategies.sampled_from(range(SELDOM)).flatmap(
        lambda number: good if number else good.flatmap(_damaged)
    )


def _of(info: inspect.Type, name: str) -> Strategy:
    match info:
        case inspect.Metadata(type=bare):
            return _of(bare, name)
        case inspect.StructType():
            return _structure(info)
        case inspect.ListType() | inspect.VarTupleType():
            return strategies.lists(
                _of(info.item_type, name), max_size=LONGEST_LIST
            )
        case inspect.DictType():
            return strategies.dictionaries(
                _of(info.key_type, "").map(str),
                _of(info.value_type, ""),
                max_size=LONGEST_LIST,
            )
        case inspect.UnionType():
            return strategies.one_of([_of(each, name) for each in info.types])
        case inspect.LiteralType():
            return strategies.sampled_from(info.values)
        case inspect.StrType():
            return _text(info, name)
        case inspect.IntType():
            return _number(info, name)
        case inspect.BoolType():
            return strategies.booleans()
        case inspect.NoneType():
            return strategies.none()
    raise TypeError(f"no values for {info}")


def _structure(info: inspect.StructType) -> Strategy:
    needed, more = {}, {}
    for field in info.fields:
        members = needed if field.required else more
        members[field.encode_name] = _of(field.type, field.encode_name)
    return _members(needed, more)


@strategies.composite
def _members(
    draw: strategies.DrawFn,
    needed: dict[str, Strategy],
    more: dict[str, Strategy],
) -> dict[str, Any]:
    """What has to be there, and a few of the rest.

    With half of all optional members most documents would contradict
    themselves.
    """
    chosen: list[str] = []
    if more:
        names = strategies.sampled_from(sorted(more))
        chosen = draw(strategies.lists(names, max_size=MOST, unique=True))
    members = needed | {name: more[name] for name in chosen}
    return {name: draw(strategy) for name, strategy in members.items()}


def _text(info: inspect.StrType, name: str) -> Strategy:
    likely = [
        each for each in words.LIKELY.get(name, ()) if isinstance(each, str)
    ]
    if info.pattern is None:
        return _mostly(likely, words.FREE)
    pattern = re.compile(info.pattern)
    longest = info.max_length or len(max(words.WORDS, key=len))

    def fits(word: str) -> bool:
        return len(word) <= longest and bool(pattern.search(word))

    fitting = list(filter(fits, words.WORDS))
    if not fitting:
        return strategies.from_regex(pattern)
    return _mostly(list(filter(fits, likely)), fitting)


def _number(info: inspect.IntType, name: str) -> Strategy:
    limits = msgspec.Meta(ge=info.ge, le=info.le, multiple_of=info.multiple_of)
    likely = [
        each for each in words.LIKELY.get(name, ()) if isinstance(each, int)
    ]
    return _mostly(
        [each for each in likely if _fits(each, limits)],
        [each for each in words.NUMBERS if _fits(each, limits)],
    )


def _mostly(likely: Sequence[Any], others: Sequence[Any]) -> Strategy:
    """One of the others in four, where something is likely at all."""
    if not likely:
        return strategies.sampled_from(others)
    usual = strategies.sampled_from(likely)
    return strategies.one_of(
        usual, usual, usual, strategies.sampled_from(others)
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
