# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What was measured, line by line."""

from collections.abc import Iterable
import dataclasses

_HEAD = ("", "ours", "theirs", "ratio", "target")


@dataclasses.dataclass(frozen=True)
class Row:
    """One number of ours and, where there is one, one of theirs.

    :ivar unit: of both; what ends in ``/s`` is better when it is more.
    :ivar target: what the ratio is to be, in words.
    :ivar side_by_side: the ratio, where it was measured turn by turn on a
        machine that others use.
    """

    what: str
    ours: float
    unit: str
    theirs: float | None = None
    target: str = ""
    side_by_side: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times better ours is; None without the other."""
        if self.side_by_side is not None or self.theirs is None:
            return self.side_by_side
        if self.unit.endswith("/s"):
            return self.ours / self.theirs
        return self.theirs / self.ours

    def cells(self) -> tuple[str, ...]:
        """The line's parts, as texts."""
        ratio = "" if self.ratio is None else f"{self.ratio:.2f}"
        return (
            f"{self.what}, {self.unit}",
            _number(self.ours),
            "" if self.theirs is None else _number(self.theirs),
            ratio,
            self.target,
        )


def show(rows: Iterable[Row]) -> None:
    """Print the lines as they come."""
    _print(_HEAD)
    for row in rows:
        _print(row.cells())
    print()


def _print(cells: tuple[str, ...]) -> None:
    what, ours, theirs, ratio, target = cells
    line = f"  {what:48} {ours:>10} {theirs:>10} {ratio:>7}  {target}"
    print(line.rstrip(), flush=True)


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 1000 else f"{value:.3g}"
