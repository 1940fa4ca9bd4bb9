# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The interpreters of this machine that the distribution is for."""

from collections.abc import Iterator
import pathlib
import shutil
import subprocess

VERSIONS = ("3.11", "3.12", "3.13")
_VERSION = "import sys; print('%d.%d' % sys.version_info[:2])"


def find(version: str) -> str | None:
    """An interpreter that is of this version and can make environments."""
    for path in _candidates(version):
        if _is(path, version):
            return path
    return None


def _candidates(version: str) -> Iterator[str]:
    name = f"python{version}"
    yield f"/usr/bin/{name}"
    found = shutil.which(name)
    if found:
        yield found
    for path in sorted(
        pathlib.Path.home().glob(f".pyenv/versions/{version}*/bin/{name}")
    ):
        yield str(path)
    for path in sorted(
        pathlib.Path.home().glob(
            f".local/share/uv/python/cpython-{version}*/bin/{name}"
        )
    ):
        yield str(path)


def _is(path: str, version: str) -> bool:
    try:
        asked = subprocess.run(
            [path, "-c", f"import ensurepip, venv; {_VERSION}"],
            capture_output=True,
            text=True,
        )
    except OSError:
        return False
    return asked.returncode == 0 and asked.stdout.strip() == version
