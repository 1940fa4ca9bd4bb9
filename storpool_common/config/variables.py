# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The variables of storpool.conf that hold for one host."""

from collections.abc import Iterator
from collections.abc import Mapping
import re

_SECRET = re.compile(r"TOKEN|SECRET|PASS(WORD|PHRASE|WD)|PRIVATE_KEY", re.I)


def is_secret(name: str) -> bool:
    """Whether a variable of that name may not be shown: the token, say."""
    return _SECRET.search(name) is not None


class Variables(Mapping[str, str]):
    """Names and values; it shows everything but secrets.

    :param values: the variables.
    :param origins: the file or other place that each came from.
    """

    def __init__(
        self,
        values: Mapping[str, str],
        origins: Mapping[str, str] | None = None,
    ) -> None:
        self._values = dict(values)
        self._origins = dict(origins or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        shown = {
            name: "***" if is_secret(name) else value
            for name, value in self._values.items()
        }
        return f"Variables({shown!r})"

    def origin(self, name: str) -> str:
        """Where the value of a variable was set: a file, the environment."""
        return self._origins.get(name, "the default")

    def over(self, other: "Variables") -> "Variables":
        """These variables, and the other's where these have none."""
        return Variables(
            other._values | self._values, other._origins | self._origins
        )
