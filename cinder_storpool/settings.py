# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Which cluster a backend is, and how it is reached.

storpool.conf says it for the host as a whole. A backend whose section of
cinder.conf says it itself does not look at that file, so one cinder-volume
can serve several clusters.
"""

import dataclasses
import pathlib
from typing import Any

from storpool_common import config
from storpool_common.errors import ConfigurationError


def load(options: Any) -> config.Configuration:
    """The configuration of a backend.

    :param options: its section of cinder.conf.
    :raises ConfigurationError: a file or value is missing or malformed.
    """
    found = _of_options(options) or config.load()
    prefix = options.storpool_volume_prefix
    if prefix is None:
        return found
    return dataclasses.replace(found, volume_prefix=prefix)


def _of_options(options: Any) -> config.Configuration | None:
    addresses = options.storpool_api_addresses
    file = options.storpool_api_token_file
    if not addresses and not file:
        return None
    if not addresses or not file:
        raise ConfigurationError(
            "storpool_api_addresses and storpool_api_token_file belong"
            " together: set both in the backend's section, or neither and use"
            " storpool.conf"
        )
    token = _token(pathlib.Path(file))
    # The environment speaks of the host's own cluster too.
    found = config.load(values={"SP_AUTH_TOKEN": token}, environ={})
    return dataclasses.replace(
        found,
        api=config.ApiSettings(
            addresses=tuple(_address(each) for each in addresses),
            token=token,
            tls=_tls(options),
            origin=file,
        ),
        cluster_id=options.storpool_cluster_id,
    )


def _address(text: str) -> config.ApiAddress:
    try:
        return config.ApiAddress.parse(text.strip())
    except ConfigurationError as error:
        raise ConfigurationError(
            f"storpool_api_addresses has {text!r}: {error}"
        ) from None


def _tls(options: Any) -> config.TlsSettings | None:
    if not options.storpool_api_tls:
        return None
    return config.TlsSettings(
        verify=options.storpool_api_tls_verify,
        ca_file=options.storpool_api_ca_file,
    )


def _token(file: pathlib.Path) -> str:
    try:
        token = file.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not ASCII text"
        raise ConfigurationError(
            f"cannot read storpool_api_token_file = {file}: {reason}. It has"
            " to hold the token alone, readable for the user that this"
            " service runs as"
        ) from None
    if not token:
        raise ConfigurationError(
            f"storpool_api_token_file = {file} is empty: write the token of"
            " the StorPool cluster into it"
        )
    return token
