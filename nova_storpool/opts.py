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
    cfg.StrOpt(
        "storpool_iothread",
        default="auto",
        choices=[
            ("auto", "the guest's I/O thread, where the guest has one"),
            ("off", "QEMU's main loop, as for other disks"),
        ],
        help="""
Which thread of QEMU serves StorPool volumes. Nova gives each guest an I/O
thread since its release 34 and puts no disk on it; with ``auto``, volumes on
the bus ``virtio`` are put there. A guest that was started by an older Nova
gets it when it is next started or rebooted hard. A live migration leaves each
disk as it is.
""",
    ),
    cfg.StrOpt(
        "storpool_exclusive",
        default="off",
        choices=[
            ("off", "hosts that have the volume already keep it"),
            ("warn", "they keep it, and nova-compute's log says so"),
            ("enforce", "it is taken from them in the call that attaches"),
        ],
        help="""
What becomes of hosts that have a volume when a guest gets it here, and that
no attachment in Cinder is for: one that a guest was evacuated from, say. It
is not looked at for volumes that allow several attachments, nor in a live
migration, nor where Cinder's driver does not say who may have the volume.
``warn`` and ``enforce`` ask the cluster for its list of attachments at each
attach.

With ``enforce`` a copy or a backup that Cinder began after the attachment was
made is cut off as well, if the guest is started again meanwhile: who may have
the volume is what Cinder said when the attachment was made.
""",
    ),
]


def register(conf: cfg.ConfigOpts) -> None:
    """Make the options known to a service; again is no harm."""
    conf.register_opts(OPTIONS, group=GROUP)


def list_opts() -> list[tuple[str, list[cfg.Opt]]]:
    """What oslo-config-generator writes a sample of."""
    return [(GROUP, OPTIONS)]
