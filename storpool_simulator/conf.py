# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The storpool.conf by which services find a simulator."""

from storpool_simulator.statedir import Running


def render(running: Running) -> str:
    """The text of the file, with a section for each client's host."""
    lines = [
        f"SP_API_HTTP_HOST={running.host}",
        f"SP_API_HTTP_PORT={running.port}",
        f"SP_AUTH_TOKEN={running.token}",
        f"SP_CLUSTER_ID={running.cluster_id}",
        "SP_CLUSTER_NAME=simulator",
        "SP_OPENSTACK_VOLUME_PREFIX=os",
    ]
    for number, host in sorted(running.clients.items()):
        lines += ["", f"[{host}]", f"SP_OURID={number}"]
    return "\n".join(lines) + "\n"
