# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Look at an environment from within: one line for everything wrong.

Runs with the interpreter of the environment and nothing of this tree on its
path: python -I inside.py JSON, with the fields of an
Extra and the packages that are ours.
"""

import importlib.metadata
import json
import subprocess
import sys

OURS = "storpool-openstack"
BETWEEN_OUR_ROOMS = "storpool_openstack."


def main() -> None:
    """Print what is wrong."""
    wanted = json.loads(sys.argv[1])
    installed = {
        found.name.lower().replace("_", "-")
        for found in importlib.metadata.distributions()
    }
    for name in sorted(set(wanted["brings"]) - installed):
        print(f"{name} is missing")
    for name in sorted(set(wanted["without"]) & installed):
        print(f"{name} was dragged in")
    for module in wanted["modules"]:
        report(f"import {module}", module)
    rooms = {module.partition(".")[0] for module in wanted["modules"]}
    for entry in importlib.metadata.distribution(OURS).entry_points:
        room = entry.module.partition(".")[0]
        # What a room contributes to a command needs the room's service.
        if entry.group.startswith(BETWEEN_OUR_ROOMS) and room not in rooms:
            continue
        report(
            f"import {entry.module}; {entry.module}.{entry.attr}", entry.name
        )
    files = {str(path) for path in importlib.metadata.files(OURS) or ()}
    for package in wanted["packages"]:
        if f"{package}/py.typed" not in files:
            print(f"{package} has no py.typed")


def report(program: str, what: str) -> None:
    """Run a program in a process of its own: services do not mix."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", program], capture_output=True, text=True
    )
    if done.returncode != 0:
        print(f"{what}: {done.stderr.strip().splitlines()[-1]}")


main()
