# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Pages of the documentation that are measured, not written.

``python -m tests.unit.cinder.report PAGE`` measures both drivers in one run
and prints the page. A test of each page asserts what is promised, and that
the page is what a run prints.
"""
