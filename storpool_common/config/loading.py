# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which files and variables make up the configuration of a host.

``/etc/storpool.conf`` comes first, then the files of
``/etc/storpool.conf.d`` in the order of their names; a later file wins. What
stands under the host's own name wins over what stands for every host,
whichever file it is in. The environment wins over the files.
"""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import dataclasses
import os
import pathlib
import platform

from storpool_common.config.files import EVERY_HOST
from storpool_common.config.files import read
from storpool_common.config.settings import ApiAddress
from storpool_common.config.settings import ApiSettings
from storpool_common.config.settings import DEFAULT_HOST
from storpool_common.config.settings import DEFAULT_PORT
from storpool_common.config.settings import port_of
from storpool_common.config.settings import TlsSettings
from storpool_common.config.variables import Variables
from storpool_common.errors import ConfigurationError

#: The file that every host of a cluster has.
FILE = "/etc/storpool.conf"
#: Where an installation adds to it.
DIRECTORY = "/etc/storpool.conf.d"
#: Variables that the environment may set; no other is looked at.
ENVIRONMENT = ("SP_AUTH_TOKEN", "SP_API_HTTP_HOST", "SP_API_HTTP_PORT")
STATE_DIRECTORY = "/var/lib/storpool-openstack"
VOLUME_PREFIX = "os"

_TRUE = frozenset({"1", "y", "yes", "true", "on"})
_FALSE = frozenset({"", "0", "n", "no", "false", "off"})


@dataclasses.dataclass(frozen=True)
class Configuration:
    """What storpool.conf says to one host.

    :ivar api: how to reach the API.
    :ivar host: the host whose configuration this is.
    :ivar client_id: its number among the clients of the cluster; None for
        a host that attaches nothing.
    :ivar cluster_id: which cluster the file belongs to, if it says so.
    :ivar volume_prefix: first part of the names that we give.
    :ivar state_dir: where this host's records are kept.
    :ivar values: the variables that hold for this host.
    """

    api: ApiSettings
    host: str
    client_id: int | None = None
    cluster_id: str | None = None
    volume_prefix: str = VOLUME_PREFIX
    state_dir: str = STATE_DIRECTORY
    values: Variables = dataclasses.field(
        default_factory=lambda: Variables({}), repr=False
    )
    _hosts: Mapping[str, Variables] = dataclasses.field(
        default_factory=dict, repr=False
    )

    def client_id_of(self, host: str) -> int | None:
        """The client number of a host, by that host's section.

        :returns: None where no file has a section, or a number in it.
        :raises ConfigurationError: what stands there is no client number.
        """
        if host == self.host:
            return self.client_id
        return _client_id(self._hosts.get(host, Variables({})), host)


def load(
    *,
    host: str | None = None,
    environ: Mapping[str, str] = os.environ,
    values: Mapping[str, str] | None = None,
) -> Configuration:
    """Read the configuration of a host.

    :param host: whose; None for the one this runs on.
    :param environ: ``SP_AUTH_TOKEN``, ``SP_API_HTTP_HOST`` and
        ``SP_API_HTTP_PORT`` in it win over the files; ``STORPOOL_CONF`` and
        ``STORPOOL_CONF_DIR`` name other files, ``STORPOOL_STATE_DIR``
        another place for the records.
    :param values: variables to take instead of reading any file.
    :raises ConfigurationError: a file or a value is missing or malformed.
    """
    own = host or platform.node()
    sections = _read(environ) if values is None else {}
    everywhere = sections.get(EVERY_HOST, Variables({}))
    if values is not None:
        everywhere = _variables(values, "the given values")
    overriding = _variables(
        {name: environ[name] for name in ENVIRONMENT if environ.get(name)},
        "the environment",
    )
    here = sections.get(own, Variables({})).over(everywhere)
    return _configuration(overriding.over(here), own, environ, sections)


def _configuration(
    variables: Variables,
    host: str,
    environ: Mapping[str, str],
    hosts: Mapping[str, Variables],
) -> Configuration:
    state = environ.get("STORPOOL_STATE_DIR")
    return Configuration(
        api=_api(variables, environ),
        host=host,
        client_id=_client_id(variables, host),
        cluster_id=variables.get("SP_CLUSTER_ID") or None,
        volume_prefix=(
            variables.get("SP_OPENSTACK_VOLUME_PREFIX") or VOLUME_PREFIX
        ),
        state_dir=(
            state or variables.get("SP_OPENSTACK_STATE_DIR") or STATE_DIRECTORY
        ),
        values=variables,
        _hosts=hosts,
    )


def _read(environ: Mapping[str, str]) -> Mapping[str, Variables]:
    merged: dict[str, Variables] = {}
    for path in _paths(environ):
        for section, values in read(path).items():
            before = merged.get(section, Variables({}))
            merged[section] = _variables(values, str(path)).over(before)
    return merged


def _paths(environ: Mapping[str, str]) -> Sequence[pathlib.Path]:
    first = pathlib.Path(environ.get("STORPOOL_CONF") or FILE)
    directory = pathlib.Path(environ.get("STORPOOL_CONF_DIR") or DIRECTORY)
    try:
        names = sorted(os.listdir(directory))
    except FileNotFoundError:
        names = []
    except OSError as error:
        raise ConfigurationError(
            f"cannot read the directory {directory}: {error.strerror}"
        ) from error
    return [
        first,
        *(
            directory / name
            for name in names
            if name.endswith(".conf") and not name.startswith(".")
        ),
    ]


def _variables(values: Mapping[str, str], origin: str) -> Variables:
    return Variables(values, dict.fromkeys(values, origin))


def _api(variables: Variables, environ: Mapping[str, str]) -> ApiSettings:
    token = variables.get("SP_AUTH_TOKEN")
    if not token:
        raise ConfigurationError(
            "SP_AUTH_TOKEN is not set: put it into"
            f" {environ.get('STORPOOL_CONF') or FILE} or into the environment"
        )
    return ApiSettings(
        addresses=_addresses(variables),
        token=token,
        tls=_tls(variables),
        source_address=variables.get("SP_OPENSTACK_API_SOURCE") or None,
        origin=variables.origin("SP_AUTH_TOKEN"),
    )


def _addresses(variables: Variables) -> tuple[ApiAddress, ...]:
    hosts = variables.get("SP_API_HTTP_HOST") or DEFAULT_HOST
    with _naming("SP_API_HTTP_PORT", variables):
        port = port_of(variables.get("SP_API_HTTP_PORT") or str(DEFAULT_PORT))
    with _naming("SP_API_HTTP_HOST", variables):
        return tuple(
            ApiAddress.parse(host.strip(), port)
            for host in hosts.split(",")
            if host.strip()
        )


def _tls(variables: Variables) -> TlsSettings | None:
    if not _flag(variables, "SP_OPENSTACK_API_TLS", default="0"):
        return None
    return TlsSettings(
        verify=_flag(variables, "SP_OPENSTACK_API_TLS_VERIFY", default="1"),
        ca_file=variables.get("SP_OPENSTACK_API_TLS_CA_FILE") or None,
    )


def _flag(variables: Variables, name: str, *, default: str) -> bool:
    text = variables.get(name, default).lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ConfigurationError(
        f"{name}={text} from {variables.origin(name)}: write 1 or 0"
    )


def _client_id(variables: Variables, host: str) -> int | None:
    text = variables.get("SP_OURID")
    if not text:
        return None
    if text.isascii() and text.isdecimal() and 0 < int(text) < 4096:
        return int(text)
    raise ConfigurationError(
        f"SP_OURID={text} of the host {host}, from"
        f" {variables.origin('SP_OURID')}: the number of a client is between"
        " 1 and 4095"
    )


@contextlib.contextmanager
def _naming(name: str, variables: Variables) -> Iterator[None]:
    """Put a variable and where it was set before a complaint about it."""
    try:
        yield
    except ConfigurationError as error:
        raise ConfigurationError(
            f"{name} from {variables.origin(name)}: {error}"
        ) from error
