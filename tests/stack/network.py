# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The network of the guests: a bridge in a network namespace.

nova-compute and libvirtd run in it, for they make the guests' taps, and so
does whoever speaks to guests. Nothing goes in or out but connections to the
services of this cloud, which doors.py hands on.
"""

from collections.abc import Mapping
from collections.abc import Sequence
import os
import sys
from typing import Any

from tests.stack import errors
from tests.stack import layout
from tests.stack import namespaces
from tests.stack import packages
from tests.stack import processes
from tests.stack import report

NAME = "guests"
"""What neutron calls it."""

BRIDGE = "guests"
CIDR = "10.77.0.0/16"
GATE = "10.77.0.1/16"
"""The bridge's own address, from which guests are spoken to."""

FIRST, LAST = "10.77.1.1", "10.77.255.250"
"""What guests get; none of these are taken again while others are free."""

SETUP = f"""
ip link set lo up
ip link add {BRIDGE} type bridge
ip addr add {GATE} dev {BRIDGE}
ip link set {BRIDGE} up
: >"$0"
ip -o monitor link | while read -r _ name rest; do
    case "$name $rest" in
    *" master "*) ;;
    tap*) ip link set "${{name%:}}" master {BRIDGE} up || : ;;
    esac
done
"""
"""Nova makes taps; here they are put on the bridge."""

UNUSED = (
    "mariadb", "rabbitmq-dist", "epmd", "pictures", *layout.BETWEEN_HOSTS
)  # fmt: skip
"""Ports that nobody in here speaks to."""


class Network:
    """The network namespace of one cloud.

    :param namespace: of the compute host that runs in it
    """

    def __init__(
        self,
        place: layout.Layout,
        ports: Mapping[str, int],
        table: processes.Table,
        namespace: namespaces.Namespace,
    ) -> None:
        self._place = place
        self._ports = ports
        self._table = table
        self._namespace = namespace

    @property
    def _path(self) -> str | None:
        holder = self._table.get("network")
        if holder is None or not holder.alive:
            return None
        return f"/proc/{holder.pid}/ns/net"

    @property
    def exists(self) -> bool:
        """Whether this cloud has it."""
        return self._path is not None

    def create(self) -> None:
        """Make the bridge and open the doors.

        :raises StackError: it did not come up in time
        """
        ready = self._place.run / "network-ready"
        own = {**os.environ, processes.MARK: str(self._place.directory)}
        self._table.start(
            "network",
            ["unshare", "--net", "--", "sh", "-ec", SETUP, str(ready)],
            own,
        )
        report.wait_for(
            f"the network (see {self._table.log('network')})",
            ready.exists,
            20,
        )
        self._open_doors({**own, "PYTHONPATH": str(layout.ROOT)})
        # Nova looks here for the taps, which another /sys does not show.
        packages.run_logged(
            self.enter(
                self._namespace.enter(
                    ["mount", "-t", "sysfs", "sysfs", "/sys"]
                )
            ),
            self._table.log("network"),
        )

    def _open_doors(self, environment: Mapping[str, str]) -> None:
        ready = self._place.run / "doors-ready"
        self._table.start(
            "doors",
            [sys.executable, "-m", "tests.stack.doors", str(self._path),
             str(ready), *map(str, doors(self._ports))],
            environment,
        )  # fmt: skip
        report.wait_for(
            f"the doors of the network (see {self._table.log('doors')})",
            ready.exists,
            20,
        )

    def enter(self, command: Sequence[str]) -> list[str]:
        """*command*, run inside when there is one; its id stays the same.

        :raises StackError: there was one, and it has ended
        """
        if self._table.get("network") is None:
            return list(command)
        if self._path is None:
            raise errors.StackError(
                "the network of the guests has ended: bin/stack down --dir "
                f"{self._place.directory}, and up again",
                self._table.log("network"),
            )
        return ["nsenter", f"--net={self._path}", "--", *command]


def doors(ports: Mapping[str, int]) -> list[int]:
    """The ports that are reached from inside, of all of this cloud."""
    return [port for name, port in ports.items() if name not in UNUSED]


def create(connection: Any) -> None:
    """Make it known to neutron, for everybody.

    No DHCP: a guest reads its address from its configuration drive.
    """
    made = connection.network.create_network(name=NAME, is_shared=True)
    connection.network.create_subnet(
        network_id=made.id,
        name=NAME,
        ip_version=4,
        cidr=CIDR,
        gateway_ip=None,
        is_dhcp_enabled=False,
        allocation_pools=[{"start": FIRST, "end": LAST}],
    )
