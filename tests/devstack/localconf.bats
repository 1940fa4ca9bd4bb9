#!/usr/bin/env bats
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
# local.conf as DevStack reads it: ours of samples/, and what wins.

load helper

SAMPLES=("$CONTRACT_PLUGIN"/devstack/samples/local.conf.*)

# stackrc FILE COMMAND: in a shell that has read a local.conf
function stackrc {
    # git_clone of DevStack writes into the system's configuration.
    GIT_CONFIG_SYSTEM=$CONTRACT_WORK/gitconfig run bash -c "
        CONTRACT_PHASE=stackrc
        declare -A GITDIR GITREPO GITBRANCH
        source '$DEVSTACK_DIR/functions'
        extract_localrc_section '$1' none '$CONTRACT_WORK/localrc.auto'
        source '$CONTRACT_WORK/localrc.auto'
        set -o errexit
        $2"
}

@test "of each sample DevStack takes all that is there" {
    for sample in "${SAMPLES[@]}"; do
        stackrc "$sample" :
        assert_success
        assert_equal "$(grep -v '^# Generated' "$CONTRACT_WORK/localrc.auto")" \
            "$(sed '1,/^\[\[local|localrc\]\]$/d' "$sample")"
        run grep -c '^\[\[' "$sample"
        assert_output 1
    done
}

@test "the branch that each sample names can be cloned" {
    git init -q --initial-branch main "$CONTRACT_WORK/repo"
    git -C "$CONTRACT_WORK/repo" -c user.name=a -c user.email=a@b \
        commit -q --allow-empty -m first
    for sample in "${SAMPLES[@]}"; do
        stackrc "$sample" "GITREPO[storpool-openstack]=$CONTRACT_WORK/repo
            fetch_plugins"
        assert_success
        assert_exists "$DEST/storpool-openstack/.git"
        rm -r "$DEST/storpool-openstack"
    done
}

@test "no sample enables a service that DevStack's network refuses" {
    for sample in "${SAMPLES[@]}"; do
        # shellcheck disable=SC2016 # the other shell expands it
        stackrc "$sample" 'echo ",$ENABLED_SERVICES,"'
        assert_success
        refute_output --regexp ",(q-agt|neutron-agent|q-l3|neutron-l3),"
    done
    # shellcheck disable=SC2016 # the other shell expands it
    stackrc "$CONTRACT_PLUGIN/devstack/samples/local.conf.multinode-compute" \
        'echo ",$ENABLED_SERVICES,"'
    assert_output --partial ",ovn-controller,"
    assert_output --partial ",q-ovn-metadata-agent,"
}

@test "each sample passes the checks before anything is installed" {
    localrc "source $CONTRACT_WORK/localrc.auto"
    for sample in "${SAMPLES[@]}"; do
        stackrc "$sample" :
        rm -f "$CONTRACT_WORK/etc/storpool.conf"
        if grep -q STORPOOL_MODE=cluster "$sample"; then
            echo SP_AUTH_TOKEN=1 >"$CONTRACT_WORK/etc/storpool.conf"
        fi
        walk stack stack-pre-install
        assert_success
        assert_output --regexp "Checking what StorPool needs .(simulator|cluster)"
    done
}

@test "what local.conf says of a file wins over the plugin" {
    # shellcheck disable=SC2016 # walk expands it
    printf '%s\n' '[[post-config|$CINDER_CONF]]' '[storpool-1]' \
        'storpool_template = mine' '[DEFAULT]' 'config_source = other' \
        '[[post-config|$NOVA_CONF]]' '[storpool_conf]' 'driver = other' \
        '[[test-config|$TEMPEST_CONFIG]]' '[volume]' 'vendor_name=Else' \
        >"$CONTRACT_WORK/local.conf"
    walk stack
    assert_success
    assert_ini cinder/cinder.conf storpool-1 storpool_template mine
    assert_ini cinder/cinder.conf storpool-2 storpool_template nvme
    assert_ini cinder/cinder.conf DEFAULT config_source other
    assert_ini nova.conf storpool_conf driver other
    assert_ini nova-cpu.conf storpool_conf driver other
    assert_ini tempest.conf volume vendor_name Else
    assert_ini tempest.conf volume storage_protocol storpool
}
