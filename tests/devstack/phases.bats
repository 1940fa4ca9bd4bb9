#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# A whole stack.sh with the simulator, and what it leaves.

load helper

@test "all phases and hooks come in DevStack's order" {
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/phases"
    assert_output "override_defaults
source
stack-pre-install
configure_glance
configure_cinder
configure_cinder_backend_storpool storpool-1
configure_cinder_backend_storpool storpool-2
configure_nova
stack-install
init_cinder
init_cinder_backend_storpool storpool-1
init_cinder_backend_storpool storpool-2
stack-post-config
start
stack-extra
stack-test-config"
}

@test "two back ends with a template each are in cinder.conf" {
    walk stack
    assert_success
    for name in storpool-1:hybrid storpool-2:nvme; do
        section=${name%:*}
        assert_ini cinder/cinder.conf "$section" volume_driver \
            cinder_storpool.driver.StorPoolDriver
        assert_ini cinder/cinder.conf "$section" volume_backend_name "$section"
        assert_ini cinder/cinder.conf "$section" storpool_template "${name#*:}"
        assert_ini cinder/cinder.conf "$section" storpool_require_connector True
    done
    assert_ini cinder/cinder.conf DEFAULT debug True
}

@test "cinder and nova load our configuration source" {
    # What DevStack writes meanwhile is not lost: as its iniset does with
    # sed -i, and slower.
    # shellcheck disable=SC2016 # walk expands it
    echo 'function configure_neutron_nova {
            cp "$NOVA_CONF" "$NOVA_CONF.new"
            sleep 0.5
            { echo "[neutron]"; echo "auth_type = slow"; } >>"$NOVA_CONF.new"
            mv "$NOVA_CONF.new" "$NOVA_CONF"
        }' >"$CONTRACT_WORK/before-stack-post-config"
    walk stack
    assert_success
    assert_ini nova.conf neutron auth_type slow
    for file in cinder/cinder.conf nova.conf nova-cpu.conf; do
        assert_ini "$file" DEFAULT config_source storpool_conf
        assert_ini "$file" storpool_conf driver storpool
    done
    assert_ini glance-api.conf DEFAULT config_source ""
}

@test "a source that is there already stays" {
    # shellcheck disable=SC2016 # walk expands it
    echo 'iniset $NOVA_CONF DEFAULT config_source other' \
        >"$CONTRACT_WORK/before-stack-post-config"
    walk stack
    assert_success
    assert_ini nova.conf DEFAULT config_source other,storpool_conf
}

@test "tempest.conf knows what the driver can do" {
    walk stack
    assert_success
    assert_ini tempest.conf volume vendor_name StorPool
    assert_ini tempest.conf volume storage_protocol storpool
    assert_ini tempest.conf volume manage_volume_ref \
        "source-name,os-unmanaged--%s"
    assert_ini tempest.conf volume manage_snapshot_ref \
        "source-name,os-unmanaged--snapshot-%s"
    for feature in extend_attached_volume extend_volume_with_snapshot \
        manage_volume manage_snapshot volume_revert; do
        assert_ini tempest.conf volume-feature-enabled "$feature" True
    done
}

@test "the distribution is installed editable and without extras" {
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/pip.log"
    assert_output --regexp "install .*-e $CONTRACT_PLUGIN$"
}

@test "the simulator runs as root, by its path, without a token" {
    walk stack
    assert_success
    run cat "$CONTRACT_WORK/systemd/devstack@sp-sim.service"
    assert_line --regexp "^User *= *root$"
    assert_line --regexp "^ExecStart *= *$DEVSTACK_VENV/bin/storpool-simulator serve "
    assert_line --partial "--state-dir $DATA_DIR/storpool-simulator"
    assert_line --partial "--client 1:$(uname -n)"
    assert_line --partial "--template hybrid --template nvme"
    refute_output --partial "--token"
    refute_output --partial SP_AUTH_TOKEN
}

@test "storpool.conf is the simulator's, and only the services read it" {
    walk stack
    assert_success
    run stat -c "%a %U" "$CONTRACT_WORK/etc/storpool.conf"
    assert_output "600 $STACK_USER"
    run cat "$CONTRACT_WORK/etc/storpool.conf"
    assert_line --index 0 "# Made by the DevStack plugin of storpool-openstack."
    assert_line --regexp "^SP_AUTH_TOKEN=[0-9]+$"
    assert_line "[$(uname -n)]"
    assert_line "SP_OURID=1"
    run cat "$CONTRACT_WORK/etc/storpool.conf.d/devstack.conf"
    assert_line "SP_OPENSTACK_STATE_DIR=$DATA_DIR/storpool-attachments"
    run stat -c "%a %U" "$DATA_DIR/storpool-attachments"
    assert_output "2770 $STACK_USER"
}

@test "the token is in no output, no trace and no command line" {
    walk stack
    assert_success
    token=$(sed -n 's/^SP_AUTH_TOKEN=//p' "$CONTRACT_WORK/etc/storpool.conf")
    [[ -n $token ]]
    refute_output --partial "$token"
    run grep -c -F -e "$token" "$CONTRACT_WORK"/{trace,sudo.log,pip.log,log/*}
    assert_failure
    run pgrep -f -- "$token"
    assert_failure
    assert [ "$(wc -l <"$CONTRACT_WORK/trace")" -gt 100 ]
}

@test "the API answers with the templates of the back ends" {
    walk stack
    assert_success
    STORPOOL_CONF=$CONTRACT_WORK/etc/storpool.conf \
        run "$DEVSTACK_VENV/bin/storpool-openstack" api VolumeTemplatesList
    assert_success
    assert_output --partial hybrid
    assert_output --partial nvme
}

@test "stack.sh again is fine, with the options of the second time" {
    walk stack
    assert_success
    localrc STORPOOL_TEMPLATES=storpool-2:fast
    walk stack
    assert_success
    run simulator_runs
    assert_success
    assert_ini cinder/cinder.conf storpool-2 storpool_template fast
    run pgrep -f -a -- "--template fast"
    assert_success
    assert_ini nova.conf DEFAULT config_source storpool_conf
}

@test "volumes are loop devices' files with the loop data plane" {
    if [[ $EUID -ne 0 ]]; then
        skip "it mounts a file system: run as root"
    fi
    localrc STORPOOL_SIM_DATAPLANE=loop STORPOOL_SIM_SIZE=1G
    walk stack
    assert_success
    run findmnt -n -o FSTYPE "$DATA_DIR/storpool-simulator/pool"
    assert_output xfs
    walk unstack
    assert_success
    run findmnt "$DATA_DIR/storpool-simulator/pool"
    assert_failure
    assert_not_exists "$DATA_DIR/storpool-simulator"
}
