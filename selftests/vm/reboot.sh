#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest that reboots: the same QEMU and the same vhost device serve the firmware and Linux again.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

GUEST_REBOOTS=1

reboot_guest() { guest g '(usleep 300000; reboot -f) >/dev/null 2>&1 &' && wait_ready g; }

plan 8
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "checksummed data both ways" both_ways g 10.0.0.1 1048576
check "the guest boots again" reboot_guest
check "its NIC comes up again" guest_address g eth0 10.0.0.2/24
check "checksummed data both ways again" both_ways g 10.0.0.1 1048576
check "QEMU still holds one vhost device" [ "$(vhost_fds g)" = 1 ]
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
