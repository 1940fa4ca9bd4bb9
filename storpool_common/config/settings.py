# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a client has to know to reach the API of a cluster."""

import dataclasses
import re

from storpool_common.errors import ConfigurationError

DEFAULT_HOST = "127.0.0.1"
DEFAULT_PORT = 81

_BRACKETED = re.compile(r"\[(?P<host>[0-9A-Fa-f:.%\w]+)\](?::(?P<port>.*))?")
_PLAIN = re.compile(r"(?P<host>[A-Za-z0-9._-]+)(?::(?P<port>.*))?")
_BARE_IPV6 = re.compile(r"(?P<host>[0-9A-Fa-f]*:[0-9A-Fa-f:.]*:[0-9A-Fa-f.]*)")
_TOKEN = re.compile(r"[!-~]+")


@dataclasses.dataclass(frozen=True)
class ApiAddress:
    """Where one server of the API listens."""

    host: str
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @classmethod
    def parse(cls, text: str, port: int = DEFAULT_PORT) -> "ApiAddress":
        """Read ``host``, ``host:port``, ``[ipv6]:port`` or bare IPv6.

        :param port: what holds when the text has none.
        :raises ConfigurationError: the text is none of these.
        """
        for pattern in (_BARE_IPV6, _BRACKETED, _PLAIN):
            match = pattern.fullmatch(text)
            if match is not None:
                found = match.groupdict().get("port")
                return cls(
                    match["host"], port if found is None else port_of(found)
                )
        raise ConfigurationError(
            f"{text!r} is no address: write host, host:port or [ipv6]:port"
        )


@dataclasses.dataclass(frozen=True)
class TlsSettings:
    """How the API's certificate is checked.

    :ivar verify: whether it has to be valid for the host's name.
    :ivar ca_file: PEM file with the authorities to trust; None for those
        of the system.
    """

    verify: bool = True
    ca_file: str | None = None


@dataclasses.dataclass(frozen=True)
class ApiSettings:
    """How to reach the API, and as whom.

    :ivar addresses: servers of one cluster; each is as good as another.
    :ivar token: the secret of ``SP_AUTH_TOKEN``.
    :ivar tls: None for plain HTTP, as the API speaks by itself.
    :ivar source_address: local address to connect from.
    :ivar origin: where the token was set, for messages.
    :raises ConfigurationError: there is no address or no usable token.
    """

    addresses: tuple[ApiAddress, ...]
    token: str = dataclasses.field(repr=False)
    tls: TlsSettings | None = None
    source_address: str | None = None
    origin: str = "the caller"

    def __post_init__(self) -> None:
        if not self.addresses:
            raise ConfigurationError(
                "there is no address of the StorPool API: set SP_API_HTTP_HOST"
            )
        # A header with anything else in it would not be sent, and the
        # complaint of the HTTP library shows the header.
        if _TOKEN.fullmatch(self.token) is None:
            raise ConfigurationError(
                f"SP_AUTH_TOKEN from {self.origin} is empty or has a"
                " character that is not printable ASCII: copy it again from"
                " the StorPool cluster"
            )


def port_of(text: str) -> int:
    """Read the number of a TCP port.

    :raises ConfigurationError: it is none.
    """
    if text.isdecimal() and text.isascii() and 0 < int(text) < 65536:
        return int(text)
    raise ConfigurationError(
        f"{text!r} is no TCP port: write a number from 1 to 65535"
    )
