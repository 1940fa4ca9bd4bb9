# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder's own functional tests, with this driver and a simulator.

They run the REST API, the scheduler and cinder-volume in one process that
Cinder patches for eventlet, so the simulator is a process of its own, and
this is a package of its own.
"""
