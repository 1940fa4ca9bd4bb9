#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# unstack.sh and clean.sh: all of ours goes, nothing of others.

load helper

@test "unstack with nothing there is fine, twice" {
    walk unstack
    assert_success
    walk unstack
    assert_success
    refute_processes
}

@test "clean with nothing there is fine, twice" {
    walk clean
    assert_success
    walk clean
    assert_success
}

@test "unstack stops the simulator and takes its data along" {
    walk stack
    assert_success
    walk unstack
    assert_success
    refute_processes
    assert_not_exists "$DATA_DIR/storpool-simulator"
    assert_not_exists "$DATA_DIR/storpool-attachments"
    assert_not_exists "$CONTRACT_WORK/etc/storpool.conf"
    run tail -n 4 "$CONTRACT_WORK/phases"
    assert_output "cleanup_nova
cleanup_cinder
cleanup_cinder_backend_storpool storpool-1
cleanup_cinder_backend_storpool storpool-2"
}

@test "the data stays until the instances are gone" {
    walk stack
    assert_success
    walk unstack unstack
    assert_success
    assert_exists "$DATA_DIR/storpool-simulator"
    refute_processes
}

@test "clean after a stack without unstack leaves nothing" {
    walk stack
    assert_success
    walk clean
    assert_success
    # Its lib/cinder has not heard of our back ends: no hook is called.
    run tail -n 2 "$CONTRACT_WORK/phases"
    assert_output "clean
cleanup_cinder"
    refute_processes
    run find "$CONTRACT_WORK/etc" "$DATA_DIR" -name '*storpool*' \
        -not -path '*/venv/*'
    assert_output "$CONTRACT_WORK/etc/storpool.conf.d"
}

@test "clean after unstack leaves nothing" {
    walk stack
    walk unstack
    assert_success
    walk clean
    assert_success
    assert_not_exists "$CONTRACT_WORK/etc/storpool.conf.d/devstack.conf"
    assert_not_exists "$DATA_DIR/storpool-backups"
}

@test "clean removes the data where Cinder runs elsewhere" {
    localrc ENABLED_SERVICES=n-cpu
    walk stack
    assert_success
    walk clean
    assert_success
    assert_not_exists "$DATA_DIR/storpool-simulator"
}

@test "unstack after a stack that ended early" {
    for phase in source stack-pre-install configure_cinder stack-install; do
        walk stack "$phase"
        assert_success
        walk unstack
        assert_success
        refute_processes
        assert_not_exists "$DATA_DIR/storpool-simulator"
    done
}

@test "stack after unstack works, with a new token" {
    walk stack
    first=$(grep SP_AUTH_TOKEN "$CONTRACT_WORK/etc/storpool.conf")
    walk unstack
    walk stack
    assert_success
    run grep SP_AUTH_TOKEN "$CONTRACT_WORK/etc/storpool.conf"
    refute_output "$first"
}

@test "directories that were there before stay" {
    mkdir -p "$DATA_DIR/storpool-attachments" "$DATA_DIR/storpool-backups"
    touch "$DATA_DIR/storpool-backups/precious"
    walk stack
    assert_success
    walk unstack
    walk clean
    assert_success
    assert_exists "$DATA_DIR/storpool-attachments"
    assert_exists "$DATA_DIR/storpool-backups/precious"
}

@test "without the command the data stays, and a line says so" {
    walk stack
    assert_success
    systemctl stop devstack@sp-sim.service
    rm "$DEVSTACK_VENV/bin/storpool-simulator"
    walk clean
    assert_success
    assert_output --partial "storpool-simulator stays: storpool-simulator is not"
    assert_output --partial "installed any more, and could not remove its devices"
    assert_exists "$DATA_DIR/storpool-simulator"
}
