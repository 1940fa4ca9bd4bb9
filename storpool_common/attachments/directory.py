# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The directory that the services of a host share their records in."""

import ctypes
import os

from storpool_common.errors import RecordsUnusable

# The services run as several users of one group; what is made in the
# directory belongs to that group.
_DIRECTORY_MODE = 0o2770

# f_type of statfs(2). Two hosts would see one file and not each other's
# locks and shared memory.
_NETWORK_FILE_SYSTEMS = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFF534D42: "CIFS",
    0xFE534D42: "SMB2",
    0x00C36400: "CephFS",
    0x65735546: "FUSE",
    0x01021997: "9P",
    0x5346414F: "AFS",
    0x0BD00BD0: "Lustre",
    0x47504653: "GPFS",
    0x01161970: "GFS2",
    0x7461636F: "OCFS2",
    0x19830326: "BeeGFS",
}
# Larger than struct statfs is anywhere; f_type comes first in it.
_STATFS_SIZE = 512
_UNSIGNED_32 = 0xFFFFFFFF


def prepare(path: str) -> None:
    """Make the directory where it is absent, and see that it will do.

    :raises RecordsUnusable: it cannot be made, or is on a network file
        system.
    """
    try:
        _make(path)
        kind = _file_system(path)
    except OSError as error:
        raise RecordsUnusable(
            f"cannot use the directory {path}: {error.strerror}; make it on"
            " a local disk, for the group of the OpenStack services: install"
            f" -d -m 2770 -g GROUP {path}"
        ) from error
    if kind in _NETWORK_FILE_SYSTEMS:
        raise RecordsUnusable(
            f"the directory {path} is on {_NETWORK_FILE_SYSTEMS[kind]}: the"
            " records of a host's attachments need a local file system; set"
            " SP_OPENSTACK_STATE_DIR in storpool.conf to a directory on one"
        )


def _make(path: str) -> None:
    os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    # The umask of a service usually keeps the group out.
    os.chmod(path, _DIRECTORY_MODE)


def _file_system(path: str) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    result = ctypes.create_string_buffer(_STATFS_SIZE)
    if libc.statfs(ctypes.c_char_p(os.fsencode(path)), result) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return ctypes.c_long.from_buffer(result).value & _UNSIGNED_32
