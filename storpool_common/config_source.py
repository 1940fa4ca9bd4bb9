# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""storpool.conf as a source of oslo.config's options.

A service that names this source in its configuration::

    [DEFAULT]
    config_source = storpool_conf
    [storpool_conf]
    driver = storpool

uses our classes (:mod:`storpool_common.hook`) and finds the variables of
storpool.conf as the options ``sp_...`` of the section ``storpool``.

oslo.config ignores a source that raises, and asks it for every option that
stands in no file; so nothing in here raises.
"""

import logging
import typing

from oslo_config import cfg
from oslo_config import sources

from storpool_common import config
from storpool_common import errors
from storpool_common import hook

GROUP = "storpool"


class StorPoolConfigurationSource(
    sources.ConfigurationSource  # type: ignore[misc]
):
    """The variables of one host, but for secrets."""

    def __init__(
        self, variables: config.Variables, registration: hook.Registration
    ) -> None:
        self._registration = registration
        self._options = {
            name.lower(): (
                # oslo.config puts options in the place of $ and a name.
                value.replace("$", "$$"),
                cfg.LocationInfo(cfg.Locations.user, variables.origin(name)),
            )
            for name, value in variables.items()
            if name.startswith("SP_") and not config.is_secret(name)
        }

    def get(
        self, group_name: str | None, option_name: str, opt: cfg.Opt
    ) -> tuple[typing.Any, cfg.LocationInfo | None]:
        """Look an option up; see the base class."""
        # Cinder and Nova read options before and after they set up their
        # logs; the first lookup after that says what came before it.
        self._registration.speak()
        if group_name == GROUP and option_name in self._options:
            return self._options[option_name]
        return sources._NoValue, None


class StorPoolConfigurationSourceDriver(
    sources.ConfigurationSourceDriver  # type: ignore[misc]
):
    """What oslo.config loads by the name ``storpool``."""

    def list_options_for_discovery(self) -> list[cfg.Opt]:
        """The source has no options of its own."""
        return []

    def open_source_from_opt_group(
        self, conf: cfg.ConfigOpts, group_name: str
    ) -> StorPoolConfigurationSource:
        """Register our classes and read storpool.conf.

        Services do this more than once, and so does the privileged helper
        of Nova and of Cinder.
        """
        registration = hook.install()
        variables = _variables(registration)
        return StorPoolConfigurationSource(variables, registration)


def _variables(registration: hook.Registration) -> config.Variables:
    try:
        return config.load().values
    except errors.ConfigurationError as error:
        registration.say(
            logging.WARNING,
            f"no options are taken from storpool.conf: {error}",
        )
        return config.Variables({})
