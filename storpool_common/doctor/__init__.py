# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""What a host and a service on it will use, looked at and judged.

Nothing is changed. What only a service's own modules can tell comes from the
package for that service, by the entry points of the group
``storpool_openstack.doctor``; each is called with the arguments that the
service is started with, and yields findings.
"""
