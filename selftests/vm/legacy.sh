#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest with two legacy virtio-net PCI devices at once: with mergeable buffers (header of 12 bytes) and
# without (header of 10 bytes). `legacy.sh [KIND]`: the guest's memory, see ram.sh.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/ram.sh"
. "$VM_LIB/nic.sh"

# Our module puts a header of this size before the frames of one of the two NICs.
header_is() { vhost_show g | awk -v n="$1" '$1 == "guest_hlen:" && $2 == n { found++ } END { print found; exit found != 2 }'; }

kind=${1:-file}
plan 13
tap tap0 10.0.0.1/24
tap tap1 10.0.1.1/24
ram "$kind"
nic tap0 '' disable-modern=on,disable-legacy=off
args=("${NIC[@]}")
nic tap1 '' disable-modern=on,disable-legacy=off,mrg_rxbuf=off
start_guest g "${args[@]}" "${NIC[@]}" "${RAM[@]}"
check "the guest's memory is $kind" ram_is g "$kind"
check "the first NIC comes up" guest_address g eth0 10.0.0.2/24
check "the second NIC comes up" guest_address g eth1 10.0.1.2/24
# A legacy device has no VERSION_1 (bit 32), the second one no MRG_RXBUF (bit 15) either.
check "the first is legacy, mergeable" features g eth0 -32 15
check "the second is legacy, not mergeable" features g eth1 -32 -15
if ours; then
	check "headers of 10 bytes without mergeable buffers" header_is 10
else
	skip "headers of 10 bytes without mergeable buffers" "the in-tree module does not show it"
fi
check "pings through the first" pings g 10.0.0.1 1 1472 9000
check "pings through the second" pings g 10.0.1.1 1 1472 9000
check "data through the first" both_ways g 10.0.0.1 2097152
check "data through the second" both_ways g 10.0.1.1 2097152
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
check "its memory is free again" ram_free
finish
