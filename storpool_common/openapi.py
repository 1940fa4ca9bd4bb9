# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The declared API as an OpenAPI 3.1 document.

What OpenAPI has no word for is told in words or left out: a call may be
passed on to another cluster (``RemoteCommand``), and a call that shares its
path and method with another is not a path of its own.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
import inspect
import re
import sys
from typing import Any

import msgspec

from storpool_common import api
from storpool_common.api import rules
from storpool_common.api import types

Call = api.call.Call[..., Any]
Json = dict[str, Any]

_REFERENCE = "#/components/schemas/{name}"
_JSON = "application/json"
_IVAR = re.compile(r"^:ivar (\w+):((?:.|\n(?!:ivar))*)", re.MULTILINE)
_SERVER = "http://{host}:{port}"
_VARIABLES = {
    "host": {"default": "127.0.0.1", "description": "SP_API_HTTP_HOST"},
    "port": {"default": "81", "description": "SP_API_HTTP_PORT"},
}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["name", "descr"],
            "properties": {
                "name": {
                    "type": "string",
                    "examples": ["objectDoesNotExist", "busy"],
                },
                "descr": {"type": "string"},
                "transient": {
                    "type": "boolean",
                    "description": "Trying again may help.",
                },
            },
        }
    },
}


def document() -> Json:
    """The whole API, ready for JSON."""
    calls = list(api.CALLS.values())
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "StorPool API",
            "version": max(
                str(call.since.api) for call in calls if call.since
            ),
            "description": inspect.getdoc(api),
        },
        "servers": [_server(api.URL_PREFIX)],
        "security": [{"token": []}],
        "tags": [
            {"name": family(name), "description": inspect.getdoc(kind)}
            for name, kind in families().items()
        ],
        "paths": _paths(calls),
        "components": {
            "schemas": schemas(_kinds(calls)) | {"Error": _ERROR},
            "securitySchemes": {
                "token": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Storpool v1:` and SP_AUTH_TOKEN.",
                }
            },
        },
    }


def schemas(kinds: Iterable[Any]) -> Json:
    """The structures that occur in types, as JSON schemas by their names."""
    _, components = msgspec.json.schema_components(
        list(kinds), ref_template=_REFERENCE
    )
    for kind in _structures():
        if kind.__name__ in components:
            _describe(kind, components[kind.__name__])
    return components


def families() -> Mapping[str, type]:
    """The classes of the calls, by the names of their modules."""
    return {
        kind.__module__.rpartition(".")[2]: kind
        for kind in api.Calls.__bases__
    }


def family(module: str) -> str:
    """What a family of calls is called, by the name of its module."""
    return module.replace("_", " ")


def description(kind: type) -> tuple[str, dict[str, str]]:
    """What a structure is for, and what its members mean.

    :returns: members by their names in Python, those alone that are told.
    """
    text = inspect.getdoc(kind) or ""
    members = {name: _plain(said) for name, said in _IVAR.findall(text)}
    return _IVAR.sub("", text).strip(), members


def _plain(text: str) -> str:
    return " ".join(text.split())


def _newest(calls: Iterable[Call]) -> str:
    return max(call.since.api for call in calls if call.since is not None)


def _structures() -> Iterator[type[types.Structure]]:
    queue: list[type[types.Structure]] = [types.Structure]
    while queue:
        kind = queue.pop()
        yield kind
        queue.extend(
            each
            for each in kind.__subclasses__()
            if each.__module__.startswith(f"{api.__name__}.")
        )


def _kinds(calls: Iterable[Call]) -> Iterator[Any]:
    for call in calls:
        yield rules.declared(call.answer)
        yield from call.path_parameters.values()
        if call.request is not None:
            yield call.request


def _schema(kind: Any) -> Json:
    (schema,), _ = msgspec.json.schema_components(
        [kind], ref_template=_REFERENCE
    )
    return schema


def _describe(kind: type[types.Structure], schema: Json) -> None:
    """Put what a docstring says of members to the members."""
    schema["description"], said = description(kind)
    for field in msgspec.structs.fields(kind):
        if field.name in said:
            schema["properties"][field.encode_name] |= {
                "description": said[field.name]
            }


def _paths(calls: Iterable[Call]) -> Json:
    paths: Json = {}
    shapes: dict[tuple[str, str], str] = {}
    for call in calls:
        shape = re.sub(r"\{\w+\}", "{}", call.path)
        if (call.method, shape) in shapes:
            continue
        shapes[call.method, shape] = call.path
        path = paths.setdefault(f"/{call.path}", {})
        path[call.method.lower()] = _operation(call)
    return paths


def _operation(call: Call) -> Json:
    summary, _, more = call.__doc__.partition("\n")
    told = f"{more.strip()}\n\nServers: {call.versions}."
    operation: Json = {
        "operationId": call.python_name,
        "tags": [family(_module(call))],
        "summary": summary,
        "description": told.strip(),
        "parameters": list(_parameters(call)),
        "responses": {
            "200": _content("The answer.", _envelope(call)),
            "default": _content(
                "The API refused.", {"$ref": _REFERENCE.format(name="Error")}
            ),
        },
    }
    if call.until is not None:
        operation["deprecated"] = True
    if call.multicluster:
        operation["servers"] = [
            _server(api.URL_PREFIX),
            _server(api.URL_PREFIX + api.MULTICLUSTER_PREFIX),
        ]
    if call.request is not None and not call.request_in_query:
        operation["requestBody"] = {
            "required": call.request_required,
            "content": {_JSON: {"schema": _schema(call.request)}},
        }
    return operation


def _module(call: Call) -> str:
    return next(
        module
        for module, kind in families().items()
        if call.python_name in vars(kind)
    )


def _parameters(call: Call) -> Iterator[Json]:
    for name, kind in call.path_parameters.items():
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _schema(kind),
        }
    if call.request_in_query:
        yield {
            "name": "json",
            "in": "query",
            "content": {_JSON: {"schema": _schema(call.request)}},
        }


def _envelope(call: Call) -> Json:
    return {
        "type": "object",
        "required": ["generation", "data"],
        "properties": {
            "generation": {
                "type": "integer",
                "description": "Changes of the configuration so far.",
            },
            "data": _schema(rules.declared(call.answer)),
        },
    }


def _content(told: str, schema: Json) -> Json:
    return {"description": told, "content": {_JSON: {"schema": schema}}}


def _server(prefix: str) -> Json:
    return {"url": _SERVER + prefix.rstrip("/"), "variables": _VARIABLES}


if __name__ == "__main__":
    encoded = msgspec.json.encode(document())
    sys.stdout.write(msgspec.json.format(encoded, indent=2).decode() + "\n")
