# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the driver of Cinder's own tree would not find or understand.

It looks for a volume under the volume's id, never under ``_name_id``; knows
of a type ``storpool_template`` alone; has one cluster, that of storpool.conf;
and serves no cluster of services.
"""

from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import dataclasses
import importlib
from typing import Any

from cinder import context
from cinder import db
from cinder import objects
from cinder.volume import configuration
from cinder.volume import volume_utils
from oslo_config import cfg
from oslo_db import exception as db_exception

from cinder_storpool import doctor
from cinder_storpool import opts
from cinder_storpool import qos
from cinder_storpool import settings
from cinder_storpool import templates
from storpool_common import client
from storpool_common import config
from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.doctor.findings import warning
from storpool_common.errors import StorPoolError
from storpool_common.names import snapshot_name
from storpool_common.names import volume_name

IN_TREE = "cinder.volume.drivers.storpool.StorPoolDriver"

#: In these something is under way.
_BUSY = frozenset(
    {
        "attaching",
        "backing-up",
        "creating",
        "deleting",
        "detaching",
        "downloading",
        "extending",
        "managing",
        "restoring",
        "restoring-backup",
        "retyping",
        "reverting",
        "unmanaging",
        "updating",
        "uploading",
    }
)
#: In these there need not be an object.
_FAILED = ("error", "error_managing")


def examine(arguments: Sequence[str]) -> Iterator[Finding]:
    """Look at the back ends of ours, their volumes, and the types.

    :param arguments: those that cinder-volume is started with.
    """
    objects.register_all()
    try:
        cfg.CONF(list(arguments), project="cinder")
        db.api.configure(cfg.CONF)
        yield from findings(cfg.CONF)
    except (cfg.Error, SystemExit) as error:
        yield failed(
            "configuration",
            f"cinder: {error}",
            "give the --config-file and --config-dir of cinder-volume",
        )
    except db_exception.DBError as error:
        yield failed(
            "records",
            f"Cinder's records cannot be read: {error}",
            "see [database] connection in the files of --config-file",
        )


def findings(conf: cfg.ConfigOpts) -> Iterator[Finding]:
    """The same, once the configuration was read."""
    conf.register_opt(cfg.StrOpt("cluster"))
    found = list(filter(None, map(_backend, conf.enabled_backends or ())))
    if not found:
        yield failed(
            "back ends",
            "none of enabled_backends is one of this driver",
            "run this where cinder-volume runs, with its --config-file, and"
            f" before volume_driver = {doctor.DRIVER} is changed",
        )
        return
    for backend in found:
        yield from backend.findings()
    yield from _types()


def _backend(name: str) -> "Backend | None":
    """The back end of a section; None where it is none of ours."""
    conf = cfg.CONF
    conf.register_opt(cfg.StrOpt("backend_host"), group=name)
    # It can be imported once objects.register_all() was called.
    manager = importlib.import_module("cinder.volume.manager")
    section = configuration.Configuration(
        manager.volume_backend_opts, config_group=name
    )
    if section.volume_driver != doctor.DRIVER:
        return None
    section.append_config_values(opts.OPTIONS)
    host = f"{conf[name].backend_host or conf.host}@{name}"
    cluster = (conf.cluster or "").strip()
    return Backend(
        name, host, f"{cluster}@{name}" if cluster else None, section
    )


@dataclasses.dataclass(frozen=True)
class Backend:
    """A section of cinder.conf, and the records that belong to it.

    :ivar host: of its records.
    :ivar cluster: of its records, where several services serve it.
    :ivar section: the options.
    """

    name: str
    host: str
    cluster: str | None
    section: Any

    def findings(self) -> Iterator[Finding]:
        """What is to be done about it."""
        yield from self._configuration()
        try:
            found = settings.load(self.section)
            with contextlib.closing(client.Client(found.api)) as cluster:
                volumes = {each.name for each in cluster.volumes_list()}
                snapshots = {
                    each.name
                    for each in cluster.snapshots_list()
                    if not each.deleted
                }
        except StorPoolError as error:
            yield failed(
                f"back end {self.name}",
                str(error),
                "see what storpool-openstack doctor --service cinder says",
            )
            return
        yield from self._records(found.volume_prefix, volumes, snapshots)

    def _records(
        self, prefix: str, volumes: set[str], snapshots: set[str]
    ) -> Iterator[Finding]:
        admin = context.get_admin_context()
        filters = (
            {"cluster_name": self.cluster}
            if self.cluster
            else {"host": self.host}
        )
        ours = objects.VolumeList.get_all(admin, filters=filters)
        taken = objects.SnapshotList.get_all(admin, filters=filters)
        found = [
            *_of_each(_Volumes(prefix, volumes), ours),
            *_of_each(_Snapshots(prefix, snapshots), taken),
        ]
        groups = objects.GroupList.get_all(admin, filters=filters)
        yield from map(_of_group, filter(_is_consistent, groups))
        yield from found
        yield ok(
            f"back end {self.name}",
            f"{len(ours)} volumes and {len(taken)} snapshots were looked at;"
            f" work is to be done for {len(found)}",
        )

    def _configuration(self) -> Iterator[Finding]:
        """Of its options, those that the other driver has not."""
        check = f"back end {self.name}"
        if self.cluster:
            yield failed(
                check,
                f"{self.cluster} is a cluster of services, and {IN_TREE}"
                " serves none",
                "leave one service running, take cluster out of its"
                " cinder.conf, run cinder-manage cluster rename"
                f" {self.cluster} '', and give each volume the host of that"
                " service with cinder-manage volume update_host",
            )
        if self.section.storpool_api_addresses:
            yield failed(
                check,
                "storpool_api_addresses names its cluster, and that driver"
                " has the one of storpool.conf",
                "let cinder-volume run on a host whose storpool.conf is of"
                " this cluster",
            )
        prefix = self.section.storpool_volume_prefix
        if prefix is not None and prefix != _host_prefix():
            yield failed(
                check,
                f"storpool_volume_prefix = {prefix} is not the prefix of"
                " storpool.conf, which that driver takes",
                f"set SP_OPENSTACK_VOLUME_PREFIX = {prefix} in storpool.conf"
                " of every host",
            )
        if self.section.storpool_tag_instances:
            yield warning(
                check,
                "the tags osvm and disk of attached volumes will stay when"
                " they are detached",
                "set storpool_tag_instances = False, and detach and attach"
                " them before",
            )
        yield from self._classes(check)

    def _classes(self, check: str) -> Iterator[Finding]:
        if self.section.storpool_qos_class:
            yield warning(
                check,
                "new volumes will have no class of storpool_qos_class",
                "give the template limits of its own",
            )
        if self.section.storpool_template_as_qos_class:
            yield warning(
                check,
                "new volumes will not have their template's name as a class,"
                " for which storpool_template_as_qos_class is",
                "see that the QoS service takes each such template for the"
                " class of that name, or give it limits of its own",
            )


def _is_consistent(group: Any) -> bool:
    return bool(volume_utils.is_group_a_cg_snapshot_type(group))


def _of_group(group: Any) -> Finding:
    return warning(
        f"group {group.id}",
        "its snapshots will not be of one instant any more",
        "where that matters, stop what writes to its volumes before",
    )


def _host_prefix() -> str | None:
    """The prefix of storpool.conf; None where there is no such file."""
    try:
        return config.load().volume_prefix
    except StorPoolError:
        return None


def _of_each(kind: Any, records: Any) -> Iterator[Finding]:
    for record in records:
        finding = kind.finding(record)
        if finding is not None:
            yield finding


@dataclasses.dataclass(frozen=True)
class _Volumes:
    """Judges volumes.

    :ivar present: names of the volumes in the cluster.
    """

    prefix: str
    present: set[str]

    def finding(self, volume: Any) -> Finding | None:
        """What is to be done about a volume, None for nothing."""
        check = f"volume {volume.id}"
        if volume.migration_status not in (None, "success", "error"):
            return failed(
                check,
                f"it migrates ({volume.migration_status})",
                "wait until it has ended: that driver would lose the data",
            )
        if volume.status in _BUSY:
            return failed(check, f"it is {volume.status}", "wait for the end")
        actual = volume_name(self.prefix, volume.name_id)
        if actual not in self.present:
            if volume.status in _FAILED:
                return None
            return failed(
                check,
                f"the cluster has no {actual}",
                "find the data, or delete the volume",
            )
        if volume.name_id == volume.id:
            return None
        return self._renamed(check, volume, actual)

    def _renamed(self, check: str, volume: Any, actual: str) -> Finding:
        """A migration left the data under another name."""
        wanted = volume_name(self.prefix, volume.id)
        found = f"its data is {actual}, and that driver looks for {wanted}"
        if wanted in self.present:
            return failed(
                check,
                f"{found}, which is there too",
                f"find out whose {wanted} is, and rename it; then look again",
            )
        steps = (
            f"stop cinder-volume; storpool-openstack api VolumeUpdate {actual}"
            f' --json \'{{"rename": "{wanted}"}}\'; in the table volumes of'
            " Cinder's database, let its _name_id be NULL"
        )
        if volume.status != "available":
            return failed(
                check, f"{found}; it is {volume.status}", f"detach it; {steps}"
            )
        return failed(check, found, steps)


@dataclasses.dataclass(frozen=True)
class _Snapshots:
    """Judges snapshots.

    :ivar present: names of the snapshots in the cluster.
    """

    prefix: str
    present: set[str]

    def finding(self, snapshot: Any) -> Finding | None:
        """What is to be done about a snapshot, None for nothing."""
        check = f"snapshot {snapshot.id}"
        if snapshot.status in _BUSY:
            return failed(
                check, f"it is {snapshot.status}", "wait for the end"
            )
        name = snapshot_name(self.prefix, snapshot.id)
        if name in self.present or snapshot.status in _FAILED:
            return None
        return failed(
            check,
            f"the cluster has no {name}",
            "find the data, or delete the snapshot",
        )


def _types() -> Iterator[Finding]:
    """Types whose new volumes would be others."""
    every = objects.VolumeTypeList.get_all(context.get_admin_context())
    for each in every:
        yield from _of_type(each)


def _of_type(volume_type: Any) -> Iterator[Finding]:
    specs = volume_type.extra_specs or {}
    check = f"volume type {volume_type.name}"
    template = templates.scoped_template(volume_type)
    if template is not None and specs.get(templates.SPEC) != template:
        yield warning(
            check,
            f"new volumes will not be in {templates.SCOPED_SPEC} = {template}",
            f"set {templates.SPEC} = {template} too",
        )
    limits = qos.specs_of(volume_type)
    if limits:
        yield warning(
            check,
            f"new volumes will not have the {', '.join(limits)} that it says",
            "give a template these limits, and name it in"
            f" {templates.SPEC}; volumes that are there keep theirs",
        )
