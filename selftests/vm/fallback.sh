#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tests of vm/ can fail: a guest whose NIC has vhost=off works, but is not taken for one that the kernel served.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

not_served() { ! served g; }

VHOST=off
plan 5
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "checksummed data both ways" both_ways g 10.0.0.1 1048576
check "QEMU holds no vhost device" [ "$(vhost_fds g)" = 0 ]
check "the kernel did not serve its queues" not_served
check "QEMU ends without a complaint" stop_guest g
finish
