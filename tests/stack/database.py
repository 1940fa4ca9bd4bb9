# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""MariaDB, the services' schemas, and a seed that saves making them again.

The seed is a copy of the stopped server's files after the first ``up`` has
made schemas, users and endpoints, with keystone's keys beside it. It is
taken again while the versions and the ports are the same.
"""

from collections.abc import Mapping
import pathlib
import shutil
import subprocess

from tests.stack import configuration
from tests.stack import layout
from tests.stack import packages
from tests.stack import processes
from tests.stack import report
from tests.stack import services

SERVER = "mariadb"
DATABASES = (
    "keystone", "placement", "glance", "cinder", "nova_api", "nova_cell0",
    "nova_cell1", "neutron",
)  # fmt: skip

FILES = {
    "keystone-manage": ("keystone.conf",),
    "placement-manage": ("placement.conf",),
    "glance-manage": ("glance-api.conf",),
    "neutron-db-manage": ("neutron.conf",),
    "cinder-manage": ("cinder.conf",),
    "nova-manage": services.NOVA,
}


class Database:
    """The MariaDB server of one stack."""

    def __init__(
        self,
        place: layout.Layout,
        table: processes.Table,
        values: Mapping[str, str],
    ) -> None:
        self._place = place
        self._table = table
        self._values = values
        self._directory = place.run / "mariadb"
        self._defaults = f"--defaults-file={place.conf}/my.cnf"
        self._seed = place.cache / "seed"

    @property
    def _fingerprint(self) -> str:
        """What the contents of the seed depend on."""
        ports = [
            f"{name}={value}"
            for name, value in sorted(self._values.items())
            if name.startswith("port_") or name == "password"
        ]
        files = packages.fingerprint(
            packages.CONSTRAINTS,
            pathlib.Path(__file__),
            layout.ROOT / "tests/stack/identity.py",
            layout.TEMPLATES / "keystone.conf",
            layout.TEMPLATES / "nova-database.conf",
        )
        return "\n".join([*ports, files])

    @property
    def has_seed(self) -> bool:
        """Whether a seed for these versions and ports is there."""
        stamp = self._seed / "stamp"
        return stamp.exists() and stamp.read_text() == self._fingerprint

    def restore(self) -> None:
        """Put the seed in place of an empty server."""
        shutil.copytree(self._seed / "data", self._directory / "data")
        shutil.copytree(self._seed / "keystone", self._place.run / "keystone")
        (self._directory / "tmp").mkdir()

    def create(self) -> None:
        """Make an empty server's files."""
        for name in ("data", "tmp"):
            (self._directory / name).mkdir(parents=True)
        packages.run_logged(
            ["mariadb-install-db", self._defaults,
             "--auth-root-authentication-method=normal", "--skip-test-db"],
            self._table.log(SERVER),
        )  # fmt: skip

    def start(self) -> None:
        """Start the server and wait until it answers."""
        self._table.start(
            SERVER,
            ["mariadbd", self._defaults],
            configuration.environment(self._place),
        )
        report.wait_for("MariaDB answers", self.answers, 60)

    def answers(self) -> bool:
        command = ["mariadb-admin", self._defaults, "ping"]
        asked = subprocess.run(command, capture_output=True, check=False)
        return asked.returncode == 0

    def grant(self) -> None:
        """Make the databases and the one user of all services."""
        password = self._place.secrets["password"]
        lines = [f"CREATE USER 'os'@'127.0.0.1' IDENTIFIED BY '{password}';"]
        for name in DATABASES:
            lines.append(f"CREATE DATABASE {name} CHARACTER SET utf8mb3;")
            lines.append(f"GRANT ALL ON {name}.* TO 'os'@'127.0.0.1';")
        subprocess.run(
            ["mariadb", self._defaults],
            input="\n".join(lines),
            text=True,
            check=True,
        )

    def make_schemas(self) -> None:
        """Create all tables, in two chains side by side."""
        report.together(self._first_chain, self._second_chain)

    def _manage(self, name: str, *arguments: str) -> None:
        command = [self._place.bin(name)]
        for file in FILES[name]:
            command += ["--config-file", str(self._place.conf / file)]
        packages.run_logged(
            [*command, *arguments],
            self._place.log / f"schema-{name}.log",
            dict(configuration.environment(self._place))
            | {"OS_BOOTSTRAP_PASSWORD": self._place.secrets["password"]},
        )

    def _first_chain(self) -> None:
        url = self._values["auth_url"]
        owner = ["--keystone-user", "root", "--keystone-group", "root"]
        for name in ("fernet-keys", "credential-keys"):
            (self._place.run / "keystone" / name).mkdir(
                mode=0o700, parents=True
            )
        self._manage("keystone-manage", "db_sync")
        self._manage("keystone-manage", "fernet_setup", *owner)
        self._manage("keystone-manage", "credential_setup", *owner)
        self._manage(
            "keystone-manage", "bootstrap",
            "--bootstrap-admin-url", url,
            "--bootstrap-internal-url", url,
            "--bootstrap-public-url", url,
            "--bootstrap-region-id", "RegionOne",
        )  # fmt: skip
        self._manage("placement-manage", "db", "sync")
        self._manage("glance-manage", "db_sync")
        self._manage("neutron-db-manage", "upgrade", "heads")

    def _second_chain(self) -> None:
        cell0 = f"{self._values['database']}/nova_cell0"
        self._manage("cinder-manage", "db", "sync")
        self._manage("nova-manage", "api_db", "sync")
        self._manage(
            "nova-manage", "cell_v2", "map_cell0",
            "--database_connection", cell0,
        )  # fmt: skip
        self._manage("nova-manage", "db", "sync")
        self._manage("nova-manage", "cell_v2", "create_cell", "--name", "one")

    def keep_seed(self) -> None:
        """Copy what was made; the server stops for that moment."""
        server = self._table.get(SERVER)
        if server is not None:
            processes.stop([server], patience=30)
        shutil.rmtree(self._seed, ignore_errors=True)
        shutil.copytree(self._directory / "data", self._seed / "data")
        shutil.copytree(self._place.run / "keystone", self._seed / "keystone")
        (self._seed / "stamp").write_text(self._fingerprint)
        self.start()
