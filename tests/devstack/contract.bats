#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# The contract refuses what DevStack would refuse, or worse, not refuse.

load helper

function broken {
    if [[ $DEVSTACK_DIR != "$CONTRACT_DIR" ]]; then
        skip "about the contract, not about a real tree"
    fi
    run bash -c "CONTRACT_PHASE=$1; source '$CONTRACT_DIR/functions'; $2"
    assert_failure
    assert_output --partial "contract: $3"
    rm "$CONTRACT_BROKEN"
}

@test "a function that DevStack does not have" {
    broken stack-install "pip_instal -e ." "no command or function"
}

@test "pip before OpenStack's own code is there" {
    broken stack-pre-install "pip_install -e ." "pip_install in the phase"
}

@test "a process before anything is installed, or without a path" {
    broken stack-pre-install "run_process a /b" "run_process in the phase"
    broken stack-install "run_process a b" "run_process needs a path"
    broken stack-install "run_process a '/b sudo c'" "run_process with sudo"
}

@test "the configuration of a service that is not there yet" {
    broken stack-install "NOVA_CONF=/none; iniset /none DEFAULT a b" \
        "/none is not there yet"
    broken stack-post-config "NOVA_CPU_CONF=/none; iniset /none DEFAULT a b" \
        "NOVA_CPU_CONF is overwritten"
}

@test "nova.conf while DevStack writes it" {
    broken stack-post-config "NOVA_CONF=$CONTRACT_WORK/nova.conf
        touch \$NOVA_CONF
        function configure_neutron_nova { sleep 0; }
        async_runfunc configure_neutron_nova
        iniset \$NOVA_CONF DEFAULT a b" \
        "$CONTRACT_WORK/nova.conf while configure_neutron_nova writes it"
}

@test "die without the line" {
    broken stack-install "die 'no line'" "die without"
}

@test "arguments that are too few" {
    broken stack-install "iniset a b c" "iniset takes 4 to 4"
    broken source "trueorfalse True" "trueorfalse takes 2 to 2"
}

@test "a warning in several parts" {
    broken stack-install "warn \$LINENO one two" "warn takes 2 to 2"
}
