# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What cinder.conf may say about a StorPool backend.

``storpool_template`` and ``storpool_replication`` are also options of the
driver that comes with Cinder. oslo.config lets two modules register one name
only when everything about the options is equal, the help included, so these
two are word for word what Cinder 29 registers.
"""

from collections.abc import Iterable

from oslo_config import cfg

#: The group that every backend's section inherits from.
GROUP = "backend_defaults"

SHARED_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.StrOpt(
        "storpool_template",
        default=None,
        help="The StorPool template for volumes with no type.",
    ),
    cfg.IntOpt(
        "storpool_replication",
        default=3,
        help="The default StorPool chain replication value.  "
        "Used when creating a volume with no specified type if "
        "storpool_template is not set.  Also used for calculating "
        "the apparent free space reported in the stats.",
    ),
)

OWN_OPTIONS: tuple[cfg.Opt, ...] = (
    cfg.BoolOpt(
        "storpool_require_connector",
        default=False,
        help="Refuse to attach a volume to a host that runs os-brick's own "
        "StorPool connector instead of the one of storpool-openstack. Set it "
        "once every compute, backup and image host has storpool-openstack "
        "installed and enabled.",
    ),
    cfg.StrOpt(
        "storpool_qos_class",
        default=None,
        help="The class of StorPool's QoS service for volumes whose type "
        "says nothing about limits.",
    ),
    cfg.ListOpt(
        "storpool_qos_classes",
        default=[],
        help="The classes that StorPool's QoS service has, with commas "
        "between them. The API does not tell them. A type or an option that "
        "names another one is refused then; if not set, any is accepted.",
    ),
    cfg.BoolOpt(
        "storpool_template_as_qos_class",
        default=False,
        help="A type that names a template and says nothing about limits "
        "gives its volumes the class of that name too, if it is one of "
        "storpool_qos_classes: they keep it when they are retyped into "
        "another template with that class.",
    ),
    cfg.BoolOpt(
        "storpool_tag_instances",
        default=False,
        help="Note the server and its device in the tags osvm and disk of an "
        "attached volume: one more call of the API for each attachment.",
    ),
    cfg.BoolOpt(
        "storpool_one_pool",
        default=False,
        help="Report the backend as one pool instead of one for each "
        "template. Volume types then choose the template alone, and the "
        "scheduler lets a retype stay where the volume is.",
    ),
    cfg.ListOpt(
        "storpool_api_addresses",
        default=[],
        help="Where the StorPool API of this backend's cluster listens: "
        "host, host:port or [ipv6]:port, several with commas between them. "
        "With storpool_api_token_file it takes the place of storpool.conf.",
    ),
    cfg.StrOpt(
        "storpool_api_token_file",
        default=None,
        help="A file that holds the token of the StorPool API, and nothing "
        "else.",
    ),
    cfg.BoolOpt(
        "storpool_api_tls",
        default=False,
        help="Reach storpool_api_addresses by HTTPS.",
    ),
    cfg.BoolOpt(
        "storpool_api_tls_verify",
        default=True,
        help="Refuse an API whose certificate is not valid for its address.",
    ),
    cfg.StrOpt(
        "storpool_api_ca_file",
        default=None,
        help="PEM file with the authorities to trust for HTTPS; those of the "
        "system if not set.",
    ),
    cfg.StrOpt(
        "storpool_cluster_id",
        default=None,
        regex=r"^[a-z0-9]+\.[a-z0-9]+$",
        help="The SP_CLUSTER_ID of the cluster at storpool_api_addresses.",
    ),
    cfg.StrOpt(
        "storpool_volume_prefix",
        default=None,
        regex=r"^[A-Za-z0-9_.:-]{1,64}$",
        help="First part of the names of this backend's volumes and "
        "snapshots, in place of SP_OPENSTACK_VOLUME_PREFIX. It has to be what "
        "the hosts that attach them have.",
    ),
    cfg.FloatOpt(
        "storpool_api_deadline",
        default=300.0,
        min=1.0,
        help="How long one call of the StorPool API may take in all, retries "
        "included, in seconds.",
    ),
)

OPTIONS: tuple[cfg.Opt, ...] = SHARED_OPTIONS + OWN_OPTIONS


def list_opts() -> Iterable[tuple[str, list[cfg.Opt]]]:
    """What the sample configuration gains from this package.

    The shared options are left to Cinder, which lists them already.
    """
    return [(GROUP, list(OWN_OPTIONS))]
