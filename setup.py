# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Hand the build to pbr; setup.cfg describes the distribution."""

import setuptools

setuptools.setup(setup_requires=["pbr>=7.0.0"], pbr=True)
