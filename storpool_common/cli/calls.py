# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``storpool-openstack api``: any call of the API from the shell."""

import argparse
from collections.abc import Mapping
import contextlib
import difflib
import sys
from typing import Any

import msgspec

from storpool_common import api
from storpool_common.cli import output
from storpool_common.cli.parser import Mistake
from storpool_common.client import Client
from storpool_common.config import load
from storpool_common.openapi import schemas

Call = api.call.Call[..., Any]

_EXAMPLES = """examples:
  storpool-openstack api VolumesList -f json
  storpool-openstack api VolumeUpdate NAME --json '{"size": 1073741824}'
  storpool-openstack api --list
  storpool-openstack api --help VolumeUpdate
"""


def add_command(commands: Any) -> None:
    """Add the command to a program's."""
    parser = commands.add_parser(
        "api",
        help="make any call of the StorPool API",
        description="Make any call of the StorPool API.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument(
        "call",
        nargs="?",
        metavar="CALL",
        help="by the API's name (VolumeUpdate) or the client's"
        " (volume_update)",
    )
    parser.add_argument(
        "arguments",
        nargs="*",
        metavar="ARG",
        help="what the call's path takes: names, numbers",
    )
    parser.add_argument(
        "--json",
        metavar="BODY",
        help="the request; - reads it from the standard input, where it is"
        " in no list of processes",
    )
    parser.add_argument(
        "--remote",
        metavar="CLUSTER",
        help="pass the call on to another cluster: its name, or ~ and its id",
    )
    parser.add_argument(
        "--single-cluster",
        action="store_true",
        help="do not look beyond the cluster that is asked",
    )
    parser.add_argument(
        "-l", "--list", action="store_true", help="show all calls"
    )
    parser.add_argument(
        "-h",
        "--help",
        nargs="?",
        const="",
        metavar="CALL",
        help="show this, or what a call does and takes",
    )
    output.add_options(parser)
    parser.set_defaults(run=lambda options: _run(parser, options))


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    if options.help == "" and options.call is None:
        parser.print_help()
    elif options.help is not None:
        print(_description(_find(options.help or options.call)))
    elif options.list:
        output.show([_summary(call) for call in _sorted()], options)
    elif options.call is None:
        parser.error("name a CALL, or use --list")
    else:
        output.show(_answer(options), options)


def _answer(options: argparse.Namespace) -> Any:
    call = _find(options.call, with_request=options.json is not None)
    path = _path(call, options.arguments)
    request = _request(call, options.json)
    settings = load().api
    with contextlib.closing(Client(settings)) as asked:
        view = asked.remote(options.remote) if options.remote else asked
        if options.single_cluster:
            view = view.single_cluster
        return view.raw.perform(call, path, request)


def _sorted() -> list[Call]:
    return sorted(api.CALLS.values(), key=lambda call: call.name.lower())


def _summary(call: Call) -> dict[str, Any]:
    return {
        "call": call.name,
        "arguments": " ".join(_arguments(call)),
        "request": _request_note(call),
        "versions": call.versions,
        "description": call.__doc__.partition("\n")[0],
    }


def _arguments(call: Call) -> list[str]:
    return [name.upper() for name in call.path_parameters]


def _request_note(call: Call) -> str:
    if call.request is None:
        return "no"
    return "required" if call.request_required else "optional"


def _find(name: str, *, with_request: bool | None = None) -> Call:
    """The call of a name.

    Some names are those of two calls: a question and a change, which the
    presence of a request tells apart.
    """
    if name in api.CALLS:
        return api.CALLS[name]
    found = [call for call in api.CALLS.values() if call.name == name]
    fitting = [
        call
        for call in found
        if with_request is None or (call.request is not None) == with_request
    ]
    if not found:
        raise Mistake(f"there is no call {name!r}{_similar(name)}")
    if len(found) == 1 or len(fitting) == 1:
        return (fitting or found)[0]
    names = " or ".join(call.python_name for call in found)
    raise Mistake(f"{name!r} is the name of several calls: say {names}")


def _similar(name: str) -> str:
    known = {call.name.lower(): call.name for call in api.CALLS.values()}
    wanted = name.lower().replace("_", "")
    near = difflib.get_close_matches(wanted, known, n=3)
    if not near:
        return "; see api --list"
    return f"; is it {' or '.join(known[each] for each in near)}?"


def _path(call: Call, arguments: list[str]) -> Mapping[str, Any]:
    if len(arguments) != len(call.path_parameters):
        takes = " ".join(_arguments(call)) or "no arguments"
        raise Mistake(
            f"{call.name} takes {takes}; {len(arguments)} were given"
        )
    return {
        name: _value(call, name, text)
        for name, text in zip(call.path_parameters, arguments, strict=True)
    }


def _value(call: Call, name: str, text: str) -> Any:
    try:
        return msgspec.convert(text, call.path_parameters[name], strict=False)
    except msgspec.ValidationError as error:
        raise Mistake(f"{call.name}: {name} {text!r}: {error}") from error


def _request(call: Call, text: str | None) -> Any:
    if text is None:
        if call.request_required:
            raise Mistake(
                f"{call.name} needs a request: --json BODY, see api --help"
                f" {call.python_name}"
            )
        return None
    if call.request is None:
        raise Mistake(f"{call.name} takes no request")
    body = sys.stdin.read() if text == "-" else text
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise Mistake(f"--json: this is not JSON: {error}") from error


def _description(call: Call) -> str:
    request = ["--json BODY"] if call.request_required else ["[--json BODY]"]
    words = [*_arguments(call), *(request if call.request else [])]
    prefix = f"[{api.MULTICLUSTER_PREFIX}]" if call.multicluster else ""
    lines = [
        " ".join(["storpool-openstack api", call.name, *words]),
        "",
        call.__doc__,
        "",
        f"{call.method} {api.URL_PREFIX}{prefix}{call.path}",
        f"Python: Client.{call.python_name}",
        f"Servers: {call.versions}",
    ]
    if call.request is not None:
        lines += ["", "BODY:", output.yaml_text(schemas([call.request]))]
    return "\n".join(lines).rstrip("\n")
