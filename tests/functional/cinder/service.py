# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""A cinder-volume of a cluster of them, in a process that may be killed.

The process runs Cinder's own VolumeManager with a database and locks that
it shares with the others. It runs the errands that it is given the names of,
and says what came of them.
"""

from collections.abc import Sequence
import dataclasses
import logging
from multiprocessing import connection
import os
import pathlib
from unittest import mock

from cinder import context
from cinder import coordination
from cinder import db
from cinder import objects
from cinder.objects import base as objects_base
from cinder.rpc import init
from cinder.service import Service
from cinder.volume import manager
from cinder.volume import rpcapi
from oslo_config import cfg

from tests.functional.cinder import errands

LOG = logging.getLogger(__name__)

DRIVER = "cinder_storpool.driver.StorPoolDriver"


@dataclasses.dataclass(frozen=True)
class Place:
    """What the services share.

    :ivar directory: has the configuration, the database, the locks and the
        log.
    """

    directory: pathlib.Path

    @property
    def cinder_conf(self) -> pathlib.Path:
        """The configuration of Cinder."""
        return self.directory / "cinder.conf"

    @property
    def storpool_conf(self) -> pathlib.Path:
        """The configuration of StorPool."""
        return self.directory / "storpool.conf"

    @property
    def log(self) -> str:
        """What the services said."""
        file = self.directory / "log"
        return file.read_text() if file.exists() else ""


def serve(
    place: Place,
    number: int,
    wanted: Sequence[str],
    ids: errands.Ids,
    answers: connection.Connection,
) -> None:
    """Be one service: start, do what is wanted, and send the ids.

    :param number: which service of the cluster it is.
    """
    logging.basicConfig(
        filename=place.directory / "log", level="INFO", force=True
    )
    running = _started(place, number)
    for name in wanted:
        LOG.info("service %s begins to %s", number, name)
        ids = {**ids, **(getattr(errands, name)(running, ids) or {})}
    answers.send(ids)


def _started(place: Place, number: int) -> errands.Service:
    os.environ["STORPOOL_CONF"] = str(place.storpool_conf)
    os.environ["STORPOOL_CONF_DIR"] = str(place.directory / "none")
    _configure(place)
    admin = context.get_admin_context()
    admin.user_id = admin.project_id = "0" * 32
    if number == 0:
        db.models.BASE.metadata.create_all(db.api.get_engine())
        _register(admin)
    Service.service_id = number
    made = manager.VolumeManager(
        volume_driver=DRIVER,
        service_name="storpool",
        host=f"host{number}@storpool",
        cluster=errands.CLUSTER,
    )
    made.init_host(added_to_cluster=False, service_id=number)
    if not made.driver.initialized:
        raise RuntimeError("the driver is not initialized")
    # Two backends of one service: nobody else listens.
    mock.patch.multiple(
        rpcapi.VolumeAPI,
        update_migrated_volume=lambda api, *args: made.update_migrated_volume(
            *args
        ),
        delete_volume=lambda api, *args: made.delete_volume(*args),
    ).start()
    return errands.Service(made, admin, number)


def _configure(place: Place) -> None:
    conf = cfg.CONF
    conf([], project="cinder", default_config_files=[str(place.cinder_conf)])
    objects.register_all()
    db.api.configure(conf)
    init(conf)
    coordination.COORDINATOR.start()


def _register(admin: context.RequestContext) -> None:
    for number in (0, 1, 2):
        made = objects.Service(
            admin,
            host=f"host{number}@storpool",
            binary="cinder-volume",
            topic="cinder-volume",
            cluster_name=errands.CLUSTER,
            rpc_current_version=manager.VolumeManager.RPC_API_VERSION,
            object_current_version=objects_base.OBJ_VERSIONS.get_current(),
        )
        made.create()
