# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What must be installed: Debian packages and one virtual environment."""

from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import hashlib
import os
import pathlib
import platform
import shutil
import subprocess
import sys

from tests.stack import errors
from tests.stack import layout

DEBIAN = (
    # the services that come from the distribution
    "mariadb-server", "rabbitmq-server",
    "libvirt-daemon", "libvirt-daemon-driver-qemu", "libvirt-clients",
    "qemu-system-x86", "qemu-utils", "cryptsetup-bin", "xfsprogs",
    # the guest image
    "busybox-static", "cpio", "dosfstools", "mtools", "syslinux",
    "syslinux-common",
    # guests that are spoken to, and who speaks to them
    "dropbear-bin", "genisoimage", "iputils-ping",
    # libvirt-python has no wheel
    "gcc", "libc6-dev", "libvirt-dev", "pkg-config", "python3-dev",
    "python3-venv",
    # this program
    "iproute2", "procps", "git", "ca-certificates",
)  # fmt: skip

UNITS = ("mariadb", "rabbitmq-server", "epmd", "libvirtd", "virtlogd")
"""What these packages would start at the next boot, and we do not need."""

CONSTRAINTS = layout.ROOT / "upper-constraints.txt"
REQUIREMENTS = layout.ROOT / "tests/stack/requirements.txt"
SMALL_REQUIREMENTS = layout.ROOT / "tests/stack/requirements-no-vm.txt"
COMPILED = layout.ROOT / "tests/stack/requirements-compiled.txt"
POLICY = pathlib.Path("/usr/sbin/policy-rc.d")


def os_release() -> Mapping[str, str]:
    """What the distribution says of itself."""
    try:
        return platform.freedesktop_os_release()
    except OSError:
        return {}


def require_host(command: str) -> None:
    """Refuse early on a machine where the cloud cannot run.

    :param command: the command the user typed, for the way out
    :raises StackError: no root, or not Debian 12
    """
    release = os_release()
    name = release.get("PRETTY_NAME", platform.system())
    if (release.get("ID"), release.get("VERSION_ID")) != ("debian", "12"):
        raise errors.StackError(
            f"{command} installs Debian 12 packages and this is {name}: use "
            f"a Debian 12 machine, or bin/demo --no-vm, which needs none "
            f"of them"
        )
    require_root(command, "installs packages, makes loop devices and mounts")


def require_root(command: str, why: str) -> None:
    """Refuse early without root.

    :raises StackError: with the command that would do
    """
    if os.geteuid() != 0:
        raise errors.StackError(
            f"{command} {why}: run it as root (sudo {command})"
        )


def run_logged(
    command: Sequence[str | os.PathLike[str]],
    log: pathlib.Path,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a command to its end with its output in *log*.

    :raises StackError: it failed; the log is in the error
    """
    with log.open("a") as output:
        print(f"$ {' '.join(map(str, command))}", file=output, flush=True)
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | (environment or {}),
            check=False,
        )
    if done.returncode != 0:
        name = pathlib.Path(command[0]).name
        raise errors.StackError(f"{name} exited {done.returncode}", log)


def missing() -> list[str]:
    """The Debian packages that are not installed yet."""
    asked = subprocess.run(
        ["dpkg-query", "-W", "-f=${Package} ${db:Status-Status}\n", *DEBIAN],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    installed = {
        line.split()[0]
        for line in asked.splitlines()
        if line.endswith(" installed")
    }
    return [name for name in DEBIAN if name not in installed]


@contextlib.contextmanager
def _nothing_starts() -> Iterator[None]:
    """Packages start no service while they are being installed."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def install_debian(log: pathlib.Path) -> str:
    """Install what is missing, and keep it from starting at boot.

    :return: what was done, in a few words
    """
    wanted = missing()
    if not wanted:
        return "all there"
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    run_logged(["apt-get", "update"], log, environment)
    command = ["apt-get", "install", "-y", "--no-install-recommends"]
    with _nothing_starts():
        run_logged([*command, *wanted], log, environment)
    if pathlib.Path("/run/systemd/system").exists():
        _keep_disabled(log)
    return f"{len(wanted)} installed"


def _keep_disabled(log: pathlib.Path) -> None:
    """Units of packages that came just now do not start at boot."""
    for unit in UNITS:
        with log.open("a") as output:
            subprocess.run(
                ["systemctl", "disable", unit],
                stdout=output,
                stderr=output,
                check=False,
            )


def fingerprint(*paths: pathlib.Path) -> str:
    """A hash of what decides the contents of the environment."""
    digest = hashlib.sha256(sys.version.encode())
    for path in paths:
        digest.update(path.read_bytes())
    return digest.hexdigest()


class Environment:
    """The virtual environment of one stack.

    :param place: the stack's directories
    :param requirements: the file that lists what goes in
    :param extras: the extras of our own distribution
    """

    def __init__(
        self,
        place: layout.Layout,
        requirements: pathlib.Path,
        extras: Sequence[str],
    ) -> None:
        self._place = place
        self._requirements = requirements
        self._own = f"{layout.ROOT}[{','.join(extras)}]"
        self._log = place.log / "pip.log"
        self._stamp = place.venv / "stack-stamp"
        self._wanted = fingerprint(
            requirements,
            COMPILED,
            CONSTRAINTS,
            *(
                layout.ROOT / name
                for name in ("setup.cfg", "requirements.txt", "pyproject.toml")
            ),
        )

    @property
    def complete(self) -> bool:
        """Whether everything was installed from these very files."""
        return self._stamp.exists() and self._stamp.read_text() == self._wanted

    def create(self) -> None:
        """Make it and install all that is wheels, and our distribution."""
        if not self._place.venv.exists():
            self._create_empty()
        self.install(
            "-r", str(self._requirements), "-e", self._own,
        )  # fmt: skip

    def _create_empty(self) -> None:
        command = [sys.executable, "-m", "venv", str(self._place.venv)]
        try:
            run_logged(command, self._log)
        except errors.StackError:
            shutil.rmtree(self._place.venv, ignore_errors=True)
            raise

    def install(self, *arguments: str) -> None:
        """Let pip install under our constraints.

        A checkout of another user is no reason for git, which pbr asks for
        the version, to refuse.
        """
        command = [
            self._place.bin("python"), "-m", "pip", "install",
            "--disable-pip-version-check", "-c", str(CONSTRAINTS),
            *arguments,
        ]  # fmt: skip
        environment = {
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "safe.directory",
            "GIT_CONFIG_VALUE_0": str(layout.ROOT),
        }
        if not (layout.ROOT / ".git").exists():
            environment["PBR_VERSION"] = "0.0.0"
        run_logged(command, self._log, environment)

    def seal(self) -> None:
        """Remember that it is complete."""
        self._stamp.write_text(self._wanted)
