# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Who on this host uses which volume or snapshot, and what follows from it.

``requests`` says what a request is, ``records`` keeps requests over crashes
and restarts (``database`` is what it knows of SQLite), ``locks`` gives one
volume to one caller at a time, ``cluster`` makes and ends attachments, and
``host`` puts them together: it attaches with the first request for an object
and detaches with the last.
"""
