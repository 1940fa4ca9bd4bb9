# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What Cinder keeps in its database and tells nobody."""

from collections.abc import Mapping
import contextlib
import json
from typing import Any

import pymysql

from tests.stack import layout

CONNECTORS = (
    "SELECT connector FROM volume_attachment"
    " WHERE volume_id = %s AND NOT deleted"
)


class Records:
    """Cinder's database, for reading.

    :param port: where MariaDB listens
    """

    def __init__(self, place: layout.Layout, port: int) -> None:
        self._place = place
        self._port = port

    def connectors(self, volume_id: str) -> list[Mapping[str, Any]]:
        """The connector of every attachment of a volume."""
        connection = pymysql.connect(
            host="127.0.0.1",
            port=self._port,
            user="os",
            password=self._place.secrets["password"],
            database="cinder",
        )
        with contextlib.closing(connection), connection.cursor() as cursor:
            cursor.execute(CONNECTORS, (volume_id,))
            return [json.loads(row[0]) for row in cursor.fetchall()]
