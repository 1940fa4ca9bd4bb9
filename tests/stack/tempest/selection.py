# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which tests run, and which of them wait for a cluster that is slow."""

from collections.abc import Sequence
import dataclasses
import pathlib

from tests.stack import layout

HERE = layout.ROOT / "tests/stack/tempest"
EXCLUDED = HERE / "excluded.txt"
SLOW = HERE / "slow.txt"
SLOW_SECONDS = 2.0


@dataclasses.dataclass(frozen=True)
class Part:
    """Tests that run together.

    :ivar wanted: regular expressions of their names
    :ivar unwanted: those of the ones among them that do not run
    :ivar deletion: seconds that the cluster takes to delete a volume
    """

    wanted: Sequence[str]
    unwanted: Sequence[str]
    deletion: float = 0.0


def parts(name: str, instead: Sequence[str] = ()) -> list[Part]:
    """What runs, one after the other.

    :param name: ``smoke`` or ``full``
    :param instead: regular expressions of what is to run in its place
    """
    excluded, slow = patterns(EXCLUDED), patterns(SLOW)
    wanted = list(instead) or patterns(HERE / f"{name}.txt")
    return [
        Part(wanted, [*excluded, *slow]),
        Part(
            [_both(one, other) for one in wanted for other in slow],
            excluded,
            SLOW_SECONDS,
        ),
    ]


def patterns(path: pathlib.Path) -> list[str]:
    """The regular expressions of a list, without the reasons behind them."""
    return [
        found
        for line in path.read_text().splitlines()
        if (found := line.partition("#")[0].strip())
    ]


def _both(one: str, other: str) -> str:
    return f"^(?=.*(?:{one}))(?=.*(?:{other}))"
