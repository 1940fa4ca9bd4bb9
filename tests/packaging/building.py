# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Wheel and sdist of this tree, and what they say of themselves."""

import email.message
import email.parser
import os
import pathlib
import shutil
import subprocess
import tarfile
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
#: git reads a tree of another user with this.
TRUST = {
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "safe.directory",
    "GIT_CONFIG_VALUE_0": "*",
}


class BuildFailed(Exception):
    """There is no wheel; the message has what the build said."""


def copy(target: pathlib.Path) -> pathlib.Path:
    """A clone of this tree with all that git would take as it is now.

    A build writes into its tree, and two at a time would not get on.
    """
    git("clone", "--quiet", "--no-hardlinks", str(ROOT), str(target))
    listed = git(
        *("-C", str(ROOT), "ls-files", "-z"),
        *("--cached", "--others", "--exclude-standard"),
    )
    for name in filter(None, listed.split("\0")):
        source, copied = ROOT / name, target / name
        copied.unlink(missing_ok=True)
        if source.exists():
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copied, follow_symlinks=False)
    git("-C", str(target), "add", "--all")
    return target


def git(*words: str) -> str:
    """Run git as nobody in particular, in trees of anybody."""
    return subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@example.org", *words],
        env={**os.environ, **TRUST},
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def build(
    source: pathlib.Path,
    target: pathlib.Path,
    python: str,
    *options: str,
) -> list[pathlib.Path]:
    """Build with the environment of an interpreter that has *build*.

    :param options: of ``python -m build``.
    :returns: what is in the target then.
    :raises BuildFailed: with the end of the output.
    """
    command = [python, "-m", "build", "--outdir", str(target), *options]
    done = subprocess.run(
        [*command, str(source)],
        env={**os.environ, **TRUST},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise BuildFailed(done.stdout[-2000:])
    return sorted(target.iterdir())


def wheel_metadata(path: pathlib.Path) -> email.message.Message:
    """The METADATA of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        (name,) = (
            name
            for name in wheel.namelist()
            if name.endswith(".dist-info/METADATA")
        )
        text = wheel.read(name).decode()
    return email.parser.Parser().parsestr(text)


def wheel_files(path: pathlib.Path) -> set[str]:
    """Every file of a wheel."""
    with zipfile.ZipFile(path) as wheel:
        return set(wheel.namelist())


def sdist_files(path: pathlib.Path) -> set[str]:
    """Every file of an sdist, without the directory that all are in."""
    with tarfile.open(path) as sdist:
        return {
            member.name.partition("/")[2]
            for member in sdist.getmembers()
            if member.isfile()
        }
