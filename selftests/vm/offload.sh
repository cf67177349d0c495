#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segmentation and checksum offload really happen: frames far beyond the MTU pass the tap both ways, and packets
# whose checksum is not filled in yet; with offload turned off in the guest they do not, and data is right each time.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

# moves_as sends|receives ADDRESS rx|tx OP SIZE: data with a mean frame size that is -gt or -le SIZE.
moves_as()
{
	local was mean
	was=$(frames tap0 "$3")
	"$1" g "$2" 4194304 || return 1
	mean=$(mean_since "$was" tap0 "$3")
	echo "mean frame: $mean bytes"
	[ "$mean" "$4" "$5" ]
}

# Packets with a checksum still to be made show as incorrect on the tap.
partial_checksums() { capture tap0 4 "$2" && "$1" g 10.0.0.1 524288 && captured 'cksum.*incorrect' 4; }

plan 11
tap tap0 10.0.0.1/24
ip addr add fd00::1/64 dev tap0 nodad
nic tap0 '' disable-legacy=on
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "its IPv6 address" guest g "echo 0 >/proc/sys/net/ipv6/conf/eth0/accept_dad; ip addr add fd00::2/64 dev eth0"
check "the guest sends large frames" moves_as sends 10.0.0.1 rx -gt 3000
check "the guest receives large frames" moves_as receives 10.0.0.1 tx -gt 3000
check "the guest sends large frames over IPv6" moves_as sends fd00::1 rx -gt 3000
check "the guest leaves checksums to the host" partial_checksums sends "src 10.0.0.2 and tcp and greater 1000"
check "the guest takes unfinished checksums" partial_checksums receives "dst 10.0.0.2 and tcp and greater 1000"
guest g "ethtool -K eth0 tso off gso off tx off" >/dev/null
check "without offload its frames fit the MTU" moves_as sends 10.0.0.1 rx -le 1514
check "data the other way" moves_as receives 10.0.0.1 tx -gt 3000
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
