# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A Sphinx extension that shows the options of a module as a table.

``.. option-table:: cinder_storpool.opts`` is what the module registers, with
the words that ``oslo-config-generator`` writes into the sample file. Nothing
of it is typed a second time.
"""

from collections.abc import Iterator
import importlib
import inspect
from typing import Any

from docutils import nodes
from oslo_config import cfg
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

_KINDS = {
    "boolean value": "yes or no",
    "floating point value": "number",
    "integer value": "whole number",
    "list value": "list",
    "string value": "text",
}


def setup(app: Sphinx) -> dict[str, bool]:
    """Make the directive known."""
    app.add_directive("option-table", OptionTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


class OptionTable(SphinxDirective):
    """The options of one module, by name."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the table and read it as a part of the page."""
        module = importlib.import_module(self.arguments[0])
        self.env.note_dependency(inspect.getfile(module))
        return self.parse_text_to_nodes("\n".join(table(module.OPTIONS)))


def table(options: tuple[cfg.Opt, ...]) -> Iterator[str]:
    """The lines of a table."""
    yield from (".. list-table::", "   :header-rows: 1")
    yield from ("   :widths: 34 16 50", "")
    yield from _row("Option", "Default", "Meaning")
    for option in sorted(options, key=lambda option: str(option.name)):
        name = f"``{option.name}``, {_kind(option)}"
        meaning = " ".join(str(option.help).split())
        yield from _row(name, _default(option), meaning + _choices(option))


def _row(*cells: str) -> Iterator[str]:
    for number, cell in enumerate(cells):
        yield f"     - {cell}" if number else f"   * - {cell}"


def _kind(option: cfg.Opt) -> str:
    kind = str(option.type)
    named = getattr(option.type, "type_name", kind)
    return _KINDS.get(str(named), str(named))


def _default(option: cfg.Opt) -> str:
    default: Any = option.default
    return f"``{default}``" if default not in (None, []) else "none"


def _choices(option: cfg.Opt) -> str:
    choices = getattr(option.type, "choices", None) or {}
    told = "; ".join(f"``{name}``: {what}" for name, what in choices.items())
    return f" {told}." if told else ""
