# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a scenario says of itself: its call, and how we know."""

from collections.abc import Callable
import dataclasses
import enum
import functools
from typing import Any
from typing import TypeVar

from storpool_common import api
from storpool_common import errors

Call = api.call.Call[..., Any]
Method = TypeVar("Method", bound=Callable[..., None])


class Basis(enum.Enum):
    """How we know what a scenario expects."""

    DOCUMENTED = "documented"
    CLIENT_CODE = "client code"
    INFERRED = "inferred"


@dataclasses.dataclass(frozen=True)
class Scenario:
    """A call and how we know what is expected of it.

    :ivar call: its Python name.
    """

    call: str
    basis: Basis


def documented(call: Call) -> Callable[[Method], Method]:
    """The vendor says so."""
    return _marked(call, Basis.DOCUMENTED)


def relied_on(call: Call) -> Callable[[Method], Method]:
    """A published client does not work otherwise."""
    return _marked(call, Basis.CLIENT_CODE)


def inferred(call: Call) -> Callable[[Method], Method]:
    """It follows from something else: a real cluster may differ."""
    return _marked(call, Basis.INFERRED)


def may_lack(call: Call) -> bool:
    """Whether the newest servers need not have a call."""
    return call.since is None or call.until is not None


def _marked(call: Call, basis: Basis) -> Callable[[Method], Method]:
    def mark(method: Method) -> Method:
        marked: Any = _skipping(method)
        marked.scenario = Scenario(call.python_name, basis)
        return marked

    return mark


def _skipping(method: Callable[..., None]) -> Callable[..., None]:
    """Skip a scenario whose server is too old or too new for a call."""

    @functools.wraps(method)
    def run(case: Any, *args: Any) -> None:
        try:
            method(case, *args)
        except errors.UnknownCall:
            last = api.CALLS[case.api.made[-1]]
            if not case.cluster.may_lack_calls and not may_lack(last):
                raise
            case.skipTest(f"{last.name} is not there: {last.versions}")

    return run
