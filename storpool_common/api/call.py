# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How a call of the StorPool API is declared.

A declaration is a method signature with a docstring and no body::

    @post("VolumeUpdate/{volume_name}", multicluster=True)
    def volume_update(
        self, volume_name: VolumeNameOrGlobalId, request: VolumeUpdateDesc
    ) -> ApiOk:
        '''Rename, resize, retag or change the policy of a volume.'''

The decorator reads it and makes a :class:`Call`: the client calls it like
the method it looks like, and the simulator routes and checks by the same
data. The parameters named in the path are path parameters; ``request`` is the
body. Paths follow ``/ctrl/1.0/``, after ``MultiCluster/`` where the call
has that form.
"""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
import functools
import inspect
import re
import typing
from typing import Any
from typing import Concatenate
from typing import Generic
from typing import Literal
from typing import overload
from typing import ParamSpec
from typing import TypeVar

P = ParamSpec("P")
R = TypeVar("R")

Method = Literal["GET", "POST"]

#: The API version that each release of the vendor's bindings describes.
_API_OF_BINDINGS = {
    "1.0.0": "14.10",
    "1.0.1": "14.10",
    "1.0.2": "14.10",
    "1.0.3": "14.10",
    "1.0.4": "14.10",
    "1.0.5": "14.10",
    "1.1.0": "14.10",
    "1.2.0": "15.02",
    "1.3.0": "15.02",
    "1.3.1": "15.02",
    "2.0.0": "15.02",
    "3.0.0": "15.02",
    "3.0.1": "16.01",
    "4.0.0": "18.01",
    "4.1.0": "18.01",
    "5.0.0": "18.02",
    "5.1.0": "18.02",
    "5.2.0": "19.01",
    "5.3.0": "19.01",
    "5.3.1": "19.01",
    "5.4.0": "19.01",
    "5.5.0": "19.01",
    "6.0.0": "19.01",
    "7.0.0": "19.01",
    "7.1.0": "19.01",
    "7.2.0": "19.01",
    "7.3.0": "19.01",
}
_FIRST = "1.0.0"


@dataclasses.dataclass(frozen=True)
class Release:
    """A release of the vendor's bindings, by which calls are dated.

    :ivar bindings: its number.
    :ivar api: the API version that it says it describes.
    """

    bindings: str
    api: str

    @classmethod
    def of(cls, bindings: str) -> Release:
        """The release of that number."""
        return cls(bindings, _API_OF_BINDINGS[bindings])

    def __str__(self) -> str:
        return f"API {self.api} (bindings {self.bindings})"


class Caller(typing.Protocol):
    """What carries out a call: a client."""

    def perform(
        self, call: Call[..., R], path: Mapping[str, Any], request: Any
    ) -> R:
        """Carry out ``call`` and return its answer.

        :param path: the values of the call's path parameters.
        :param request: the body, or None where there is none.
        """
        ...


@dataclasses.dataclass(frozen=True)
class Call(Generic[P, R]):
    """One call of the API, as data and as a client's method.

    :ivar python_name: the client's method, ``volume_update``.
    :ivar method: HTTP method; GET asks, POST changes.
    :ivar path: behind the prefix, with ``{parameter}`` placeholders.
    :ivar multicluster: whether ``MultiCluster/`` may precede the path.
    :ivar path_parameters: type of each placeholder, in order.
    :ivar request: type of the body, or None.
    :ivar request_required: whether the body may not be left out.
    :ivar answer: type of the answer's ``data``.
    :ivar since: the first release that declares the call; a server may have
        had it earlier. None where it is only known from its use.
    :ivar until: the last release that declares it, None for the newest.
    """

    python_name: str
    method: Method
    path: str
    multicluster: bool
    path_parameters: Mapping[str, Any]
    request: Any
    request_required: bool
    answer: Any
    signature: inspect.Signature
    since: Release | None
    until: Release | None
    __doc__: str = ""

    @functools.cached_property
    def name(self) -> str:
        """The API's name: the path without its parameters."""
        return re.sub(r"/\{[^}]*\}", "", self.path)

    @property
    def request_in_query(self) -> bool:
        """Whether the request travels as ``?json=``: a GET has no body."""
        return self.method == "GET" and self.request is not None

    @property
    def versions(self) -> str:
        """Which servers have the call, in words."""
        if self.since is None:
            return "no documented API; some servers have it"
        if self.until is None:
            return f"{self.since} and later"
        return f"{self.since} to {self.until}"

    @overload
    def __get__(self, client: None, owner: type[object]) -> Call[P, R]: ...

    @overload
    def __get__(
        self, client: Caller, owner: type[object]
    ) -> Callable[P, R]: ...

    def __get__(
        self, client: Caller | None, owner: type[object]
    ) -> Call[P, R] | Callable[P, R]:
        if client is None:
            return self
        return functools.partial(self._perform, client)

    def _perform(self, client: Caller, *args: P.args, **kwargs: P.kwargs) -> R:
        given = self._given(*args, **kwargs)
        path = {name: given[name] for name in self.path_parameters}
        return client.perform(self, path, given.get("request"))

    def _given(self, *args: P.args, **kwargs: P.kwargs) -> Mapping[str, Any]:
        """The arguments by their names.

        Most calls give all by position, and need no more than that.
        """
        if not kwargs and len(args) == len(self._names):
            return dict(zip(self._names, args, strict=True))
        return self.signature.bind(None, *args, **kwargs).arguments

    @functools.cached_property
    def _names(self) -> tuple[str, ...]:
        """The parameters, without ``self``."""
        return tuple(self.signature.parameters)[1:]


def get(
    path: str,
    *,
    multicluster: bool = False,
    since: str | None = _FIRST,
    until: str | None = None,
) -> Callable[[Callable[Concatenate[Any, P], R]], Call[P, R]]:
    """Declare a question: it changes nothing and may always be repeated.

    :param multicluster: whether ``MultiCluster/`` may precede the path.
    :param since: the first release of the vendor's bindings that declares
        it; None where none does.
    :param until: the last one, where later ones do not.
    """
    data = _Marks(multicluster, since, until)
    return functools.partial(_declare, "GET", path, data)


def post(
    path: str,
    *,
    multicluster: bool = False,
    since: str | None = _FIRST,
    until: str | None = None,
) -> Callable[[Callable[Concatenate[Any, P], R]], Call[P, R]]:
    """Declare a change; the arguments are those of :func:`get`."""
    data = _Marks(multicluster, since, until)
    return functools.partial(_declare, "POST", path, data)


class _Marks(typing.NamedTuple):
    multicluster: bool
    since: str | None
    until: str | None


def _declare(
    method: Method,
    path: str,
    data: _Marks,
    function: Callable[Concatenate[Any, P], R],
) -> Call[P, R]:
    hints = typing.get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    request = signature.parameters.get("request")
    names = re.findall(r"\{([^}]*)\}", path)
    return Call(
        python_name=function.__name__,
        method=method,
        path=path,
        multicluster=data.multicluster,
        path_parameters={name: hints[name] for name in names},
        request=hints.get("request"),
        request_required=(
            request is not None and request.default is inspect.Parameter.empty
        ),
        answer=hints["return"],
        signature=signature,
        since=Release.of(data.since) if data.since else None,
        until=Release.of(data.until) if data.until else None,
        __doc__=inspect.getdoc(function) or "",
    )
