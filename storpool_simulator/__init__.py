# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""The StorPool API over HTTP, for those who have no cluster.

``http`` speaks the wire, ``routes`` checks requests by the declarations of
:mod:`storpool_common.api`, ``model`` holds the rules and does no I/O,
``cluster`` puts every change in an order that survives a kill, ``store``
keeps what was answered, and ``dataplane`` has the bytes.
"""
