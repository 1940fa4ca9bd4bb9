# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Empty places of the machine on which namespaces mount their own.

Directories, and a file: they are the same for all clouds of a machine.
Removing one, the kernel unmounts what any namespace has there, without an
error and without a word to those who use it. So the last cloud removes what
the first one made.
"""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import fcntl
import os
import pathlib
import typing

LIST = pathlib.Path("/var/lib/storpool-stack-mountpoints")
"""What clouds have made, a line each; absent when there is nothing.

Not in /run: a machine that stops during a cloud has the file in /etc still.
"""

PROC = pathlib.Path("/proc")


def is_used(path: str, proc: pathlib.Path = PROC) -> bool:
    """Whether any namespace of this machine has something mounted there."""
    for table in proc.glob("[0-9]*/mountinfo"):
        # Processes end meanwhile.
        with contextlib.suppress(OSError):
            lines = table.read_text().splitlines()
            if any(line.split()[4] == path for line in lines):
                return True
    return False


def make(targets: Iterable[str], kept: pathlib.Path = LIST) -> None:
    """Make the directories that are not there, with those above them.

    :param kept: where to remember which these were
    """
    with _opened(kept) as file:
        for target in targets:
            path = pathlib.Path(target)
            new = [p for p in (path, *path.parents) if not p.exists()]
            path.mkdir(parents=True, exist_ok=True)
            file.writelines(f"{one}\n" for one in reversed(new))


def make_file(target: str, kept: pathlib.Path = LIST) -> None:
    """Make an empty file that is not there.

    :param kept: where to remember that it was made
    """
    with _opened(kept) as file:
        if not os.path.lexists(target):
            pathlib.Path(target).touch()
            file.write(f"{target}\n")


def remove(kept: pathlib.Path = LIST, proc: pathlib.Path = PROC) -> None:
    """Remove those that clouds made and none uses any more."""
    with _opened(kept) as file:
        staying = []
        for line in reversed(file.read().splitlines()):
            path = pathlib.Path(line)
            if not path.exists():
                continue
            if is_used(line, proc) or _holds_something(path):
                staying.append(line)
            elif path.is_dir():
                path.rmdir()
            else:
                path.unlink()
        file.seek(0)
        file.truncate()
        file.writelines(f"{line}\n" for line in reversed(staying))
        if not staying:
            kept.unlink()


def _holds_something(path: pathlib.Path) -> bool:
    return bool(os.listdir(path) if path.is_dir() else path.stat().st_size)


@contextlib.contextmanager
def _opened(kept: pathlib.Path) -> Iterator[typing.TextIO]:
    """The list, for one program at a time."""
    while True:
        with kept.open("a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if _is(kept, file):
                file.seek(0)
                yield file
                return


def _is(path: pathlib.Path, file: typing.TextIO) -> bool:
    """Whether it is not one that has been removed since."""
    try:
        return os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        return False
