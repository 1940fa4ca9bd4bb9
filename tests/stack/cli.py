# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The commands, their options, and the two halves of the program.

The first half runs with the machine's Python and installs; the second runs
in the virtual environment, where openstacksdk and rich are.
"""

import argparse
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import contextlib
import fcntl
import importlib
import json
import os
import pathlib
import sys

from tests.stack import drivers
from tests.stack import errors
from tests.stack import hosts
from tests.stack import layout
from tests.stack import packages
from tests.stack import prepare
from tests.stack import report

DEFAULT = layout.default_directory()


def _pair(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not number.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=NUMBER")
    return name, int(number)


def _common() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--dir",
        default=os.fspath(DEFAULT),
        help="the directory of everything (default: %(default)s)",
    )
    return parser


def _with_ports() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument(
        "--first-port",
        type=int,
        default=layout.FIRST_PORT,
        metavar="N",
        help="the services listen on N and the following ports of "
        "127.0.0.1 (default: %(default)s)",
    )
    parser.add_argument(
        "--port",
        type=_pair,
        action="append",
        default=[],
        metavar="NAME=N",
        help=f"another port for one service: {', '.join(layout.PORTS)}",
    )
    return parser


def stack_parser() -> argparse.ArgumentParser:
    """The options of bin/stack."""
    parser = argparse.ArgumentParser(
        prog="bin/stack",
        description="An OpenStack cloud from PyPI and Debian packages on "
        "this machine, with the StorPool simulator as its storage.",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="COMMAND"
    )
    up = commands.add_parser(
        "up",
        parents=[_common(), _with_ports()],
        help="install what is missing and start the cloud",
        description="Install what is missing and start the cloud.",
    )
    up.add_argument(
        "--computes",
        type=int,
        choices=hosts.COUNTS,
        default=1,
        help="compute hosts; a second one is a hypervisor, a StorPool client "
        "and a device directory of its own in namespaces of this machine "
        "(default: %(default)s)",
    )
    up.add_argument(
        "--drivers",
        choices=sorted(drivers.CHOICES),
        default=drivers.OURS.name,
        help="whose drivers are configured: ours, ours without an option "
        "(as-installed), or those of the trees of Cinder, Nova and os-brick "
        "(in-tree) (default: %(default)s)",
    )
    up.add_argument(
        "--network",
        action="store_true",
        help="a network for the guests, in a namespace of this machine; for "
        "one compute host",
    )
    scenarios = commands.add_parser(
        "scenarios",
        parents=[_common(), _with_ports()],
        help="what a volume goes through, in the cloud",
        description="Run scenarios in the cloud with two compute hosts, "
        "which is started and stopped when it is not up. After each one "
        "nothing may be left over.",
    )
    scenarios.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a scenario, a family, or a pattern such as 'migration.live*'",
    )
    scenarios.add_argument(
        "--quick",
        action="store_true",
        help="those that every change has to pass",
    )
    scenarios.add_argument(
        "--list", action="store_true", help="say what there is, run nothing"
    )
    commands.add_parser(
        "compare",
        parents=[_common(), _with_ports()],
        help="the in-tree drivers and ours, side by side",
        description="Start a cloud with the in-tree drivers, then one with "
        "ours; provoke in each the faults that lose or share data, and time "
        "it. Exits 1 unless all of them show in-tree and none with ours.",
    )
    commands.add_parser(
        "down",
        parents=[_common()],
        help="stop it, and compare the machine with before",
        description="Stop the cloud, remove its data, and compare the "
        "machine with the state before up. Logs and what was installed "
        "stay for the next up.",
    )
    commands.add_parser(
        "status",
        parents=[_common()],
        help="say what runs",
        description="Say what runs; exits 1 when the cloud is not up.",
    )
    return parser


def demo_parser() -> argparse.ArgumentParser:
    """The options of bin/demo."""
    parser = argparse.ArgumentParser(
        prog="bin/demo",
        description="A server that boots from a StorPool volume, and what "
        "a volume goes through in its life, on the simulator.",
        parents=[_common(), _with_ports()],
    )
    parser.add_argument(
        "--keep",
        action="store_true",
        help="leave the cloud running and say how to use it",
    )
    parser.add_argument(
        "--no-vm",
        action="store_true",
        help="Cinder alone: no Debian packages and no guest; needs root "
        "for loop devices only",
    )
    return parser


def tempest_parser() -> argparse.ArgumentParser:
    """The options of bin/tempest."""
    parser = argparse.ArgumentParser(
        prog="bin/tempest",
        description="OpenStack's own tests of volumes in the cloud of "
        "bin/stack, which is started and stopped when it is not up.",
        parents=[_common(), _with_ports()],
    )
    selection = parser.add_mutually_exclusive_group()
    selection.add_argument(
        "--smoke",
        dest="selection",
        action="store_const",
        const="smoke",
        help="ten minutes of them (the default)",
    )
    selection.add_argument(
        "--full",
        dest="selection",
        action="store_const",
        const="full",
        help="all that have to do with volumes",
    )
    parser.set_defaults(selection="smoke")
    parser.add_argument(
        "patterns",
        nargs="*",
        metavar="PATTERN",
        help="regular expressions: the tests to run instead",
    )
    return parser


@contextlib.contextmanager
def _alone(place: layout.Layout) -> Iterator[None]:
    """One command at a time in one directory."""
    with (place.directory / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise errors.StackError(
                f"another command is at work in {place.directory}: wait "
                f"for its end, or choose another --dir"
            ) from None
        yield


def _in_environment(place: layout.Layout) -> bool:
    return pathlib.Path(sys.prefix) == place.venv


def _go_on_inside(place: layout.Layout, arguments: Sequence[str]) -> None:
    """The second half, in the same process. Does not come back."""
    python = place.bin("python")
    os.environ["PYTHONPATH"] = str(layout.ROOT)
    # Of others' imports: nothing a user of this program could act on.
    os.environ["PYTHONWARNINGS"] = "ignore"
    sys.stdout.flush()
    os.execv(python, [python, "-m", "tests.stack", *arguments])


def _ports(options: argparse.Namespace) -> Mapping[str, int]:
    return layout.choose_ports(options.first_port, dict(options.port))


def _require_ports(place: layout.Layout, ports: Mapping[str, int]) -> None:
    """Refuse before anything is installed, unless they are our own."""
    if not place.run.exists():
        layout.require_free(ports)


def _kept_ports(place: layout.Layout) -> Mapping[str, int]:
    """The ports of a cloud that was started before."""
    kept = place.run / "ports.json"
    if not kept.exists():
        return layout.choose_ports(layout.FIRST_PORT, {})
    ports: dict[str, int] = json.loads(kept.read_text())
    return ports


def _stack(
    options: argparse.Namespace,
    arguments: Sequence[str],
    progress: report.Report,
) -> int:
    place = layout.Layout.at(options.dir)
    starts = options.command in ("up", "scenarios", "compare")
    if starts:
        _ports(options)
        packages.require_host("bin/stack")
    elif not place.venv.exists():
        print(f"no stack in {place.directory}")
        return 1 if options.command == "status" else 0
    if not _in_environment(place):
        if starts:
            progress.say(f"the cloud of {place.directory}")
            _require_ports(place, _ports(options))
            place.make()
            with _alone(place):
                prepare.cloud(place, progress)
        _go_on_inside(place, arguments)
    commands = importlib.import_module("tests.stack.commands")
    if options.command == "scenarios":
        return _scenarios(options, place, progress)
    if options.command == "status":
        return int(commands.status(place, _kept_ports(place), progress))
    with _alone(place):
        if options.command == "compare":
            compare = importlib.import_module("tests.stack.versus.runner")
            return int(compare.run(place, _ports(options), progress))
        if options.command == "up":
            return int(
                commands.up(
                    place,
                    _ports(options),
                    progress,
                    options.computes,
                    drivers.CHOICES[options.drivers],
                    options.network,
                )
            )
        return int(commands.down(place, _kept_ports(place), progress))


def _scenarios(
    options: argparse.Namespace,
    place: layout.Layout,
    progress: report.Report,
) -> int:
    runner = importlib.import_module("tests.stack.scenarios.runner")
    if options.list:
        return int(runner.show_list())
    registry = importlib.import_module("tests.stack.scenarios.registry")
    if options.quick and options.names:
        raise errors.StackError("--quick chooses itself: leave the names out")
    chosen = (
        registry.quick() if options.quick else registry.choose(options.names)
    )
    ports = _kept_ports(place) if place.run.exists() else _ports(options)
    with _alone(place):
        return int(runner.run(place, ports, progress, chosen))


def _demo(
    options: argparse.Namespace,
    arguments: Sequence[str],
    progress: report.Report,
) -> int:
    place = layout.Layout.at(options.dir)
    ports = _ports(options)
    if options.no_vm:
        place = layout.Layout.at(place.directory / layout.NO_VM)
        packages.require_root("bin/demo --no-vm", "makes loop devices")
    else:
        packages.require_host("bin/demo")
    if not _in_environment(place):
        used = layout.SMALL if options.no_vm else layout.PORTS
        _require_ports(place, {name: ports[name] for name in used})
        place.make()
        with _alone(place):
            if options.no_vm:
                prepare.small(place, progress)
            else:
                prepare.cloud(place, progress)
        _go_on_inside(place, arguments)
    with _alone(place):
        if options.no_vm:
            small = importlib.import_module("tests.stack.demo_no_vm")
            return int(small.run(place, ports, progress, options.keep))
        demo = importlib.import_module("tests.stack.demo")
        return int(demo.run(place, ports, progress, options.keep))


def _tempest(
    options: argparse.Namespace,
    arguments: Sequence[str],
    progress: report.Report,
) -> int:
    place = layout.Layout.at(options.dir)
    ports = _ports(options)
    packages.require_host("bin/tempest")
    if not _in_environment(place):
        _require_ports(place, ports)
        place.make()
        with _alone(place):
            prepare.cloud(place, progress)
        _go_on_inside(place, arguments)
    if place.run.exists():
        ports = _kept_ports(place)
    runner = importlib.import_module("tests.stack.tempest.runner")
    with _alone(place):
        return int(
            runner.run(
                place, ports, progress, options.selection, options.patterns
            )
        )


def main(arguments: Sequence[str]) -> int:
    """Run ``stack ...``, ``demo ...`` or ``tempest ...``.

    :return: the exit status
    """
    program, *rest = arguments
    progress = report.Report()
    try:
        if program == "demo":
            return _demo(demo_parser().parse_args(rest), arguments, progress)
        if program == "tempest":
            return _tempest(
                tempest_parser().parse_args(rest), arguments, progress
            )
        return _stack(stack_parser().parse_args(rest), arguments, progress)
    except errors.StackError as error:
        progress.fail(error)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted; bin/stack down removes what has started")
        return 130
