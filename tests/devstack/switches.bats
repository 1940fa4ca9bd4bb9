#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# Each switch of local.conf, alone.

load helper

@test "local.conf wins over the defaults of back ends and tempest" {
    localrc CINDER_ENABLED_BACKENDS=storpool:one \
        TEMPEST_VOLUME_MANAGE_VOLUME=False STORPOOL_TEMPLATE=slow
    walk stack
    assert_success
    assert_ini cinder/cinder.conf one storpool_template slow
    assert_ini cinder/cinder.conf storpool-1 volume_driver ""
    assert_ini tempest.conf volume-feature-enabled manage_volume False
}

@test "other back ends beside ours are left alone" {
    localrc CINDER_ENABLED_BACKENDS=lvm:lvm-1,storpool:one
    walk stack
    assert_success
    assert_ini cinder/cinder.conf lvm-1 volume_driver ""
    assert_ini cinder/cinder.conf one storpool_template hybrid
    run cat "$CONTRACT_WORK/openstack.log"
    refute_output --partial lvm-1
}

@test "without Cinder's switch nothing of Cinder is touched" {
    localrc ENABLE_STORPOOL_CINDER=False ENABLE_STORPOOL_C_BAK=False
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/etc/cinder/cinder.conf"
    refute_output --partial storpool
    assert_ini tempest.conf volume vendor_name ""
    assert_ini nova.conf DEFAULT config_source storpool_conf
}

@test "without Nova's switch its connector is not required" {
    localrc ENABLE_STORPOOL_NOVA=False
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/etc/nova.conf"
    refute_output --partial storpool
    assert_ini cinder/cinder.conf storpool-1 storpool_require_connector False
}

@test "Glance's switch registers in glance-api.conf" {
    localrc ENABLE_STORPOOL_GLANCE=True
    walk stack
    assert_success
    assert_ini glance-api.conf DEFAULT config_source storpool_conf
    assert_ini glance-api.conf storpool_conf driver storpool
}

@test "backups are files where there is no Swift" {
    walk stack
    assert_success
    assert_ini cinder/cinder.conf DEFAULT backup_driver \
        cinder.backup.drivers.posix.PosixBackupDriver
    assert_ini cinder/cinder.conf DEFAULT backup_posix_path \
        "$DATA_DIR/storpool-backups"
    assert_exists "$DATA_DIR/storpool-backups"
}

@test "backups stay with Swift where the stack has it" {
    localrc 'ENABLED_SERVICES+=,s-proxy'
    walk stack
    assert_success
    assert_ini cinder/cinder.conf DEFAULT backup_driver ""
    assert_not_exists "$DATA_DIR/storpool-backups"
}

@test "backups stay with the driver that local.conf names" {
    localrc CINDER_BACKUP_DRIVER=ceph
    walk stack
    assert_success
    assert_ini cinder/cinder.conf DEFAULT backup_driver ""
}

@test "without the backup's switch Cinder keeps its default" {
    localrc ENABLE_STORPOOL_C_BAK=False
    walk stack
    assert_success
    assert_ini cinder/cinder.conf DEFAULT backup_driver ""
    assert_ini cinder/cinder.conf DEFAULT config_source storpool_conf
}

@test "multiattach is on, and has a switch" {
    # shellcheck disable=SC2016 # walk expands it
    localrc 'trap "echo multiattach=\$ENABLE_VOLUME_MULTIATTACH" EXIT'
    walk stack override_defaults
    assert_output --partial multiattach=True
    localrc STORPOOL_MULTIATTACH=False
    walk stack override_defaults
    assert_output --partial multiattach=False
}

@test "a prefix is in storpool.conf and in tempest's references" {
    localrc STORPOOL_VOLUME_PREFIX=ci7
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/etc/storpool.conf.d/devstack.conf"
    assert_line SP_OPENSTACK_VOLUME_PREFIX=ci7
    assert_ini tempest.conf volume manage_volume_ref \
        "source-name,ci7-unmanaged--%s"
}

@test "the simulator's size, place and address can be chosen" {
    localrc STORPOOL_SIM_SIZE=9G "STORPOOL_SIM_DIR=$CONTRACT_WORK/elsewhere" \
        STORPOOL_API_HOST=127.0.0.2
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/systemd/devstack@sp-sim.service"
    assert_output --partial "--pool-size 9G"
    assert_output --partial "--state-dir $CONTRACT_WORK/elsewhere"
    assert_output --partial "--listen 127.0.0.2:"
}

@test "a compute needs no Cinder and no tempest" {
    localrc ENABLED_SERVICES=n-cpu STORPOOL_MODE=cluster
    cluster
    walk stack
    assert_success
    assert_ini nova-cpu.conf DEFAULT config_source storpool_conf
    assert_not_exists "$CONTRACT_WORK/etc/cinder/cinder.conf"
    assert_not_exists "$CONTRACT_WORK/systemd/devstack@sp-sim.service"
}

@test "with a cluster nothing is started, and its file stays as it is" {
    cluster
    before=$(<"$CONTRACT_WORK/etc/storpool.conf")
    localrc STORPOOL_MODE=cluster STORPOOL_TEMPLATE=gold
    walk stack
    assert_success
    assert_ini cinder/cinder.conf storpool-1 storpool_template gold
    assert_ini cinder/cinder.conf storpool-2 storpool_template gold
    assert_not_exists "$CONTRACT_WORK/systemd/devstack@sp-sim.service"
    walk unstack
    assert_success
    walk clean
    assert_success
    assert_equal "$(<"$CONTRACT_WORK/etc/storpool.conf")" "$before"
    assert_not_exists "$CONTRACT_WORK/etc/storpool.conf.d/devstack.conf"
    kill -0 "$(<"$CONTRACT_WORK/run/cluster.pid")"
}
