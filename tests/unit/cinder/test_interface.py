# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The driver has the methods that Cinder calls, with their parameters.

Cinder's compliance tests look for unbound methods and find none on
Python 3, so any class passes them.
"""

import inspect
from typing import Any

from cinder import interface
from cinder.interface import util
from cinder.interface import volume_driver
from cinder.interface import volume_group_driver
from cinder.interface import volume_manageable_driver
from cinder.interface import volume_snapshot_revert
from cinder.interface import volume_snapshotmanagement_driver
from cinder.volume import driver as base_driver
from cinder.volume.drivers import storpool as in_tree
import ddt
from oslo_config import cfg
import testtools

from cinder_storpool import driver
from cinder_storpool import opts

#: Hooks of later releases of this driver: the base class refuses them.
_OF_THE_BASE_CLASS = frozenset(
    {
        "copy_image_to_volume",
        "copy_volume_to_image",
        "before_volume_copy",
        "after_volume_copy",
        "set_initialized",
        "initialized",
        "supported",
        "set_throttle",
        "init_capabilities",
        "get_volume_stats",
    }
)


def hooks(*interfaces: type) -> list[tuple[str, Any]]:
    """What the interfaces declare."""
    return [
        (name, declared)
        for interface in interfaces
        for name, declared in vars(interface).items()
        if inspect.isfunction(declared)
    ]


INTERFACES = (
    volume_driver.VolumeDriverCore,
    volume_snapshot_revert.VolumeSnapshotRevertDriver,
    volume_group_driver.VolumeGroupDriver,
    volume_manageable_driver.VolumeManagementDriver,
    volume_manageable_driver.VolumeListManageableDriver,
    volume_snapshotmanagement_driver.VolumeSnapshotManagementDriver,
)


@ddt.ddt
class InterfaceTest(testtools.TestCase):
    @ddt.data(*hooks(*INTERFACES))
    @ddt.unpack
    def test_takes_what_cinder_passes(self, name: str, declared: Any) -> None:
        ours = getattr(driver.StorPoolDriver, name)
        if isinstance(ours, property):
            return
        wanted = inspect.signature(declared).parameters
        given = inspect.signature(ours).parameters
        takes_any = any(p.kind is p.VAR_KEYWORD for p in given.values())
        positional = [n for n in wanted if n in given]
        self.assertEqual(
            positional, [n for n in given if n in wanted], "order differs"
        )
        missing = set(wanted) - set(given)
        self.assertTrue(takes_any or not missing, missing)
        extra = [
            parameter.name
            for parameter in given.values()
            if parameter.name not in wanted
            and parameter.default is parameter.empty
            and parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        self.assertEqual([], extra)

    @ddt.data(*hooks(*INTERFACES))
    @ddt.unpack
    def test_is_ours_or_knowingly_not(self, name: str, declared: Any) -> None:
        inherited = name not in {
            method
            for cls in driver.StorPoolDriver.__mro__
            if cls.__module__.startswith("cinder_storpool.")
            for method in vars(cls)
        }
        self.assertEqual(name in _OF_THE_BASE_CLASS, inherited, name)

    @ddt.data(
        "create_export_snapshot",
        "remove_export_snapshot",
        "initialize_connection_snapshot",
        "terminate_connection_snapshot",
        "terminate_connection",
        "clean_volume_file_locks",
        "get_pool",
    )
    def test_agrees_with_the_base_class(self, name: str) -> None:
        base = inspect.signature(
            getattr(base_driver.BaseVD, name, None)
            or getattr(base_driver.VolumeDriver, name)
        )
        ours = inspect.signature(getattr(driver.StorPoolDriver, name))
        plain = [
            n
            for n, p in base.parameters.items()
            if p.kind is p.POSITIONAL_OR_KEYWORD
        ]
        self.assertEqual(plain, list(ours.parameters)[: len(plain)])

    def test_cinder_lists_it(self) -> None:
        info = util.DriverInfo(driver.StorPoolDriver)
        self.assertEqual("StorPool_distributed_storage_CI", info.ci_wiki_name)
        self.assertEqual(driver.StorPoolDriver.VERSION, info.version)
        self.assertIn(driver.StorPoolDriver, interface._volume_register)


class OptionsTest(testtools.TestCase):
    def test_both_drivers_fit_into_one_process(self) -> None:
        conf = cfg.ConfigOpts()
        conf.register_opts(in_tree.storpool_opts, group=opts.GROUP)
        conf.register_opts(opts.OPTIONS, group=opts.GROUP)

    def test_all_are_the_field_s_or_ours_by_name(self) -> None:
        for option in opts.OPTIONS:
            self.assertThat(
                option.name, testtools.matchers.StartsWith("storpool_")
            )

    def test_the_sample_has_each_once(self) -> None:
        [(group, listed)] = opts.list_opts()
        self.assertEqual("backend_defaults", group)
        shared = {option.name for option in in_tree.storpool_opts}
        self.assertEqual(set(), shared & {option.name for option in listed})
        self.assertEqual(
            {option.name for option in opts.OPTIONS},
            shared | {option.name for option in listed},
        )
