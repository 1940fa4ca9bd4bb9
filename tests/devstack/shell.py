# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Check every shell script of the tree with shellcheck and bashate.

bashate has DevStack's own rules; shellcheck knows the shell. What is a
script is told by the first line of each file that git knows.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = re.compile(rb"#!(/usr)?/bin/(env )?(bash|sh|bats)\n")
#: E006, long lines, and E044, [ instead of [[, are matters of taste; E005, a
#: file without #!, and E042, a local that hides an error, are not.
BASHATE = ("-i", "E006,E044", "-e", "E005,E042")


def main() -> int:
    """Print what is found; returns 1 if anything is."""
    scripts = [path for path in _files() if _is_script(path)]
    plain = [path for path in scripts if path.suffix != ".bats"]
    if not plain:
        print("no shell script was found")
        return 1
    commands = (
        ["shellcheck", "-x", "-P", str(ROOT), *map(str, scripts)],
        [sys.executable, "-m", "bashate.bashate", *BASHATE, *map(str, plain)],
    )
    codes = [subprocess.run(command).returncode for command in commands]
    return int(any(codes))


def _files() -> list[pathlib.Path]:
    listed = subprocess.run(
        [
            *("git", "-c", f"safe.directory={ROOT}", "ls-files", "-z"),
            *("--cached", "--others", "--exclude-standard"),
        ],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def _is_script(path: pathlib.Path) -> bool:
    if path.is_symlink() or not path.is_file():
        return False
    with path.open("rb") as file:
        return SCRIPT.fullmatch(file.readline(200)) is not None


if __name__ == "__main__":
    sys.exit(main())
