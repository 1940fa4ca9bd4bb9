# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The services' configuration files, made from tests/stack/templates."""

from collections.abc import Mapping
from collections.abc import Sequence
import os
import pathlib
import platform
import shutil
import string

from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import processes
from tests.stack import services

SERVICES = {
    "keystone.conf": "keystone",
    "placement.conf": "placement",
    "glance-api.conf": "glance",
    "neutron.conf": "neutron",
    "cinder.conf": "cinder",
    "nova.conf": "nova",
}
"""A service's file, and its user in keystone."""

OTHERS = (
    "my.cnf",
    "rabbitmq.conf",
    "clouds.yaml",
    "nova-database.conf",
    "nova-api.conf",
)
PASTE = {
    "api-paste.ini": "nova/api-paste.ini",
    "glance-api-paste.ini": "glance/glance-api-paste.ini",
}
"""Files of the wheels that must lie beside the configuration."""

PLUGINS_NAME = "tests_stack-0.dist-info"
PLUGINS = {
    "METADATA": "Metadata-Version: 2.1\nName: tests-stack\nVersion: 0\n",
    "entry_points.txt": (
        "[neutron.ml2.mechanism_drivers]\nstack = tests.stack.ml2:Driver\n"
    ),
}
"""What makes neutron find a driver of ours: files as of an installation."""

MIGRATIONS = 10
"""Ports on which QEMU waits for a guest from another host."""

MODELS = {"kvm": "Nehalem", "qemu": "Nehalem"}


def render(name: str, values: Mapping[str, str]) -> str:
    """A template with its placeholders filled in.

    :raises StackError: a placeholder has no value
    """
    text = (layout.TEMPLATES / name).read_text()
    try:
        return string.Template(text).substitute(values)
    except (KeyError, ValueError) as error:
        raise errors.StackError(
            f"template {name}: no value for {error}"
        ) from error


def _body(text: str) -> str:
    """A template without its licence lines, to be put into another."""
    return "\n".join(
        line for line in text.splitlines() if not line.startswith("# ")
    )


def values(
    place: layout.Layout,
    ports: Mapping[str, int],
    virtualization: str,
    computes: int = 1,
) -> Mapping[str, str]:
    """What the templates speak of, but for the user of each service."""
    password = place.secrets["password"]
    named = {f"port_{name}": str(port) for name, port in ports.items()}
    return named | {
        "run": str(place.run),
        "log": str(place.log),
        "conf": str(place.conf),
        "venv": str(place.venv),
        "host": platform.node(),
        "password": password,
        "fixed_key": place.secrets["fixed_key"],
        "virtualization": virtualization,
        "alone": str(computes == 1).lower(),
        "cpu_model": MODELS[virtualization],
        "auth_url": f"http://127.0.0.1:{ports['keystone']}/v3",
        "database": (
            f"mysql+pymysql://os:{password}@127.0.0.1:{ports['mariadb']}"
        ),
        "transport_url": (
            f"rabbit://os:{password}@127.0.0.1:{ports['rabbitmq']}/"
        ),
    }


def for_service(name: str, common: Mapping[str, str]) -> str:
    """The whole text of a service's configuration file."""
    own = dict(common) | {"user": SERVICES[name]}
    own["authtoken"] = _body(render("authtoken.conf", own))
    own["credentials"] = _body(render("credentials.conf", own)).strip()
    return render(name, own)


def write(place: layout.Layout, common: Mapping[str, str]) -> None:
    """Write every file into the stack's directory."""
    place.conf.mkdir(parents=True, exist_ok=True)
    for name in SERVICES:
        (place.conf / name).write_text(for_service(name, common))
    for name in OTHERS:
        (place.conf / name).write_text(render(name, common))
    for name, source in PASTE.items():
        shutil.copy(place.venv / "etc" / source, place.conf / name)
    for name, text in PLUGINS.items():
        path = plugins(place) / PLUGINS_NAME / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for directory in _directories(place):
        directory.mkdir(parents=True, exist_ok=True)
    place.environment.write_text(render("env", common))


def write_hosts(
    place: layout.Layout,
    common: Mapping[str, str],
    machines: Sequence[hosts.Host],
) -> None:
    """Write what each compute host has of its own."""
    for host in machines:
        parts = ("host",) if len(machines) == 1 else ("host", "peer")
        own = dict(common) | {
            "name": host.name,
            "number": str(host.number),
            "address": host.address,
            "directory": str(host.directory),
            "libvirt": str(host.libvirt),
            "libvirt_uri": host.libvirt_uri,
            "libvirtd_log": f"{place.log}/{host.label('libvirtd')}",
            "nova_log": f"{host.label('nova-compute')}.log",
            "last_port": str(int(common["port_migration"]) + MIGRATIONS - 1),
        }
        for name in ("libvirtd", "qemu"):
            (host.libvirt / f"etc/{name}.conf").write_text(
                "".join(render(f"{name}-{part}.conf", own) for part in parts)
            )
        (host.libvirt / "sock").mkdir()
        (host.directory / "nova/lock").mkdir(parents=True, exist_ok=True)
        host.records.mkdir(parents=True, exist_ok=True)
        if len(machines) > 1:
            (place.conf / f"{host.label('peer')}.conf").write_text(
                render("nova-peer.conf", own)
            )


def plugins(place: layout.Layout) -> pathlib.Path:
    """What neutron has on its path as well."""
    return place.conf / "plugins"


def _directories(place: layout.Layout) -> tuple[pathlib.Path, ...]:
    """What services expect to exist when they start."""
    names = (
        "glance/images", "glance/other", "glance/staging", "glance/tasks",
        "nova/instances", "nova/lock", "cinder/lock", "cinder/backup",
        "neutron/lock", "storpool-state",
    )  # fmt: skip
    return tuple(place.run / name for name in names)


def environment(place: layout.Layout) -> Mapping[str, str]:
    """What every process of the stack finds in its environment."""
    conf = str(place.conf)
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ("TERM", "TZ", "HOME", "USER", "LOGNAME")
    }
    return kept | {
        "PATH": f"{place.venv}/bin:{services.SYSTEM_PATH}",
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join((str(layout.ROOT), str(plugins(place)))),
        "PYTHONWARNINGS": "ignore",
        "no_proxy": "127.0.0.1,localhost",
        processes.MARK: str(place.directory),
        "OS_KEYSTONE_CONFIG_DIR": conf,
        "OS_PLACEMENT_CONFIG_DIR": conf,
        "OS_GLANCE_CONFIG_DIR": conf,
        "OS_NOVA_CONFIG_DIR": conf,
        "OS_NOVA_CONFIG_FILES": ";".join(
            (
                "api-paste.ini",
                "nova.conf",
                "nova-database.conf",
                "nova-api.conf",
            )
        ),
        "OS_NEUTRON_CONFIG_DIR": conf,
        "OS_NEUTRON_CONFIG_FILES": "neutron.conf",
        "STORPOOL_CONF": str(place.storpool_conf),
        "STORPOOL_STATE_DIR": f"{place.run}/storpool-state",
    }
