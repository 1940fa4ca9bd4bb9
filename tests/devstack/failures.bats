#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# What is wrong is said early, with the thing and the way out.

load helper

@test "a mode that does not exist" {
    localrc STORPOOL_MODE=ceph
    walk stack
    assert_failure
    assert_output --partial "STORPOOL_MODE=ceph: it is simulator or cluster"
}

@test "the simulator's service disabled" {
    localrc DISABLED_SERVICES=sp-sim
    walk stack
    assert_failure
    assert_output --partial "needs the service sp-sim on this host"
    assert_output --partial STORPOOL_MODE=cluster
}

@test "the storpool.conf of a cluster is not overwritten" {
    echo SP_AUTH_TOKEN=1 >"$CONTRACT_WORK/etc/storpool.conf"
    walk stack
    assert_failure
    assert_output --partial "storpool.conf is not ours"
    run cat "$CONTRACT_WORK/phases"
    assert_line --index 2 stack-pre-install
    refute_line configure_cinder
    walk clean
    assert_success
    run cat "$CONTRACT_WORK/etc/storpool.conf"
    assert_output SP_AUTH_TOKEN=1
}

@test "a directory of somebody else is not taken for the simulator" {
    mkdir -p "$DATA_DIR/storpool-simulator"
    touch "$DATA_DIR/storpool-simulator/precious"
    walk stack
    assert_failure
    assert_output --partial "storpool-simulator is there and not ours"
    assert_output --partial STORPOOL_SIM_DIR
    walk unstack
    walk clean
    assert_success
    assert_exists "$DATA_DIR/storpool-simulator/precious"
}

@test "a cluster without storpool.conf" {
    localrc STORPOOL_MODE=cluster STORPOOL_TEMPLATE=gold
    walk stack
    assert_failure
    assert_output --partial "install StorPool's client on this host"
}

@test "a cluster with a simulator's storpool.conf" {
    walk stack
    assert_success
    localrc STORPOOL_MODE=cluster STORPOOL_TEMPLATE=gold
    walk stack
    assert_failure
    assert_output --partial "is that of a simulator"
}

@test "a cluster without a template" {
    echo SP_AUTH_TOKEN=1 >"$CONTRACT_WORK/etc/storpool.conf"
    localrc STORPOOL_MODE=cluster
    walk stack
    assert_failure
    assert_output --partial "back end storpool-1 has no template"
}

@test "a template that the cluster does not have" {
    cluster
    localrc STORPOOL_MODE=cluster STORPOOL_TEMPLATE=silver
    walk stack
    assert_failure
    assert_output --partial "back end storpool-1: there is no template silver"
}

@test "a cluster that does not answer" {
    printf '%s\n' SP_AUTH_TOKEN=1 SP_API_HTTP_HOST=127.0.0.1 \
        "SP_API_HTTP_PORT=$(free_port)" >"$CONTRACT_WORK/etc/storpool.conf"
    localrc STORPOOL_MODE=cluster STORPOOL_TEMPLATE=gold STORPOOL_TIMEOUT=3
    walk stack
    assert_failure
    assert_output --partial "the StorPool API is not usable from this host"
}

@test "a port that somebody else listens at" {
    port=$(sed -n 's/^STORPOOL_API_PORT=//p' "$CONTRACT_WORK/localrc")
    python3 -m http.server --bind 127.0.0.1 "$port" >/dev/null 2>&1 3>&- &
    echo $! >"$CONTRACT_WORK/run/other.pid"
    walk stack
    assert_failure
    assert_output --regexp "the simulator has ended|somebody else listens"
    run cat "$CONTRACT_WORK/log/devstack@sp-sim.service"
    assert_output --partial "$port"
}

@test "a simulator that ends at once" {
    localrc STORPOOL_TEMPLATE=a/b
    walk stack
    assert_failure
    assert_output --partial "journalctl -u devstack@sp-sim says why"
}

@test "a back end that does not come up" {
    echo down >"$CONTRACT_WORK/answers/$(hostname)@storpool-2"
    echo STORPOOL_TIMEOUT=2 >"$CONTRACT_WORK/before-stack-extra"
    walk stack
    assert_failure
    assert_output --partial "$(hostname)@storpool-2 is not up after 2 s"
    assert_output --partial "journalctl -u devstack@c-vol"
}
