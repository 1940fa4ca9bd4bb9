# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a service that attaches through os-brick will use."""

from collections.abc import Iterator
from collections.abc import Sequence
import importlib
import os
import pathlib

from os_brick.initiator import STORPOOL
from oslo_config import cfg
from oslo_utils.importutils import import_class

from storpool_common.doctor.findings import failed
from storpool_common.doctor.findings import Finding
from storpool_common.doctor.findings import ok
from storpool_common.hook import CONNECTOR
from storpool_common.hook import current

_LINES = (
    "[DEFAULT] config_source = storpool_conf and [storpool_conf] driver ="
    " storpool"
)


def read(
    arguments: Sequence[str],
    project: str,
    program: str,
    files: Sequence[str] | None = None,
) -> Iterator[Finding]:
    """Read a service's configuration as the service does.

    :param arguments: those that it is started with.
    :param project: whose default files are read where they name none.
    :param program: the service, which may have a file of its own name there.
    :param files: its default files, where oslo.config does not look for them.
    """
    try:
        cfg.CONF(
            list(arguments),
            project=project,
            prog=program,
            default_config_files=files,
        )
    except (cfg.Error, SystemExit) as error:
        yield failed(
            "configuration",
            f"{project}: {error}",
            "give the --config-file and --config-dir of the service",
        )
        return
    files = cfg.CONF.config_file
    yield ok(
        "configuration",
        f"{project}: {', '.join(files)}" if files else f"{project}: no file",
    )
    yield _registration()


def connector() -> Iterator[Finding]:
    """Which connector os-brick makes, and what it says of this host."""
    # It is loaded here and not above: what is looked at is what it does
    # after the configuration has been read.
    factory = importlib.import_module("os_brick.initiator.connector")
    # The in-tree class cannot even be made where storpool.conf is missing.
    made = import_class(factory.get_connector_mapping()[STORPOOL])
    name = f"{made.__module__}.{made.__qualname__}"
    yield judged("os-brick connector", name, CONNECTOR)
    if CONNECTOR not in factory.unix_connector_list:
        yield failed(
            "connector properties",
            "os-brick does not ask our connector",
            f"put {_LINES} into the service's configuration",
        )
        return
    told = made.get_connector_properties(None)
    if "storpool_connector" not in told:
        yield failed(
            "connector properties",
            "this host says nothing of StorPool to Cinder",
            "see storpool.conf below",
        )
        return
    values = ", ".join(f"{key}={told[key]}" for key in sorted(told))
    yield ok("connector properties", values)


def judged(check: str, name: str, ours: str) -> Finding:
    """Whether a class that is used is the one that should be."""
    if name == ours:
        return ok(check, name)
    registration = current()
    wrong = list(registration.failed.values()) if registration else []
    if wrong:
        return failed(
            check,
            f"{name}, for {'; '.join(wrong)}",
            "update storpool-openstack",
        )
    return failed(
        check,
        f"{name} instead of {ours}",
        f"put {_LINES} into the service's configuration",
    )


def glance(arguments: Sequence[str]) -> Iterator[Finding]:
    """What glance-api will use, where its images are in Cinder.

    It is a WSGI application: it has no arguments, and takes one directory
    from its environment (Glance 33, ``glance.common.wsgi_app``).
    """
    directory = os.environ.get("OS_GLANCE_CONFIG_DIR", "/etc/glance").strip()
    files = [
        os.fspath(pathlib.Path(directory, name))
        for name in ("glance-image-import.conf", "glance-api.conf")
    ]
    present = [*filter(os.path.exists, files[:1]), files[1]]
    yield from read(arguments, "glance", "glance-api", present)
    yield from connector()


def _registration() -> Finding:
    registration = current()
    if registration is None:
        return failed(
            "registration",
            "the configuration source storpool was not loaded",
            f"put {_LINES} into the service's configuration",
        )
    return ok("registration", "by the configuration source storpool")
