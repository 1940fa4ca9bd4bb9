# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
"""``python -m storpool_common.doctor.departure SERVICE [ARGUMENT ...]``.

What is to be done before a service goes back to the driver that it comes
with; prints findings as JSON. The packages for services say it, by the entry
points of the group :data:`GROUP`.
"""

import sys

from storpool_common.doctor.contributed import findings_of
from storpool_common.doctor.contributed import write

GROUP = "storpool_openstack.departure"

if __name__ == "__main__":
    write(findings_of(GROUP, sys.argv[1], sys.argv[2:]))
