# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What must hold before a backend may start.

Each check asks the cluster; what fails names the thing and the way out.
"""

from collections.abc import Sequence

from cinder import exception
from oslo_log import log as logging

from cinder_storpool import templates
from storpool_common.api.templates import VolumeTemplateDesc
from storpool_common.client import Client
from storpool_common.errors import TransportError

LOG = logging.getLogger(__name__)

_RUNNING = "running"
_REPLICATIONS = (1, 2, 3)
_NO_PARENT = ("", "-")


def check(client: Client, policy: templates.Policy, backend: str) -> None:
    """Prove that the API accepts us and that what is configured exists.

    :param backend: the backend's name, for messages.
    :raises VolumeBackendAPIException: the API cannot be reached, or the
        cluster does not run.
    :raises InvalidConfigurationValue: there is no such template, or the
        replication is none.
    :raises StorPoolError: the API refuses; its message says what to do about
        a token that it does not accept.
    """
    _check_replication(policy.replication, backend)
    _check_cluster(client, backend)
    present = client.volume_templates_list()
    if policy.template is not None:
        _check_template(present, policy.template, backend)
    _warn_of_parents(present)


def _check_replication(replication: int, backend: str) -> None:
    if replication in _REPLICATIONS:
        return
    raise exception.InvalidConfigurationValue(
        f"backend {backend}: storpool_replication = {replication}, but"
        " StorPool keeps 1, 2 or 3 copies. Set it to one of these"
    )


def _check_cluster(client: Client, backend: str) -> None:
    try:
        status = client.services_list().cluster_status
    except TransportError as error:
        raise exception.VolumeBackendAPIException(
            data=f"backend {backend}: the StorPool API cannot be reached"
            f" ({error}). See that SP_API_HTTP_HOST and SP_API_HTTP_PORT in"
            " /etc/storpool.conf on this host, or storpool_api_addresses in"
            " the backend's section, name the API, and that it runs"
        ) from error
    if status != _RUNNING:
        raise exception.VolumeBackendAPIException(
            data=f"backend {backend}: the StorPool cluster is {status!r}, not"
            " running. Bring its services up; this service then starts the"
            " backend by itself or when restarted"
        )


def _check_template(
    templates_: Sequence[VolumeTemplateDesc], template: str, backend: str
) -> None:
    present = sorted(each.name for each in templates_)
    if template in present:
        return
    raise exception.InvalidConfigurationValue(
        f"backend {backend}: storpool_template = {template}, but the StorPool"
        f" cluster has no such template; it has: {', '.join(present) or '-'}."
        " Set storpool_template to one of these, or make the template"
    )


def _warn_of_parents(templates_: Sequence[VolumeTemplateDesc]) -> None:
    """A new volume is empty, unless its template says otherwise."""
    for each in templates_:
        if each.parent_name not in _NO_PARENT:
            LOG.warning(
                "StorPool template %(template)s has the parent %(parent)s:"
                " new volumes in it start with that snapshot's data and are"
                " not empty. Whoever gets one can read it. Unless that is what"
                " you want, let no volume type name this template: make one"
                " without a parent, for StorPool takes no parent out again.",
                {"template": each.name, "parent": each.parent_name},
            )
