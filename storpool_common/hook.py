# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How Nova and os-brick come to use our classes.

Both keep a table of class names and look a name up when it is needed. This
puts our names into the tables when the modules that hold them are loaded, or
at once where they have been. No file of OpenStack is changed.

It runs before a service has decided between threads and eventlet, in every
process of every service. So it imports nothing but the standard library and
does nothing that can fail: a table that does not look as it did in the
releases we know is left alone, and an error line says so.
"""

from __future__ import annotations

import collections
import logging
import sys
import typing

from storpool_common.version import DISTRIBUTION
from storpool_common.version import version

if typing.TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Sequence
    import importlib.abc
    import importlib.machinery
    import types

LOG = logging.getLogger(__name__)

CONNECTOR = "os_brick_storpool.connector.StorPoolConnector"
VOLUME_DRIVER = "nova_storpool.volume.StorPoolVolumeDriver"

_REPORTS = "oslo_reports.guru_meditation_report"


class Registration:
    """A finder of modules that looks after those with a table.

    :ivar registered: our class by the module whose table names it.
    :ivar failed: what is wrong by the module whose table was left alone.
    """

    def __init__(self) -> None:
        self.registered: dict[str, str] = {}
        self.failed: dict[str, str] = {}
        self._unsaid: collections.deque[tuple[int, str]] = collections.deque()

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: types.ModuleType | None = None,
    ) -> importlib.machinery.ModuleSpec | None:
        """Find a module that we wait for as all others do, and watch it."""
        if name not in _TABLES and name != _REPORTS:
            return None
        spec = self._found_by_others(name, path, target)
        if spec is not None and spec.loader is not None:
            spec.loader = typing.cast(
                "importlib.abc.Loader", _Watched(spec.loader, self.loaded)
            )
        return spec

    def loaded(self, module: types.ModuleType) -> None:
        """Do what a module has been waited for with."""
        if module.__name__ == _REPORTS:
            _extend_reports(self, module)
        else:
            self.apply(module)

    def apply(self, module: types.ModuleType) -> None:
        """Put our class into the table of a module."""
        name = module.__name__
        try:
            before, ours = _TABLES[name](module)
        except _UnknownShape as unknown:
            self.failed[name] = str(unknown)
            self.say(
                logging.ERROR,
                f"cannot register with {name}: {unknown}; the class of that"
                " release stays in use. Update storpool-openstack",
            )
            return
        self.registered[name] = ours
        self.say(
            logging.INFO,
            f"{name} uses {ours} (was {before}) of storpool-openstack"
            f" {version()}",
        )

    def say(self, level: int, text: str) -> None:
        """Log a line now, or once the service has set its log up."""
        self._unsaid.append((level, text))
        self.speak()

    def speak(self) -> None:
        """Log what could not be logged before."""
        for _ in range(len(self._unsaid)):
            try:
                level, text = self._unsaid.popleft()
            except IndexError:  # another thread has just said it
                return
            if LOG.hasHandlers() and LOG.isEnabledFor(level):
                LOG.log(level, "StorPool: %s", text)
            else:
                self._unsaid.append((level, text))

    def report(self) -> str:
        """What a Guru Meditation Report shows."""
        lines = [f"{name}: {ours}" for name, ours in self.registered.items()]
        lines += [f"{name}: {why}" for name, why in self.failed.items()]
        return "\n".join(
            [
                f"{DISTRIBUTION} {version()}",
                *(lines or ["no table has been loaded"]),
            ]
        )

    def _found_by_others(
        self,
        name: str,
        path: Sequence[str] | None,
        target: types.ModuleType | None,
    ) -> importlib.machinery.ModuleSpec | None:
        for finder in sys.meta_path:
            if finder is self:
                continue
            spec = finder.find_spec(name, path, target)
            if spec is not None:
                return spec
        return None


class _Watched:
    """Loads a module as its own loader does, and says when it is loaded."""

    def __init__(
        self,
        loader: importlib.abc.Loader,
        loaded: Callable[[types.ModuleType], None],
    ) -> None:
        self._loader = loader
        self._loaded = loaded

    def __getattr__(self, name: str) -> typing.Any:
        return getattr(self._loader, name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Run the module, which does not see that it was watched."""
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._loaded(module)


class _UnknownShape(Exception):
    """A table is not what it was in the releases that we know."""


def install() -> Registration:
    """Register with what is loaded and with what will be.

    :returns: the one registration of this process, however often it is
        asked for.
    """
    registration = current()
    if registration is not None:
        return registration
    registration = Registration()
    sys.meta_path.insert(0, registration)
    for name in _TABLES:
        module = sys.modules.get(name)
        if module is not None:
            registration.apply(module)
    reports = sys.modules.get(_REPORTS)
    if reports is not None:
        _extend_reports(registration, reports)
    return registration


def current() -> Registration | None:
    """The registration of this process, if there is one."""
    for finder in sys.meta_path:
        if isinstance(finder, Registration):
            return finder
    return None


def _extend_reports(
    registration: Registration, reports: types.ModuleType
) -> None:
    # nova-compute loads it after it has read its configuration for the first
    # time, and Cinder before.
    text_report = getattr(reports, "TextGuruMeditation", None)
    if text_report is not None:
        text_report.register_section("StorPool", registration.report)


def _into_os_brick(module: types.ModuleType) -> tuple[str | None, str]:
    connectors = getattr(module, "unix_connector_list", None)
    if not isinstance(connectors, list):
        raise _UnknownShape("unix_connector_list is no list")
    before = _into_table(
        module, "_connector_mapping_linux", "STORPOOL", CONNECTOR
    )
    # Each connector in the list adds to what a host says of itself.
    connectors[:] = [
        CONNECTOR if name == before else name for name in connectors
    ]
    if CONNECTOR not in connectors:
        connectors.append(CONNECTOR)
    return before, CONNECTOR


def _into_nova(module: types.ModuleType) -> tuple[str | None, str]:
    before = _into_table(module, "VOLUME_DRIVERS", "storpool", VOLUME_DRIVER)
    return before, VOLUME_DRIVER


def _into_table(
    module: types.ModuleType, name: str, key: str, ours: str
) -> str | None:
    table = getattr(module, name, None)
    if not isinstance(table, dict):
        raise _UnknownShape(f"{name} is no dictionary")
    before = table.get(key)
    if before is not None and not isinstance(before, str):
        raise _UnknownShape(f"{name}[{key!r}] is no name of a class")
    table[key] = ours
    return before


_TABLES = {
    "os_brick.initiator.connector": _into_os_brick,
    "nova.virt.libvirt.driver": _into_nova,
}
