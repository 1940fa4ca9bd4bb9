# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Plain data as a table, as JSON or as YAML."""

import argparse
from collections.abc import Mapping
from collections.abc import Sequence
import json
import shutil
import sys
from typing import Any

import prettytable
import yaml

FORMATS = ("table", "json", "yaml")
# A narrower column is harder to read than a line that the terminal wraps.
_NARROWEST = 16
# What is drawn around a cell: a bar and two spaces.
_FRAME = 3


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command's output be chosen."""
    parser.add_argument(
        "-f",
        "--format",
        choices=FORMATS,
        default="table",
        help="how to show the answer",
    )
    parser.add_argument(
        "-c",
        "--column",
        action="append",
        default=[],
        help="show only this column of a table; may be given again",
    )


def show(data: Any, options: argparse.Namespace) -> None:
    """Print an answer.

    :param data: dictionaries, lists and values; their order is kept.
    :param options: those of :func:`add_options`.
    """
    text = _text(data, options).rstrip("\n")
    if text:
        print(text)


def yaml_text(data: Any) -> str:
    """Plain data as YAML."""
    return str(yaml.safe_dump(data, sort_keys=False, allow_unicode=True))


def _text(data: Any, options: argparse.Namespace) -> str:
    if options.format == "json":
        return json.dumps(data, indent=2, ensure_ascii=False)
    if options.format == "yaml":
        return yaml_text(data)
    return _table(data, options.column)


def _table(data: Any, wanted: Sequence[str]) -> str:
    """Objects row by row; a single one member by member."""
    rows = _rows(data)
    columns = wanted or list(
        dict.fromkeys(name for row in rows for name in row)
    )
    if not any(rows):
        return ""
    if len(rows) == 1:
        (row,) = rows
        pairs = [[name, _cell(row.get(name))] for name in columns]
        return _drawn(["member", "value"], pairs)
    return _drawn(
        columns, [[_cell(row.get(name)) for name in columns] for row in rows]
    )


def _rows(data: Any) -> list[Mapping[str, Any]]:
    if isinstance(data, list):
        return [
            each if isinstance(each, dict) else {"value": each}
            for each in data
        ]
    if not isinstance(data, dict):
        return [{"value": data}]
    if data and all(isinstance(each, dict) for each in data.values()):
        return [{"key": key, **each} for key, each in data.items()]
    if len(data) == 1:
        # An object around a list: {"exports": [...]}.
        (inner,) = data.values()
        return _rows(inner) if isinstance(inner, list) else [data]
    return [data]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _drawn(columns: Sequence[str], rows: list[list[str]]) -> str:
    table = prettytable.PrettyTable(columns, align="l")
    table.add_rows(rows)
    if sys.stdout.isatty():
        width = shutil.get_terminal_size().columns
        table.max_width = _widest([columns, *rows], width)
    return str(table.get_string())


def _widest(lines: Sequence[Sequence[str]], width: int) -> int | None:
    """What cells are wrapped at, for a table to fit; None if it cannot."""
    natural = [max(map(len, column)) for column in zip(*lines, strict=True)]
    room = width - len(natural) * _FRAME - 1
    for widest in range(max(natural), _NARROWEST - 1, -1):
        if sum(min(each, widest) for each in natural) <= room:
            return widest
    return None
