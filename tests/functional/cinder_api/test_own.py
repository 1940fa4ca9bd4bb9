# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder's functional tests; what is left out has a reason.

``test_group_replication``
    It wants groups that are replicated, which this driver has none of.
``test_default_types``, ``test_extensions``, ``test_login``,
``test_middleware``, ``api_sample_tests``
    They ask the REST API for what no driver takes part in.
"""

from cinder.tests.functional import test_group_snapshots
from cinder.tests.functional import test_groups
from cinder.tests.functional import test_volumes

from tests.functional.cinder_api import base


class VolumesTest(base.WithOurDriver, test_volumes.VolumesTest):
    """Volumes, of types, of volumes and of snapshots."""


class GroupsTest(base.WithOurDriver, test_groups.GroupsTest):
    """Groups."""


class GroupSnapshotsTest(
    base.WithOurDriver, test_group_snapshots.GroupSnapshotsTest
):
    """Snapshots of groups, and groups of them."""
