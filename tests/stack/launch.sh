# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# Sourced by bin/stack and bin/demo, which set $here.

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for python in "${PYTHON:-python3}" /usr/bin/python3 python3.13 \
        python3.12 python3.11; do
        if new_enough "$python"; then
            return 0
        fi
    done
    return 1
}

install_python() {
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        return 1
    fi
    echo "installing python3 (Debian package)"
    DEBIAN_FRONTEND=noninteractive apt-get -qq update >/dev/null &&
        DEBIAN_FRONTEND=noninteractive apt-get -qq install -y \
            --no-install-recommends python3 python3-venv >/dev/null
}

launch() {
    if ! find_python && ! { install_python && find_python; }; then
        echo "bin/$1: needs Python 3.11 or later as python3, or in" \
            "the environment variable PYTHON" >&2
        exit 1
    fi
    PYTHONPATH=$here exec "$python" -m tests.stack "$@"
}
