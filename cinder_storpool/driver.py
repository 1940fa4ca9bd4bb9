# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The StorPool volume driver of Cinder."""

# Cinder publishes no types: its decorators are Any.
# mypy: disallow-untyped-decorators=False

from cinder import interface
from cinder.volume import configuration
from oslo_config import cfg

from cinder_storpool import connection_hooks
from cinder_storpool import group_hooks
from cinder_storpool import management_hooks
from cinder_storpool import opts
from cinder_storpool import placement_hooks
from storpool_common import hook

CONF = cfg.CONF
CONF.register_opts(opts.OPTIONS, group=configuration.SHARED_CONF_GROUP)

# cinder-volume attaches volumes itself, to copy images; os-brick is to use
# our connector for it also where nobody named the configuration source.
hook.install()


@interface.volumedriver
class StorPoolDriver(
    group_hooks.GroupHooks,
    connection_hooks.ConnectionHooks,
    placement_hooks.PlacementHooks,
    management_hooks.ManagementHooks,
):
    """Volumes of a StorPool cluster.

    Several cinder-volume services may serve one backend at once: everything
    shared is on the cluster, each operation is one call under a name that
    only this volume has and may be repeated, and the one decision that
    takes more than a call, what terminate_connection may detach, is made
    under a coordination lock.

    .. code-block:: none

        Version history:
            3.0.0 - First version outside of Cinder's tree
    """

    VERSION = "3.0.0"
    CI_WIKI_NAME = "StorPool_distributed_storage_CI"
    SUPPORTS_ACTIVE_ACTIVE = True
