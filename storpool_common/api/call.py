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
    __doc__: str = ""

    @property
    def name(self) -> str:
        """The API's name: the path without its parameters."""
        return re.sub(r"/\{[^}]*\}", "", self.path)

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
        bound = self.signature.bind(None, *args, **kwargs)
        path = {name: bound.arguments[name] for name in self.path_parameters}
        return client.perform(self, path, bound.arguments.get("request"))


def get(
    path: str, *, multicluster: bool = False
) -> Callable[[Callable[Concatenate[Any, P], R]], Call[P, R]]:
    """Declare a question: it changes nothing and may always be repeated."""
    return functools.partial(_declare, "GET", path, multicluster)


def post(
    path: str, *, multicluster: bool = False
) -> Callable[[Callable[Concatenate[Any, P], R]], Call[P, R]]:
    """Declare a change."""
    return functools.partial(_declare, "POST", path, multicluster)


def _declare(
    method: Method,
    path: str,
    multicluster: bool,
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
        multicluster=multicluster,
        path_parameters={name: hints[name] for name in names},
        request=hints.get("request"),
        request_required=(
            request is not None and request.default is inspect.Parameter.empty
        ),
        answer=hints["return"],
        signature=signature,
        __doc__=inspect.getdoc(function) or "",
    )
