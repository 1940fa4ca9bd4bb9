# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Every kind of record that has a table of its own.

Volumes and snapshots are not among them: they share one.
"""

from storpool_simulator.model.iscsi_records import IscsiBase
from storpool_simulator.model.iscsi_records import IscsiExport
from storpool_simulator.model.iscsi_records import IscsiGroup
from storpool_simulator.model.iscsi_records import IscsiInitiator
from storpool_simulator.model.iscsi_records import IscsiSession
from storpool_simulator.model.iscsi_records import IscsiTarget
from storpool_simulator.model.records import AllocationGroup
from storpool_simulator.model.records import AoeExport
from storpool_simulator.model.records import Attachment
from storpool_simulator.model.records import Bucket
from storpool_simulator.model.records import Client
from storpool_simulator.model.records import Cluster
from storpool_simulator.model.records import Disk
from storpool_simulator.model.records import Group
from storpool_simulator.model.records import Maintenance
from storpool_simulator.model.records import Record
from storpool_simulator.model.records import Server
from storpool_simulator.model.records import Template
from storpool_simulator.model.remote_records import Bridge
from storpool_simulator.model.remote_records import Export
from storpool_simulator.model.remote_records import Location
from storpool_simulator.model.remote_records import RemoteCluster

KINDS: tuple[type[Record], ...] = (
    Attachment,
    Template,
    Group,
    Disk,
    Server,
    Client,
    Cluster,
    Bucket,
    Maintenance,
    AllocationGroup,
    AoeExport,
    IscsiBase,
    IscsiGroup,
    IscsiInitiator,
    IscsiTarget,
    IscsiExport,
    IscsiSession,
    Location,
    RemoteCluster,
    Bridge,
    Export,
)

TABLES: tuple[str, ...] = tuple(kind.table for kind in KINDS)
