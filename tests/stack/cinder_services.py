# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder's API, scheduler and volume service in this process.

Messages stay in the process and need no broker, and there is no keystone.
With ``cluster`` in the configuration it is one service of a cluster of them.
"""

from collections.abc import Callable
from collections.abc import Iterable
import importlib
import sys
from typing import Any

from cheroot import wsgi
from cinder import objects
from cinder import rpc
from cinder import service
from cinder import version
import os_brick
from oslo_config import cfg
from oslo_log import log
from oslo_service import wsgi as paste

from tests.stack import wsgi as closing

CONF = cfg.CONF
TOKEN = f"admin:{32 * '0'}"
"""User and project, as Cinder's noauth middleware reads a token."""


def trusting(application: closing.Application) -> closing.Application:
    """The same application, in which everybody is the administrator.

    openstacksdk asks for the versions without a token, which Cinder's noauth
    refuses, and sends one that names no project afterwards.
    """

    def answer(
        environ: dict[str, Any], start_response: Callable[..., Any]
    ) -> Iterable[bytes]:
        environ["HTTP_X_AUTH_TOKEN"] = TOKEN
        return application(environ, start_response)

    return answer


def main() -> None:
    """Serve until the process is ended; see tests.stack.cinder_alone."""
    port = int(sys.argv.pop(1))
    importlib.import_module("cinder.common.config")  # registers options
    importlib.import_module("cinder.cmd.volume")  # and this one ``cluster``
    objects.register_all()
    CONF(sys.argv[1:], project="cinder", version=version.version_string())
    log.setup(CONF, "cinder")
    os_brick.setup(CONF)
    rpc.init(CONF)
    # The scheduler waits for what a volume service tells of itself.
    services = [
        service.Service.create(
            host=f"{CONF.host}@{backend}",
            service_name=backend,
            binary="cinder-volume",
            coordination=True,
            cluster=CONF.cluster and f"{CONF.cluster}@{backend}",
        )
        for backend in CONF.enabled_backends
    ]
    services.append(service.Service.create(binary="cinder-scheduler"))
    for one in services:
        one.start()
    # What is under way is noted with the number of the service that was
    # started last, which in a process of its own is the volume service.
    service.Service.service_id = services[0].origin_service_id
    application = paste.Loader(CONF).load_app("osapi_volume")
    server = wsgi.Server(
        ("127.0.0.1", port),
        closing.closing(trusting(application)),
        numthreads=4,
    )
    try:
        server.start()
    finally:
        server.stop()
        for one in services:
            one.stop()
