# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The options of Nova that are ours, in its group ``[libvirt]``."""

from oslo_config import cfg

GROUP = "libvirt"

OPTIONS = [
    cfg.StrOpt(
        "storpool_disk_io",
        default="native",
        choices=[
            ("native", "Linux AIO, the choice for block devices"),
            ("io_uring", "needs QEMU 5.0 and libvirt 6.3"),
            ("threads", "a pool of threads in QEMU"),
        ],
        help="""
How QEMU does the I/O of StorPool volumes. ``native`` and ``io_uring`` need
the cache mode ``none`` or ``directsync``; Nova falls back to ``threads``
where ``disk_cachemodes`` says otherwise.
""",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to a service; again is no harm."""
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """What oslo-config-generator writes a sample of."""
    return [(GROUP, OPTIONS)]
