# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The command ``storpool-simulator``."""

import argparse
from collections.abc import Sequence
import importlib.metadata
import logging
import os
import pathlib
import platform
import re
import secrets
import signal
import sys
from typing import NoReturn

import msgspec

from storpool_simulator import conf
from storpool_simulator.dataplane.loop import LoopPlane
from storpool_simulator.dataplane.protocol import PlaneFailed
from storpool_simulator.faults import Fault
from storpool_simulator.founding import OtherCluster
from storpool_simulator.model import switches
from storpool_simulator.refusal import Refusal
from storpool_simulator.simulator import CannotListen
from storpool_simulator.simulator import Options
from storpool_simulator.simulator import POOL_SIZE
from storpool_simulator.simulator import Simulator
from storpool_simulator.statedir import StateDir
from storpool_simulator.statedir import StateDirUnusable
from storpool_simulator.store import StoreUnusable

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
_ANYWHERE = "127.0.0.1:0"
_HIGHEST_PORT = 65535
_HIGHEST_CLIENT = 4095


class Mistake(Exception):
    """Arguments that do not go together; the message says which."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        """One line, and where to read more."""
        self.exit(2, f"{self.prog}: {message} (try {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except Mistake as error:
        parser.error(str(error))
    except (
        CannotListen,
        OtherCluster,
        PlaneFailed,
        Refusal,
        StateDirUnusable,
        StoreUnusable,
    ) as error:
        return _failed(str(error))


def _failed(message: str) -> int:
    print(f"storpool-simulator: {message}", file=sys.stderr)
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="storpool-simulator",
        description="The StorPool API for those who have no cluster.",
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", parser_class=_Parser
    )
    _add_serve(commands.add_parser("serve", help="answer the API"))
    for name, function, help_text in (
        ("conf", _conf, "print the storpool.conf for a simulator"),
        ("clean", _clean, "remove the devices that a killed one left"),
    ):
        command = commands.add_parser(name, help=help_text)
        command.add_argument(
            "--state-dir", type=pathlib.Path, required=True, metavar="DIR"
        )
        command.set_defaults(run=function)
    listing = commands.add_parser(
        "switches", help="list how to answer where no document tells"
    )
    listing.set_defaults(run=_list_switches)
    return parser


def _version() -> str:
    try:
        return importlib.metadata.version("storpool-openstack")
    except importlib.metadata.PackageNotFoundError:
        return "0+not.installed"


def _add_serve(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add(
        "--listen",
        type=_address,
        default=_address(_ANYWHERE),
        metavar="HOST:PORT",
        help=f"default {_ANYWHERE}: any port that is free",
    )
    add(
        "--token",
        default=os.environ.get("SP_AUTH_TOKEN"),
        help="default: $SP_AUTH_TOKEN, the last one of this state"
        " directory, or a new one",
    )
    add("--state-dir", type=pathlib.Path, required=True, metavar="DIR")
    add(
        "--data-plane",
        choices=("memory", "loop"),
        default="memory",
        help="memory has no devices; loop has real ones and needs root",
    )
    add(
        "--dev-dir",
        type=pathlib.Path,
        default=pathlib.Path("/dev"),
        metavar="DIR",
        help="where clients find their devices, default %(default)s",
    )
    add(
        "--client-dev-dir",
        type=_client_directory,
        action="append",
        default=[],
        metavar="ID:DIR",
        help="the same for one client",
    )
    add(
        "--client",
        type=_client,
        action="append",
        default=[],
        metavar="ID:HOSTNAME",
        help="register a client; default: this host as 1",
    )
    add(
        "--template",
        type=_template,
        action="append",
        default=[],
        metavar="NAME",
        help="make a template; default: hybrid",
    )
    add(
        "--pool-size",
        type=_size,
        default=POOL_SIZE,
        metavar="SIZE",
        help="bytes of client data, with K, M, G or T; default 64G",
    )
    add("--http", choices=("1.0", "1.1"), default="1.1")
    add(
        "--latency",
        type=_milliseconds,
        default=0.0,
        metavar="MS",
        help="what every call takes at least",
    )
    add(
        "--error-status",
        type=int,
        choices=(200,),
        help="HTTP status of every error instead of one that fits",
    )
    add(
        "--faults",
        type=_faults,
        default=[],
        metavar="FILE",
        help="a JSON list of faults, as POST /sim/faults takes them",
    )
    add(
        "--switch",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="how to answer where no document tells; see the command switches",
    )
    add(
        "--cluster-id",
        type=_cluster_id,
        metavar="LOCATION.ID",
        help="of a cluster that is made; default: any",
    )
    add(
        "--client-down",
        type=int,
        action="append",
        default=[],
        metavar="ID",
        help="a client whose host does not run",
    )
    add("--verbose", action="store_true", help="log every request")
    command.set_defaults(run=_serve)


def _address(text: str) -> tuple[str, int]:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise argparse.ArgumentTypeError(f"'{text}' is not HOST:PORT")
    if int(port) > _HIGHEST_PORT:
        raise argparse.ArgumentTypeError(f"there is no port {port}")
    return host, int(port)


def _cluster_id(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9]+\.[a-z0-9]+", text):
        raise argparse.ArgumentTypeError(f"'{text}' is not LOCATION.ID")
    return text


def _client(text: str) -> tuple[int, str]:
    number, _, host = text.partition(":")
    if not number.isdecimal() or not 0 < int(number) <= _HIGHEST_CLIENT:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not ID:HOSTNAME with an id from 1 to"
            f" {_HIGHEST_CLIENT}"
        )
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", host):
        raise argparse.ArgumentTypeError(f"'{host}' is not a host name")
    return int(number), host


def _client_directory(text: str) -> tuple[int, pathlib.Path]:
    number, _, path = text.partition(":")
    if not number.isdecimal() or not path:
        raise argparse.ArgumentTypeError(f"'{text}' is not ID:DIR")
    return int(number), pathlib.Path(path)


def _template(text: str) -> str:
    if not re.fullmatch(r"(?!list$)[A-Za-z0-9_-]{1,199}", text):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not the name of a template: letters, digits, _ -"
        )
    return text


def _size(text: str) -> int:
    found = re.fullmatch(r"([0-9]+)([KMGT]?)", text)
    if found is None:
        raise argparse.ArgumentTypeError(f"'{text}' is not a size like 10G")
    return int(found[1]) * _UNITS[found[2]]


def _milliseconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < float("inf"):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a number of milliseconds"
        )
    return value / 1000


def _faults(text: str) -> list[Fault]:
    try:
        body = pathlib.Path(text).read_bytes()
        return msgspec.json.decode(body, type=list[Fault])
    except (OSError, msgspec.DecodeError) as error:
        raise argparse.ArgumentTypeError(
            f"cannot use the faults in '{text}': {error}"
        ) from error


def _serve(options: argparse.Namespace) -> int:
    logging.basicConfig(
        level=logging.DEBUG if options.verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    if options.data_plane == "loop" and os.geteuid() != 0:
        return _failed("--data-plane loop makes block devices: run as root")
    simulator = Simulator(_simulator_options(options))
    # Held back until it is waited for, in every thread of the process.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT})
    simulator.start()
    print(f"listening on {simulator.url}", flush=True)
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    left = simulator.stop()
    for sentence in left:
        _failed(sentence)
    return 1 if left else 0


def _simulator_options(options: argparse.Namespace) -> Options:
    before = StateDir(options.state_dir).remembered()
    clients = _clients(options)
    if not clients and (before is None or not before.clients):
        clients = {1: platform.node()}
    token = options.token or (before.token if before is not None else None)
    host, port = options.listen
    return Options(
        token=token or str(secrets.randbits(63)),
        state_dir=options.state_dir,
        host=host,
        port=port,
        data_plane=options.data_plane,
        dev_dir=options.dev_dir,
        device_dirs=dict(options.client_dev_dir),
        clients=clients,
        templates=options.template or ["hybrid"],
        http=options.http,
        pool_size=options.pool_size,
        latency=options.latency,
        error_status=options.error_status,
        faults=options.faults,
        switches=_switches(options.switch),
        clients_down=options.client_down,
        cluster_id=options.cluster_id,
    )


def _switches(said: Sequence[str]) -> switches.Switches:
    pairs = dict(each.partition("=")[::2] for each in said)
    try:
        return switches.changed(switches.Switches(), pairs)
    except switches.UnknownSwitch as error:
        raise Mistake(str(error)) from None


def _list_switches(options: argparse.Namespace) -> int:
    for switch in switches.table():
        print(f"{switch.name}={switch.default}  ({'|'.join(switch.values)})")
        print(f"    {switch.meaning}")
    return 0


def _clients(options: argparse.Namespace) -> dict[int, str]:
    clients: dict[int, str] = {}
    for number, host in options.client:
        if number in clients:
            raise Mistake(f"client {number} is given twice")
        if host in clients.values():
            raise Mistake(f"two clients are called {host}")
        clients[number] = host
    for number, _path in options.client_dev_dir:
        if number not in clients:
            raise Mistake(f"--client-dev-dir without --client {number}:...")
    return clients


def _conf(options: argparse.Namespace) -> int:
    running = StateDir(options.state_dir).remembered()
    if running is None:
        return _failed(
            f"no simulator has served from {options.state_dir} yet: start"
            f" storpool-simulator serve --state-dir {options.state_dir}"
        )
    sys.stdout.write(conf.render(running))
    return 0


def _clean(options: argparse.Namespace) -> int:
    state_dir = StateDir(options.state_dir)
    running = state_dir.remembered()
    if running is None or running.data_plane != "loop":
        return 0
    state_dir.lock()
    try:
        plane = LoopPlane(state_dir.image, state_dir.pool, 0)
        left = plane.clean(running.directories)
    finally:
        state_dir.unlock()
    for sentence in left:
        _failed(sentence)
    return 1 if left else 0
