# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A Sphinx extension that writes the chapter about the API.

It writes ``reference/api.rst``, a page for each family of calls in
``reference/api/``, and the OpenAPI document beside them, before the sources
are read. They come from the declarations alone and are not kept.
"""

from collections.abc import Iterator
import inspect
import json
import pathlib
import types as builtin_types
import typing
from typing import Annotated
from typing import Any
from typing import Literal

import msgspec
from sphinx.application import Sphinx

from storpool_common import api
from storpool_common.api import rules
from storpool_common.api import types
from storpool_common.api import words
from storpool_common.openapi import description
from storpool_common.openapi import document
from storpool_common.openapi import families
from storpool_common.openapi import family

Call = api.call.Call[..., Any]

_PLAIN = {
    Any: "anything",
    bool: "boolean",
    int: "integer",
    str: "string",
    type(None): "null",
}
_LIMITS = (
    ("ge", "from"),
    ("le", "to"),
    ("multiple_of", "in steps of"),
    ("max_length", "of at most so many characters:"),
    ("pattern", "like"),
)


def setup(app: Sphinx) -> dict[str, bool]:
    """Have the chapter written before the sources are read."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(app: Sphinx) -> None:
    reference = pathlib.Path(app.srcdir) / "reference"
    directory = reference / "api"
    directory.mkdir(exist_ok=True)
    pages = {
        module: "\n".join(_page(module, kind))
        for module, kind in families().items()
    }
    pages["names"] = "\n".join(_names())
    for page, text in pages.items():
        _put(directory / f"{page}.rst", text)
    _put(directory / "openapi.json", json.dumps(document(), indent=1))
    _put(reference / "api.rst", "\n".join(_overview(list(pages))))


def _put(path: pathlib.Path, text: str) -> None:
    """Write what is new only: Sphinx reads again what was touched."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def _title(text: str, line: str) -> Iterator[str]:
    yield from (text, line * len(text), "")


def _overview(pages: list[str]) -> Iterator[str]:
    yield from _title("The StorPool API", "=")
    yield (
        "Every call that ``storpool_common.client.Client`` and"
        " ``storpool-openstack api`` make, with its types. The same as an"
        " :download:`OpenAPI 3.1 document <api/openapi.json>`."
    )
    yield from ("", ".. toctree::", "   :maxdepth: 1", "")
    yield from (f"   api/{page}" for page in pages)
    yield ""


def _page(module: str, kind: type) -> Iterator[str]:
    source = inspect.getmodule(kind)
    yield from _title(family(module).capitalize(), "=")
    yield from (inspect.getdoc(source) or "", "")
    calls = [
        call for call in vars(kind).values() if isinstance(call, api.Call)
    ]
    for call in calls:
        yield from _call(call)
    for structure in _structures(module):
        yield from _structure(structure)


def _structures(module: str) -> list[type[types.Structure]]:
    """The structures of a family; those of iSCSI are in two modules."""
    return [
        thing
        for source in vars(api).values()
        if isinstance(source, builtin_types.ModuleType)
        and source.__name__.rpartition(".")[2].startswith(module)
        for thing in vars(source).values()
        if isinstance(thing, type)
        and issubclass(thing, types.Structure)
        and thing.__module__ == source.__name__
    ]


def _call(call: Call) -> Iterator[str]:
    yield from _title(call.python_name, "-")
    prefix = f"[{api.MULTICLUSTER_PREFIX}]" if call.multicluster else ""
    yield f"``{call.method} {api.URL_PREFIX}{prefix}{call.path}``"
    yield from ("", call.__doc__, "")
    for name, kind in call.path_parameters.items():
        yield f":{name}: {_type(kind, name)}"
    if call.request is not None:
        yield f":request: {_type(call.request)}"
    yield f":answer: {_type(call.answer)}"
    yield f":servers: {call.versions}"
    yield ""


def _structure(kind: type[types.Structure]) -> Iterator[str]:
    told, members = description(kind)
    yield f".. _{_label(kind)}:"
    yield ""
    yield from _title(kind.__name__, "-")
    yield from (told, "")
    yield from (".. list-table::", "   :header-rows: 1", "")
    yield from _row("member", "type", "meaning")
    kinds = rules.members(kind)
    for field in msgspec.structs.fields(kind):
        wire = f"``{field.encode_name}``"
        name = wire if field.required else f"{wire} (optional)"
        meaning = members.get(field.name, "")
        yield from _row(
            name, _type(_required(kinds[field.name]), field.name), meaning
        )
    yield ""


def _required(kind: Any) -> Any:
    """A type without the null that stands for what is left out."""
    parts = [part for part in typing.get_args(kind) if part is not type(None)]
    is_union = typing.get_origin(kind) in (
        typing.Union,
        builtin_types.UnionType,
    )
    return typing.Union[tuple(parts)] if is_union else kind  # noqa: UP007


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"     - {cell}" if number else f"   * - {cell}"


def _names() -> Iterator[str]:
    yield from _title("Names, numbers and words", "=")
    for module in (types, words):
        yield from (inspect.getdoc(module) or "", "")
        for name, kind in _scalars(module).items():
            yield from (f".. _api-{name}:", "")
            yield from _title(name, "-")
            yield from (_meaning(kind), "")
    yield from _structure(types.ApiOk)


def _scalars(module: builtin_types.ModuleType) -> dict[str, Any]:
    return {
        name: thing
        for name, thing in vars(module).items()
        if not name.startswith("_")
        and typing.get_origin(thing)
        in (Annotated, Literal, typing.Union, builtin_types.UnionType)
    }


def _meaning(kind: Any) -> str:
    if typing.get_origin(kind) is not Annotated:
        return _spelled(kind)
    plain, meta = typing.get_args(kind)
    if meta.examples:
        return ", ".join(f"``{each}``" for each in meta.examples)
    limits = [
        f"{said} ``{getattr(meta, name)}``"
        for name, said in _LIMITS
        if getattr(meta, name) is not None
    ]
    return " ".join([_type(plain), *limits])


def _type(kind: Any, hint: str = "") -> str:
    """A type in words, its name linked.

    :param hint: what a value of it is called, to choose among names of
        types that are alike.
    """
    known = [
        name
        for module in (types, words)
        for name, other in _scalars(module).items()
        if other == kind
    ]
    hinted = [name for name in known if name.lower() == hint.replace("_", "")]
    fitting = hinted or known
    if len(fitting) != 1:
        return _spelled(kind)
    return f":ref:`{fitting[0]} <api-{fitting[0]}>`"


def _spelled(kind: Any) -> str:
    arguments = typing.get_args(kind)
    origin = typing.get_origin(kind)
    if origin is Annotated:
        return _meaning(kind)
    if origin is list:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"map of {_type(arguments[0])} to {_type(arguments[1])}"
    if origin is Literal:
        return " or ".join(f"``{json.dumps(each)}``" for each in arguments)
    if arguments:
        return " or ".join(_type(each) for each in arguments)
    if kind in _PLAIN:
        return _PLAIN[kind]
    return f":ref:`{kind.__name__} <{_label(kind)}>`"


def _label(kind: type) -> str:
    """Labels do not tell ISCSITarget from IscsiTarget; modules do."""
    return f"api-{kind.__module__}-{kind.__name__}"
