# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What tempest needs: an environment, a workspace, things in the cloud."""

from collections.abc import Mapping
import contextlib
import shutil
import sys
from typing import Any

from tests.stack import cloud
from tests.stack import configuration
from tests.stack import layout
from tests.stack import network
from tests.stack import packages
from tests.stack import services
from tests.stack.tempest import pictures

REQUIREMENTS = layout.ROOT / "tests/stack/requirements-tempest.txt"
ALTERNATIVE = "tiny-alternative"
DRIVE = {"img_config_drive": "mandatory"}
"""A guest reads its address and its user's key from it; it does not move to
another host."""


class Environment:
    """tempest's own virtual environment."""

    def __init__(self, place: layout.Layout) -> None:
        self._venv = place.directory / "tempest-venv"
        self._log = place.log / "pip-tempest.log"
        self._stamp = self._venv / "stack-stamp"
        self._wanted = packages.fingerprint(REQUIREMENTS, packages.CONSTRAINTS)

    def bin(self, name: str) -> str:
        """One of its executables."""
        return str(self._venv / "bin" / name)

    def prepare(self) -> str:
        """Make it, unless it was made from these very files before.

        :return: what was done, in a few words
        :raises StackError: pip failed
        """
        if self._stamp.exists() and self._stamp.read_text() == self._wanted:
            return "all there"
        packages.run_logged(
            [sys.executable, "-m", "venv", self._venv], self._log
        )
        packages.run_logged(
            [self.bin("python"), "-m", "pip", "install",
             "--disable-pip-version-check",
             "-c", packages.CONSTRAINTS, "-r", REQUIREMENTS],
            self._log,
        )  # fmt: skip
        self._stamp.write_text(self._wanted)
        return "installed"


class Workspace:
    """The directory that tempest runs in, and what it finds in the cloud.

    :param computes: how many compute hosts there are
    :param sessions: whether guests can be spoken to
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        environment: Environment,
        computes: int,
        sessions: bool,
    ) -> None:
        self._place = place
        self._sessions = sessions
        self._ports = ports
        self._environment = environment
        self._computes = computes
        self._clean = contextlib.ExitStack()
        self.directory = place.run / "tempest"

    def make(self) -> None:
        """Upload images, make a second flavor, write the configuration.

        :raises StackError: tempest refused
        """
        connection = cloud.connect(self._place)
        values = {
            **configuration.values(self._place, self._ports, "qemu"),
            "tempest": str(self.directory),
            "computes": str(self._computes),
            "several": str(self._computes > 1).lower(),
            "flavor": connection.compute.find_flavor(cloud.FLAVOR).id,
            "flavor_alt": self._second_flavor(connection),
            "image_file": str(self._place.session_image),
            "image_properties": ",".join(
                f"{name}:{value}" for name, value in self._properties.items()
            ),
            "image": self._picture(connection, "tempest"),
            "image_alt": self._picture(connection, "tempest-alternative"),
            "picture": self._served_picture(),
            "backends": ",".join(services.TEMPLATES),
            **self._network(connection),
        }
        self._forget()
        # Glance's catalogue of properties; what is there already stays.
        packages.run_logged(
            [self._place.bin("glance-manage"),
             "--config-file", self._place.conf / "glance-api.conf",
             "db_load_metadefs", self._place.venv / "etc/glance/metadefs"],
            self._place.log / "tempest-init.log",
        )  # fmt: skip
        packages.run_logged(
            [self._environment.bin("tempest"), "init", self.directory],
            self._place.log / "tempest-init.log",
            self.variables(),
        )
        (self.directory / "etc/tempest.conf").write_text(
            configuration.render("tempest.conf", values)
        )

    @property
    def _properties(self) -> dict[str, str]:
        """Of the images."""
        return DRIVE if self._sessions else {}

    def _network(self, connection: Any) -> dict[str, str]:
        if not self._sessions:
            return {"sessions": "false", "network": "", "network_id": ""}
        found = connection.network.find_network(network.NAME)
        return {
            "sessions": "true",
            "network": network.NAME,
            "network_id": found.id,
        }

    def _forget(self) -> None:
        """Remove the workspace of an earlier run, which tempest refuses."""
        for path in (self.directory, self._place.run / ".tempest"):
            shutil.rmtree(path, ignore_errors=True)

    def variables(self) -> dict[str, str]:
        """What tempest's processes find in their environment."""
        return {
            # It keeps a list of workspaces in the home directory.
            "HOME": str(self._place.run),
            "no_proxy": "127.0.0.1",
            # Else it tells of its first tests when it ends.
            "PYTHONUNBUFFERED": "1",
        }

    def _second_flavor(self, connection: Any) -> str:
        # An earlier run that was killed has left it.
        before = connection.compute.find_flavor(ALTERNATIVE)
        if before is not None:
            connection.compute.delete_flavor(before)
        made = connection.compute.create_flavor(
            name=ALTERNATIVE, ram=cloud.MEMORY_MIB + 32, vcpus=1, disk=1
        )
        self._clean.callback(connection.compute.delete_flavor, made.id)
        identity: str = made.id
        return identity

    def _picture(self, connection: Any, name: str) -> str:
        made = connection.create_image(
            name,
            filename=str(self._place.session_image),
            disk_format="raw",
            container_format="bare",
            wait=True,
            visibility="public",
            **self._properties,
        )
        self._clean.callback(connection.image.delete_image, made.id)
        identity: str = made.id
        return identity

    def _served_picture(self) -> str:
        directory = self._place.run / "pictures"
        directory.mkdir(exist_ok=True)
        packages.run_logged(
            ["qemu-img", "convert", "-O", "qcow2", self._place.session_image,
             directory / pictures.NAME],
            self._place.log / "tempest-init.log",
        )  # fmt: skip
        address: str = self._clean.enter_context(
            pictures.served(directory, self._ports["pictures"])
        )
        return address

    def close(self) -> None:
        """Remove from the cloud what was made for it."""
        self._clean.close()
