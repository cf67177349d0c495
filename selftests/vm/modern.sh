#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest with a modern virtio-net PCI device: pings of many sizes, checksummed data both ways.
. "$(dirname "$0")/lib.sh"

plan 6
tap tap0 10.0.0.1/24
nic tap0 '' disable-legacy=on
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "pings of many sizes" pings g 10.0.0.1 1 56 1000 1472 1473 8000 65000
check "the guest sends 8 MiB" sends g 10.0.0.1 8388608
check "the guest receives 8 MiB" receives g 10.0.0.1 8388608
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
