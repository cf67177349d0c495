#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest with a NIC without event index, indirect descriptors and mergeable buffers, and one without MSI-X
# (vectors=0). `plain.sh [KIND]`: the guest's memory, see ram.sh.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/ram.sh"
. "$VM_LIB/nic.sh"

# eth1's interrupt is a line, not a message.
no_msi()
{
	guest g 'n=$(basename $(readlink -f /sys/class/net/eth1/device)); grep -w $n /proc/interrupts; grep -w $n /proc/interrupts | grep -v MSI | grep -q . && ! grep -q $n- /proc/interrupts'
}

kind=${1:-memfd}
plan 12
tap tap0 10.0.0.1/24
tap tap1 10.0.1.1/24
ram "$kind"
nic tap0 '' event_idx=off,indirect_desc=off,mrg_rxbuf=off,disable-legacy=on
args=("${NIC[@]}")
nic tap1 '' vectors=0,disable-legacy=on
start_guest g "${args[@]}" "${NIC[@]}" "${RAM[@]}"
check "the guest's memory is $kind" ram_is g "$kind"
check "the plain NIC comes up" guest_address g eth0 10.0.0.2/24
check "the NIC without MSI-X comes up" guest_address g eth1 10.0.1.2/24
check "the plain NIC negotiated none of the three" features g eth0 -15 -28 -29 32
check "the other has no MSI-X" no_msi
check "pings through the plain NIC" pings g 10.0.0.1 1 1472 9000
check "pings without MSI-X" pings g 10.0.1.1 1 1472 9000
check "data through the plain NIC" both_ways g 10.0.0.1 2097152
check "data without MSI-X" both_ways g 10.0.1.1 2097152
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
check "its memory is free again" ram_free
finish
