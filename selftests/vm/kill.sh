#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# SIGKILL of a guest's QEMU under traffic leaves nothing behind, and another guest on the same tap works.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"
. "$VM_LIB/flow.sh"

users() { cat /sys/module/vhost_net/refcnt; }
no_users() { [ "$(users)" = "$USERS" ]; }
no_threads() { [ "$(vhost_threads g)" = 0 ]; }
no_debugfs() { [ -z "$(find "$VHOST_DEBUGFS" -mindepth 1)" ]; }
tap_free() { [ "$(cat /sys/class/net/tap0/carrier)" = 0 ]; }

kill_guest()
{
	kill -9 "${G_PID[g]}"
	wait "${G_PID[g]}" || true
	until_true 10 no_threads
}

USERS=$(users)
plan 11
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "traffic both ways" flow_start a g 10.0.0.1
check "the kernel served its queues" served g
check "SIGKILL ends QEMU and its vhost threads" kill_guest
flow_drop a
check "the module has no user" until_true 10 no_users
check "the tap is free" until_true 10 tap_free
if ours; then
	check "debugfs shows no device" until_true 10 no_debugfs
else
	skip "debugfs shows no device" "the in-tree module shows none"
fi
GUEST_MACHINE=microvm,rtc=on,pit=on,pic=on NIC_DEVICE=virtio-net-device
nic tap0
start_guest h "${NIC[@]}"
check "another guest's NIC comes up" guest_address h eth0 10.0.0.2/24
check "checksummed data both ways" both_ways h 10.0.0.1 1048576
check "the kernel served its queues" served h
check "QEMU ends without a complaint" stop_guest h
finish
