# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""storpool.conf and the environment, as one :class:`Configuration`."""

from storpool_common.config.loading import Configuration
from storpool_common.config.loading import load
from storpool_common.config.settings import ApiAddress
from storpool_common.config.settings import ApiSettings
from storpool_common.config.settings import TlsSettings
from storpool_common.config.variables import is_secret
from storpool_common.config.variables import Variables

__all__ = (
    "ApiAddress",
    "ApiSettings",
    "Configuration",
    "TlsSettings",
    "Variables",
    "is_secret",
    "load",
)
