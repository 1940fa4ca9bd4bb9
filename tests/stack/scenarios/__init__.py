# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a volume goes through in a cloud, against the cloud that runs."""
