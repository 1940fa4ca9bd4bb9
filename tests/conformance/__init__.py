# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What the API of a cluster does, asked of a simulator or of a real one.

Nothing here knows which of the two it speaks to: see
doc/source/contributor/conformance.rst.
"""
