#!/bin/bash
# Copyright 2026 the storpool-openstack authors
# SPDX-License-Identifier: Apache-2.0
#
# StorPool for DevStack. Which moment calls what, and nothing else: the work
# is in lib/storpool, and in lib/simulator or lib/cluster, which define the
# same functions for the two places that volumes can be in.

# clean.sh of some releases does not read a plugin's settings.
# shellcheck source=devstack/settings
source "$(dirname "${BASH_SOURCE[0]}")/settings"

if [[ ! $STORPOOL_MODE =~ ^(simulator|cluster)$ ]]; then
    die $LINENO "STORPOOL_MODE=$STORPOOL_MODE: it is simulator or cluster"
fi

# shellcheck source=devstack/lib/storpool
source "$STORPOOL_PLUGIN_DIR/lib/storpool"
# shellcheck source=devstack/lib/simulator
source "$STORPOOL_PLUGIN_DIR/lib/$STORPOOL_MODE"

case "$1 $2" in
    "stack pre-install")
        echo_summary "Checking what StorPool needs ($STORPOOL_MODE)"
        check_storpool_settings
        check_storpool_storage
        ;;
    "stack install")
        echo_summary "Installing storpool-openstack"
        install_storpool
        install_storpool_storage
        echo_summary "Starting StorPool ($STORPOOL_MODE)"
        start_storpool_storage
        configure_storpool_host
        check_storpool_api
        ;;
    "stack post-config")
        echo_summary "Configuring services for StorPool"
        configure_storpool_cinder
        configure_storpool_backup
        configure_storpool_nova
        configure_storpool_glance
        ;;
    "stack extra")
        check_storpool_services
        ;;
    "stack test-config")
        configure_storpool_tempest
        ;;
    "unstack ")
        stop_storpool_storage
        ;;
    "clean ")
        cleanup_storpool_storage
        cleanup_storpool
        ;;
esac
