#!/bin/bash
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
#
# Sourced by the tests: a machine with nothing on it, below the directory of
# the test. DEVSTACK_DIR names a tree of DevStack to take the functions from;
# without it those of contract/ are taken, which refuse every misuse.

bats_load_library bats-support
bats_load_library bats-assert

TESTS=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export CONTRACT_PLUGIN=${TESTS%/tests/devstack}
export CONTRACT_DIR=$TESTS/contract
export DEVSTACK_DIR=${DEVSTACK_DIR:-$CONTRACT_DIR}
# Where the commands of this distribution are installed.
export CONTRACT_COMMANDS=${CONTRACT_COMMANDS:-$CONTRACT_PLUGIN/.venv/bin}

function setup {
    assert_exists "$CONTRACT_COMMANDS/storpool-simulator"
    export CONTRACT_WORK=$BATS_TEST_TMPDIR
    export CONTRACT_BROKEN=$CONTRACT_WORK/broken
    export DEST=$CONTRACT_WORK/opt DATA_DIR=$CONTRACT_WORK/opt/data
    export DEVSTACK_VENV=$DATA_DIR/venv GLOBAL_VENV=True
    export STACK_USER
    STACK_USER=$(id -un)
    mkdir -p "$DEVSTACK_VENV/bin" "$CONTRACT_WORK"/{etc/cinder,systemd,run,log,answers}
    cp "$TESTS/stubs/pip" "$DEVSTACK_VENV/bin/pip"
    # The directories of this machine's commands, and not pyenv's or ours.
    export PATH=$TESTS/stubs:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
    localrc "ENABLED_SERVICES=key,g-api,n-api,n-cpu,c-api,c-sch,c-vol,c-bak,tempest" \
        "STORPOOL_ETC_DIR=$CONTRACT_WORK/etc" \
        "STORPOOL_API_PORT=$(free_port)" \
        STORPOOL_SIM_DATAPLANE=memory STORPOOL_TIMEOUT=20
}

function teardown {
    local pid
    for pid in "$CONTRACT_WORK"/run/*.pid; do
        if [[ -e $pid ]]; then
            kill "$(<"$pid")" 2>/dev/null || true
        fi
    done
    assert_not_exists "$CONTRACT_BROKEN"
}

function free_port {
    python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0))
print(s.getsockname()[1])'
}

# localrc LINE ...: add to what local.conf says
function localrc {
    printf '%s\n' "$@" >>"$CONTRACT_WORK/localrc"
}

# walk stack|unstack|clean [UNTIL]: in a shell of its own, as they run
function walk {
    run env BASH_XTRACEFD=9 bash "$TESTS/walk" "$@" 9>>"$CONTRACT_WORK/trace"
}

# ini FILE SECTION OPTION: what a file of etc says
function ini {
    "$CONTRACT_DIR/ini" get "$CONTRACT_WORK/etc/$1" "$2" "$3"
}

# assert_ini FILE SECTION OPTION VALUE
function assert_ini {
    assert_equal "$(ini "$1" "$2" "$3")" "$4"
}

function assert_exists {
    [[ -e $1 ]] || fail "$1 is not there"
}

function assert_not_exists {
    [[ ! -e $1 ]] || fail "$1 is there: $(head -5 "$1" 2>/dev/null)"
}

function simulator_runs {
    systemctl is-active devstack@sp-sim.service
}

# refute_processes: nothing that was started is left
function refute_processes {
    run pgrep -f -- "$CONTRACT_WORK"
    assert_failure
}

# A simulator that this host knows nothing of stands for a cluster.
function cluster {
    mkdir "$CONTRACT_WORK/cluster"
    touch "$CONTRACT_WORK/log/cluster"
    "$CONTRACT_COMMANDS/storpool-simulator" serve \
        --state-dir "$CONTRACT_WORK/cluster" --client "3:$(uname -n)" \
        --template gold >"$CONTRACT_WORK/log/cluster" 3>&- &
    echo $! >"$CONTRACT_WORK/run/cluster.pid"
    timeout 20 tail -n +1 -f "$CONTRACT_WORK/log/cluster" |
        grep -q --max-count 1 listening
    "$CONTRACT_COMMANDS/storpool-simulator" conf \
        --state-dir "$CONTRACT_WORK/cluster" >"$CONTRACT_WORK/etc/storpool.conf"
}
