# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How the release notes are built."""

extensions = ["openstackdocstheme", "reno.sphinxext"]
project = "storpool-openstack release notes"
author = "the storpool-openstack authors"
copyright = "2026, the storpool-openstack authors"
html_theme = "openstackdocs"
openstackdocs_auto_name = False
openstackdocs_auto_version = False
