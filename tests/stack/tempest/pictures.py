# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""An image that Glance fetches by itself, from a server on this machine."""

from collections.abc import Iterator
import contextlib
import functools
from http import server
import pathlib
import threading

NAME = "picture.qcow2"


class _Quiet(server.SimpleHTTPRequestHandler):
    """Says nothing of what was asked."""

    def log_message(self, *arguments: object) -> None:
        """What Glance gets stands in Glance's log."""


@contextlib.contextmanager
def served(directory: pathlib.Path, port: int) -> Iterator[str]:
    """Serve a directory's files on a port of 127.0.0.1.

    :return: where the file called NAME is
    :raises OSError: the port is taken
    """
    handler = functools.partial(_Quiet, directory=str(directory))
    with server.ThreadingHTTPServer(("127.0.0.1", port), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{serving.server_port}/{NAME}"
        finally:
            serving.shutdown()
            thread.join()
