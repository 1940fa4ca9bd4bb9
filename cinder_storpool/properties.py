# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What ``cinder get-capabilities`` tells of our extra specs."""

from collections.abc import Callable
from collections.abc import Sequence
from typing import Any

from cinder_storpool import qos
from cinder_storpool import templates

#: What Cinder puts before the colon.
VENDOR = "storpool"

Properties = dict[str, Any]


def describe(
    set_property: Callable[..., None],
    known_templates: Sequence[str],
    qos_classes: Sequence[str],
) -> Properties:
    """Every extra spec that a type may have.

    :param set_property: the base class's way to describe one.
    :param known_templates: those of the cluster.
    :param qos_classes: ``storpool_qos_classes``; empty where any is good.
    """
    properties: Properties = {}
    set_property(
        properties,
        templates.SCOPED_SPEC,
        "StorPool template",
        "The template of the volumes, whatever pool the scheduler chooses.",
        "string",
        enum=list(known_templates),
    )
    set_property(
        properties,
        qos.SCOPE + qos.QOS_CLASS,
        "QoS class",
        "A class of StorPool's QoS service, in place of limits.",
        "string",
        **({"enum": list(qos_classes)} if qos_classes else {}),
    )
    set_property(
        properties,
        qos.SCOPE + qos.IOPS,
        "Requests per second",
        "A limit for each volume, or for each GiB of it.",
        "integer",
        minimum=1,
    )
    set_property(
        properties,
        qos.SCOPE + qos.BANDWIDTH,
        "Bandwidth in KB/s",
        "A limit for each volume, or for each GiB of it.",
        "integer",
        minimum=1,
    )
    set_property(
        properties,
        qos.SCOPE + qos.LIMIT_TYPE,
        "What limits are for",
        "The volume as a whole, or each GiB of it.",
        "string",
        enum=[qos.TOTAL, qos.PER_GIB],
    )
    return properties
