# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Where everything of one stack lies, and on which ports it listens."""

from collections.abc import Mapping
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import secrets
import shutil
import socket
import subprocess

from tests.stack import errors

ROOT = pathlib.Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "tests/stack/templates"
LONGEST = 75
"""Bytes of a directory's name; a Unix socket's path ends at 107."""
NO_VM = "no-vm"
"""Where in a cloud's directory the one without guests is."""

INSTALLATION = ("apt", "pip", "image", "probe-kvm")
"""Logs that tell of the machine and not of one cloud."""

FIRST_PORT = 21000
PORTS = (
    "keystone", "placement", "glance", "cinder", "nova", "neutron",
    "mariadb", "rabbitmq", "rabbitmq-dist", "epmd", "simulator", "libvirt",
    "pictures", "migration",
)  # fmt: skip
BETWEEN_HOSTS = ("libvirt", "migration")
"""Used with several compute hosts only; the latter and the nine after it.

``pictures`` is where bin/tempest has what Glance fetches by itself.
"""

SMALL = ("cinder", "simulator")
"""What listens when Cinder is alone."""


def choose_ports(
    first: int, overrides: Mapping[str, int]
) -> Mapping[str, int]:
    """A port for each service: *first* and the following, or its override.

    :raises StackError: an unknown service, a port out of range or used twice
    """
    for name in overrides:
        if name not in PORTS:
            known = ", ".join(PORTS)
            raise errors.StackError(
                f"--port {name}=...: no such service; known are {known}"
            )
    ports = {name: first + number for number, name in enumerate(PORTS)}
    ports |= overrides
    for name, port in ports.items():
        if not 1024 <= port <= 65535:
            raise errors.StackError(
                f"port {port} of {name} is not between 1024 and 65535"
            )
    if len(set(ports.values())) != len(ports):
        raise errors.StackError("two services were given the same port")
    return ports


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def listener(port: int) -> str:
    """The process that listens on *port*, as ss names it."""
    command = ["ss", "-Hltnp", f"sport = :{port}"]
    try:
        line = subprocess.run(
            command, capture_output=True, text=True, check=False
        ).stdout
    except FileNotFoundError:
        return "an unknown process"
    return line.partition("users:")[2].strip() or "an unknown process"


def require_free(ports: Mapping[str, int]) -> None:
    """Refuse to start when somebody else holds one of our ports.

    :raises StackError: with the port, its holder and the options
    """
    for name, port in ports.items():
        if not is_free(port):
            raise errors.StackError(
                f"port {port} for {name} is taken by {listener(port)}: "
                f"choose another with --port {name}=N, or move all of them "
                f"with --first-port N"
            )


def default_directory(root: pathlib.Path = ROOT) -> pathlib.Path:
    """Where a checkout's cloud is when nobody says where.

    Inside it; for a checkout far down in a tree, where the paths of Unix
    sockets would be too long, in a short place that is this checkout's own.
    """
    inside = root / ".stack"
    if len(os.fsencode(inside / NO_VM)) <= LONGEST:
        return inside
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()
    return pathlib.Path(f"/var/tmp/storpool-stack-{digest[:12]}")


@dataclasses.dataclass(frozen=True)
class Layout:
    """The directories and files of one stack under one directory."""

    directory: pathlib.Path

    @classmethod
    def at(cls, directory: str | os.PathLike[str]) -> "Layout":
        """The stack in *directory*, made absolute.

        :raises StackError: the path is too long for Unix sockets in it
        """
        path = pathlib.Path(directory).resolve()
        if len(os.fsencode(path)) > LONGEST:
            raise errors.StackError(
                f"{path} is too long for Unix sockets in it (the limit is "
                f"{LONGEST} bytes): choose another with --dir"
            )
        return cls(path)

    @property
    def venv(self) -> pathlib.Path:
        return self.directory / "venv"

    @property
    def cache(self) -> pathlib.Path:
        """What a second ``up`` takes again: image, seed, stamps."""
        return self.directory / "cache"

    @property
    def run(self) -> pathlib.Path:
        """What lives as long as the cloud does; ``down`` removes it."""
        return self.directory / "run"

    @property
    def log(self) -> pathlib.Path:
        return self.directory / "log"

    @property
    def conf(self) -> pathlib.Path:
        return self.run / "conf"

    @property
    def storage(self) -> pathlib.Path:
        """The mount point of the file system under the simulator."""
        return self.run / "storage"

    @property
    def image(self) -> pathlib.Path:
        return self.cache / "guest.raw"

    @property
    def session_image(self) -> pathlib.Path:
        """The guest that is spoken to."""
        return self.cache / "session.raw"

    @property
    def storpool_conf(self) -> pathlib.Path:
        return self.conf / "storpool.conf"

    @property
    def clouds(self) -> pathlib.Path:
        return self.conf / "clouds.yaml"

    @property
    def environment(self) -> pathlib.Path:
        """The file a user sources to speak to the cloud."""
        return self.directory / "env"

    def bin(self, name: str) -> str:
        """An executable of the stack's virtual environment."""
        return str(self.venv / "bin" / name)

    def make(self) -> None:
        """Make the directories that stay."""
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in (self.cache, self.log):
            path.mkdir(exist_ok=True)

    def forget_logs(self) -> None:
        """Remove the services' logs of an earlier cloud."""
        for path in self.log.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.stem not in INSTALLATION:
                path.unlink()

    @functools.cached_property
    def secrets(self) -> Mapping[str, str]:
        """The password and keys of this stack, made at the first use."""
        path = self.directory / "secrets.json"
        if not path.exists():
            path.touch(mode=0o600)
            made = {
                "password": secrets.token_hex(12),
                "token": str(secrets.randbelow(10**18) + 10**18),
                "fixed_key": secrets.token_hex(32),
            }
            path.write_text(json.dumps(made))
        loaded: dict[str, str] = json.loads(path.read_text())
        return loaded
