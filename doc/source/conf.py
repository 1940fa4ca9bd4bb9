# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""How the documentation is built."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "ext"))

extensions = ["openstackdocstheme", "api_reference", "option_tables"]
project = "storpool-openstack"
author = "the storpool-openstack authors"
copyright = "2026, the storpool-openstack authors"
html_theme = "openstackdocs"
openstackdocs_auto_name = False
openstackdocs_auto_version = False
