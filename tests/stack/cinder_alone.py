# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder's API, scheduler and volume service in one process.

``python -m tests.stack.cinder_alone PORT --config-file FILE``: messages stay
in the process and need no broker, and there is no keystone either.
"""

# ruff: noqa: E402
from cinder import monkey_patch

monkey_patch.patch()

import sys

from cheroot import wsgi
from cinder import i18n

i18n.enable_lazy()

from cinder import objects
from cinder import rpc
from cinder import service
from cinder import version
from cinder.common import config  # noqa: F401  registers the options
import os_brick
from oslo_config import cfg
from oslo_log import log
from oslo_service import wsgi as paste

from tests.stack import wsgi as closing

CONF = cfg.CONF


def main() -> None:
    port = int(sys.argv.pop(1))
    objects.register_all()
    CONF(sys.argv[1:], project="cinder", version=version.version_string())
    log.setup(CONF, "cinder")
    os_brick.setup(CONF)
    rpc.init(CONF)
    services = [service.Service.create(binary="cinder-scheduler")]
    services += [
        service.Service.create(
            host=f"{CONF.host}@{backend}",
            service_name=backend,
            binary="cinder-volume",
            coordination=True,
        )
        for backend in CONF.enabled_backends
    ]
    for one in services:
        one.start()
    application = paste.Loader(CONF).load_app("osapi_volume")
    server = wsgi.Server(
        ("127.0.0.1", port), closing.closing(application), numthreads=4
    )
    try:
        server.start()
    finally:
        server.stop()
        for one in services:
            one.stop()


if __name__ == "__main__":
    main()
