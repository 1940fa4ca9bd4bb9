# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""Cinder in one process: ``python -m tests.stack.cinder_alone PORT ...``.

Cinder wants the standard library patched before anything else is imported.
"""

import importlib

from cinder import monkey_patch

if __name__ == "__main__":
    monkey_patch.patch()
    importlib.import_module("tests.stack.cinder_services").main()
