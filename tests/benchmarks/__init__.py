# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Measurements beside what is in use today; they assert nothing.

``python -m tests.benchmarks NAME ...`` runs some, ``--list`` names them.
"""
