# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The virtual environment of the tests, and the system packages they use.

Only the standard library is imported here: this runs before anything of ours
is installed.
"""

import hashlib
import os
import pathlib
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DIRECTORY = ROOT / ".venv"
EXTRAS = "brick,cinder,nova,simulator"
REQUIREMENTS = (
    "requirements.txt",
    "setup.cfg",
    "test-requirements.txt",
    "upper-constraints.txt",
)
#: Programs that the suites call, and the Debian package of each.
PROGRAMS = {
    "bats": "bats",
    "chromedriver": "chromium-driver",
    "chromium": "chromium",
    "cryptsetup": "cryptsetup-bin",
    "curl": "curl",
    "git": "git",
    "losetup": "mount",
    "mkfs.xfs": "xfsprogs",
    "shellcheck": "shellcheck",
}
#: Files that programs load, and the Debian package of each.
LIBRARIES = {
    "/usr/lib/bats/bats-assert/load.bash": "bats-assert",
    "/usr/lib/bats/bats-support/load.bash": "bats-support",
}


class EnvironmentFailed(Exception):
    """The environment cannot be made; the message says why."""


def python() -> pathlib.Path:
    """The interpreter of the environment."""
    return DIRECTORY / "bin" / "python"


def prepare(log: pathlib.Path) -> bool:
    """Make the environment fit the requirements; tells if there was work.

    :param log: where the installers write.
    :raises EnvironmentFailed: naming the step that failed and the log.
    """
    install_programs(log)
    stamp = DIRECTORY / "requirements.sha256"
    wanted = _fingerprint()
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    _make(log)
    stamp.write_text(wanted)
    return True


def install_programs(log: pathlib.Path) -> None:
    """Install missing programs from Debian packages, when we are root."""
    missing = _missing_packages()
    if not missing:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise EnvironmentFailed(
            "missing programs: install the Debian packages "
            + " ".join(missing)
        )
    environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    _run(["apt-get", "update"], log, environ)
    _run(
        ["apt-get", "install", "-y", "--no-install-recommends", *missing],
        log,
        environ,
    )


def _missing_packages() -> list[str]:
    programs = {
        package
        for program, package in PROGRAMS.items()
        if shutil.which(program) is None
    }
    libraries = {
        package
        for path, package in LIBRARIES.items()
        if not os.path.exists(path)
    }
    return sorted(programs | libraries)


def _fingerprint() -> str:
    digest = hashlib.sha256(sys.version.encode())
    for name in REQUIREMENTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _make(log: pathlib.Path) -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    _run([sys.executable, "-m", "venv", str(DIRECTORY)], log)
    _run(
        [
            str(python()),
            *("-m", "pip", "install", "--quiet"),
            *("--constraint", "upper-constraints.txt"),
            *("--requirement", "test-requirements.txt"),
            *("--editable", f".[{EXTRAS}]"),
        ],
        log,
    )


def _run(
    command: list[str],
    log: pathlib.Path,
    environ: dict[str, str] | None = None,
) -> None:
    with log.open("ab") as output:
        result = subprocess.run(
            command,
            cwd=ROOT,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    if result.returncode != 0:
        raise EnvironmentFailed(
            f"{' '.join(command[:4])} ... failed with exit status "
            f"{result.returncode}; its output is in {log}"
        )
