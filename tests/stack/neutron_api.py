# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Neutron's API, with its database mappers configured before a request.

Neutron 29 with SQLAlchemy 2.1 answers the first list of ports with "type
object 'Port' has no attribute 'port_forwardings'" otherwise.
"""

import importlib

from neutron.wsgi import api
from sqlalchemy import orm

importlib.import_module("neutron.db.models.port_forwarding")
orm.configure_mappers()
application = api.application
