# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the strings of an answer have to be like, checked after decoding.

msgspec looks for a pattern in each string as it comes: about ten searches
for each volume, three quarters of the time that a list of all volumes took,
and four times as long as to decode a single one. Most of these strings are
the same again and again, though. So structures of answers are decoded without
patterns (:func:`without_patterns`), and looked at by :mod:`.fits`. An answer
in which something does not fit is decoded once more, into the types as they
are declared: it is msgspec that refuses, and says which member of which
element breaks which rule.
"""

from collections.abc import Callable
from collections.abc import Mapping
import functools
import operator
import types
import typing
from typing import Annotated
from typing import Any
from typing import Literal

import msgspec

from storpool_common.api import fits

#: Bytes of JSON from which on the way by columns is the shorter one.
LONG = 8 * 1024

#: What a string may be bound by, besides a pattern.
_OF_STRINGS = (
    "min_length",
    "max_length",
    "title",
    "description",
    "examples",
    "extra_json_schema",
    "extra",
)


def decode(text: bytes | msgspec.Raw, kind: Any) -> Any:
    """Read JSON as a type, with all the rules of its declaration.

    A member that is said twice counts as it was said last.

    :raises ValidationError: a rule is broken; the message says where.
    :raises DecodeError: this is no JSON.
    """
    decoded = _decoder(kind).decode(text)
    is_right = fits_rules if len(memoryview(text)) < LONG else keeps_rules
    if not is_right(decoded, kind):
        _decoder(declared(kind)).decode(text)
    return decoded


def keeps_rules(decoded: Any, kind: Any) -> bool:
    """Whether every string that was decoded as a type fits its pattern."""
    fit = _fit_of(kind)
    return fit is None or fit.column([decoded])


def fits_rules(decoded: Any, kind: Any) -> bool:
    """The same as :func:`keeps_rules`, value by value."""
    fit = _fit_of(kind)
    return fit is None or bool(fit.value(decoded))


@functools.cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


def without_patterns(kind: Any) -> Any:
    """A type that is bound by all but patterns."""
    return _mapped(kind, lambda part: part, _without_pattern)


@functools.cache
def declared(kind: Any) -> Any:
    """A type as it is declared, with the patterns of its structures.

    Structures of answers that occur in it are others, of the same names.
    """
    return _mapped(kind, _declared_part, lambda meta: meta)


@functools.cache
def members(kind: Any) -> Mapping[str, Any]:
    """The types of a structure's members as they are declared."""
    found = {field.name: field.type for field in msgspec.structs.fields(kind)}
    for base in reversed(kind.__mro__):
        found |= vars(base).get("declared_types", {})
    return types.MappingProxyType(found)


def _mapped(
    kind: Any, part: Callable[[Any], Any], meta: Callable[[Any], Any]
) -> Any:
    """The same type of other parts and with other bounds."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is None or origin is Literal:
        return part(kind)
    if origin is Annotated:
        plain, *metas = arguments
        return Annotated[(_mapped(plain, part, meta), *map(meta, metas))]
    mapped = tuple(_mapped(each, part, meta) for each in arguments)
    if origin in (typing.Union, types.UnionType):
        return functools.reduce(operator.or_, mapped)
    return origin[mapped]


def _without_pattern(meta: Any) -> Any:
    if not isinstance(meta, msgspec.Meta) or meta.pattern is None:
        return meta
    return msgspec.Meta(**{name: getattr(meta, name) for name in _OF_STRINGS})


def _declared_part(kind: Any) -> Any:
    return _structure(kind) if hasattr(kind, "declared_types") else kind


@functools.cache
def _structure(kind: Any) -> Any:
    kinds = members(kind)
    fields = msgspec.structs.fields(kind)
    return msgspec.defstruct(
        kind.__name__,
        [
            (field.name, declared(kinds[field.name]), _default(field))
            for field in fields
        ],
        module=kind.__module__,
        namespace={"__doc__": kind.__doc__},
        rename={field.name: field.encode_name for field in fields},
        kw_only=True,
        frozen=True,
        omit_defaults=True,
    )


def _default(field: msgspec.structs.FieldInfo) -> Any:
    if field.default_factory is not msgspec.NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    return msgspec.field(default=field.default)


@functools.cache
def _fit_of(kind: Any) -> fits.Fit | None:
    return fits.fit(msgspec.inspect.type_info(declared(kind)))
