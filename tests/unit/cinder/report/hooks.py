# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Cinder asks of a driver, and how many API calls it may take.

Where Cinder's manager does something around the driver (snapshots before a
revert, one snapshot after the other for a group), it is the manager that is
asked.
"""

from collections.abc import Callable
import dataclasses
from typing import Any

from tests.unit.cinder import base
from tests.unit.cinder.report import arranged

#: A test with a started manager and its driver.
Case = Any

_DATA = "test_data.DataTest."


@dataclasses.dataclass(frozen=True)
class Hook:
    """Something that Cinder asks for.

    :ivar title: in the words of the page.
    :ivar limit: API calls that it may take.
    :ivar prepare: arranges; what it asks of the API is not counted.
    :ivar run: asks, given what ``prepare`` returned.
    :ivar seen: the test in tests/functional/cinder that sees the data
        through a block device; empty where no data is concerned.
    :ivar right: whether the cluster is afterwards as it was asked to be.
    """

    title: str
    limit: int
    prepare: Callable[[Case], Any]
    run: Callable[[Case, Any], Any]
    seen: str = ""
    right: Callable[[Case, Any], bool] = lambda case, state: True


def _group_snapshots() -> tuple[Hook, ...]:
    return tuple(
        Hook(
            f"snapshot of a group of {count}",
            1,
            lambda case, count=count: arranged.make_group(case, count),
            lambda case, group: case.manager.create_group_snapshot(
                case.admin, group[2]
            ),
            f"{_DATA}test_a_group_at_one_instant",
        )
        for count in (1, 10, 100)
    )


HOOKS = (
    Hook(
        "create a volume",
        1,
        arranged.make_record,
        lambda case, volume: case.driver.create_volume(volume),
        f"{_DATA}test_deleted_and_made_again_it_is_empty",
    ),
    Hook(
        "clone a volume",
        1,
        lambda case: (arranged.make_volume(case), arranged.make_record(case)),
        arranged.clone,
        f"{_DATA}test_a_clone",
    ),
    Hook(
        "make a volume of an image that a volume of the cluster holds",
        1,
        arranged.image_and_record,
        arranged.clone_image,
        "test_image_path.ImagePathTest"
        ".test_cloned_from_a_volume_that_holds_it",
    ),
    Hook(
        "clone a volume into another template",
        1,
        lambda case: (arranged.make_volume(case), arranged.in_nvme(case)),
        arranged.clone,
        f"{_DATA}test_a_clone_into_another_template",
        lambda case, pair: arranged.is_in_nvme(case, pair[1]),
    ),
    Hook(
        "create a volume from a snapshot",
        1,
        lambda case: (*arranged.snapped(case), arranged.make_record(case)),
        arranged.child,
        f"{_DATA}test_a_volume_of_a_snapshot",
    ),
    Hook(
        "the same into another template",
        1,
        lambda case: (*arranged.snapped(case), arranged.in_nvme(case)),
        arranged.child,
        f"{_DATA}test_a_volume_of_a_snapshot_in_another_template",
        lambda case, three: arranged.is_in_nvme(case, three[2]),
    ),
    Hook(
        "delete a volume",
        1,
        arranged.make_volume,
        lambda case, volume: case.driver.delete_volume(volume),
        f"{_DATA}test_deleted_and_made_again_it_is_empty",
    ),
    Hook(
        "extend a volume",
        1,
        arranged.make_volume,
        arranged.extend,
        f"{_DATA}test_extension_of_what_is_open",
    ),
    Hook(
        "extend an attached volume",
        1,
        arranged.attached,
        arranged.extend,
        f"{_DATA}test_extension_of_what_is_open",
    ),
    Hook(
        "take a snapshot",
        1,
        arranged.to_be_snapped,
        arranged.taken,
        f"{_DATA}test_a_volume_of_a_snapshot",
    ),
    Hook(
        "delete a snapshot",
        1,
        arranged.snapped,
        lambda case, both: case.driver.delete_snapshot(both[1]),
        f"{_DATA}test_without_its_snapshot_a_volume_keeps_its_data",
    ),
    Hook(
        "revert to a snapshot",
        2,
        arranged.snapped,
        arranged.revert,
        f"{_DATA}test_revert",
    ),
    Hook(
        "retype into another template",
        1,
        arranged.make_volume,
        arranged.retype,
        f"{_DATA}test_another_type_and_pool_while_it_is_open",
        arranged.is_in_nvme,
    ),
    Hook(
        "migrate into another pool",
        1,
        arranged.make_volume,
        arranged.migrate,
        f"{_DATA}test_another_type_and_pool_while_it_is_open",
    ),
    Hook(
        "finish a migration within the cluster",
        1,
        lambda case: (arranged.make_volume(case), arranged.make_volume(case)),
        lambda case, pair: case.driver.update_migrated_volume(
            case.admin, *pair, "available"
        ),
        f"{_DATA}test_migrated_it_is_the_copy_that_is_kept",
    ),
    *_group_snapshots(),
    Hook(
        "delete a group snapshot of 10",
        10,
        lambda case: arranged.snapped_group(case, 10),
        lambda case, group: case.manager.delete_group_snapshot(
            case.admin, group[2]
        ),
    ),
    Hook(
        "create a group of 10 from a group snapshot",
        10,
        lambda case: arranged.snapped_group(case, 10),
        arranged.copy_snapped_group,
        f"{_DATA}test_a_group_at_one_instant",
    ),
    Hook(
        "copy a group of 10",
        21,
        lambda case: arranged.snapped_group(case, 10),
        arranged.copy_group,
        f"{_DATA}test_a_group_at_one_instant",
    ),
    Hook(
        "say how to attach",
        1,
        arranged.make_volume,
        lambda case, volume: case.driver.initialize_connection(
            volume, base.COMP1
        ),
        f"{_DATA}test_a_clone",
    ),
    Hook(
        "end an attachment",
        1,
        arranged.attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, base.COMP1
        ),
        right=arranged.is_nowhere,
    ),
    Hook(
        "end all attachments by force",
        1,
        arranged.attached,
        lambda case, volume: case.driver.terminate_connection(
            volume, None, force=True
        ),
        right=arranged.is_nowhere,
    ),
    Hook(
        "manage a volume",
        3,
        arranged.foreign,
        lambda case, pair: case.driver.manage_existing(*pair),
        f"{_DATA}test_managed_and_unmanaged_it_keeps_its_data",
    ),
    Hook(
        "unmanage a volume",
        1,
        arranged.make_volume,
        lambda case, volume: case.driver.unmanage(volume),
        f"{_DATA}test_managed_and_unmanaged_it_keeps_its_data",
    ),
    Hook("list manageable volumes", 2, arranged.make_volume, arranged.listed),
    Hook(
        "manage a snapshot",
        4,
        arranged.foreign_snapshot,
        lambda case, pair: case.driver.manage_existing_snapshot(*pair),
    ),
    Hook(
        "unmanage a snapshot",
        1,
        arranged.snapped,
        lambda case, both: case.driver.unmanage_snapshot(both[1]),
    ),
    Hook(
        "list manageable snapshots",
        2,
        arranged.snapped,
        arranged.snapshots_listed,
    ),
    Hook(
        "learn global ids at the start",
        2,
        arranged.snapped,
        lambda case, both: case.driver.update_provider_info(
            [both[0]], [both[1]]
        ),
    ),
    Hook(
        "find the pool of a volume",
        1,
        arranged.make_volume,
        lambda case, volume: case.driver.get_pool(volume),
    ),
    Hook(
        "statistics",
        2,
        lambda case: None,
        lambda case, nothing: case.driver.get_volume_stats(True),
    ),
    Hook(
        "prove that the cluster works",
        3,
        lambda case: None,
        lambda case, nothing: case.driver.check_for_setup_error(),
    ),
)
