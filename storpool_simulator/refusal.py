# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How a call is refused: the API's errors, on the server's side."""

from typing import Any


class Refusal(Exception):
    """The answer to a call is an error.

    :ivar name: the API's word for it.
    :ivar description: one sentence that names the object.
    :ivar status: the HTTP status that goes with it.
    :ivar transient: whether the client is told that trying again may help.
    """

    def __init__(
        self,
        name: str,
        description: str,
        *,
        status: int,
        transient: bool = False,
    ) -> None:
        super().__init__(f"{name}: {description}")
        self.name = name
        self.description = description
        self.status = status
        self.transient = transient

    def envelope(self) -> dict[str, Any]:
        """The body of the answer."""
        return {
            "error": {
                "name": self.name,
                "descr": self.description,
                "transient": self.transient,
            }
        }


def missing(kind: str, name: str) -> Refusal:
    """No ``kind`` (volume, template, ...) is called ``name``."""
    return Refusal(
        "objectDoesNotExist", f"{kind} '{name}' does not exist", status=404
    )


def exists(kind: str, name: str) -> Refusal:
    """A ``kind`` called ``name`` is there already."""
    return Refusal(
        "objectExists", f"{kind} '{name}' already exists", status=409
    )


def busy(description: str) -> Refusal:
    """An object is in use."""
    return Refusal("busy", description, status=409)


def invalid(description: str) -> Refusal:
    """A value in the request is not acceptable."""
    return Refusal("invalidParam", description, status=400)


def malformed(description: str) -> Refusal:
    """The request is not JSON, or not HTTP as the API speaks it."""
    return Refusal("malformed", description, status=400)


def insufficient(description: str) -> Refusal:
    """The cluster cannot place what was asked for."""
    return Refusal("insufficientResources", description, status=507)


def unauthorized() -> Refusal:
    """The token is missing or wrong."""
    return Refusal("unauthorized", "the token is missing or wrong", status=401)


def unknown_call(method: str, path: str) -> Refusal:
    """There is no such call."""
    return Refusal("unknownCall", f"no call {method} {path}", status=404)
