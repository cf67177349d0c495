#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest without PCI: virtio-net over virtio-mmio, rings of 1024 entries. `microvm.sh legacy`: the legacy register layout.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

legacy=${1:+true}
GUEST_MACHINE=microvm,rtc=on,pit=on,pic=on NIC_DEVICE=virtio-net-device

ring_is() { guest g 'ethtool -g eth0' | awk -v n="$1" '/^Current/ { now = 1 } now && /^[RT]X:/ { print; k++; bad += $2 != n } END { exit bad || k != 2 }'; }

plan 7
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}" -global "virtio-mmio.force-legacy=${legacy:-false}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
if [ -n "$legacy" ]; then
	check "the device is legacy" features g eth0 -32 15
else
	check "the device is modern" features g eth0 32 15
fi
check "its ring has 1024 entries" ring_is 1024
check "pings of many sizes" pings g 10.0.0.1 1 1472 9000 65000
check "checksummed data both ways" both_ways g 10.0.0.1 4194304
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
