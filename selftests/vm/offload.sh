#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Segmentation and checksum offload really happen: frames far beyond the MTU pass the tap both ways, and packets
# whose checksum is not filled in yet; with offload turned off in the guest they do not, and data is right each time.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

# large sends|receives ADDRESS FILTER: data with frames that are larger than the MTU.
large() { capture tap0 4 "$3 and greater 2800" && "$1" g "$2" 4194304 && captured 'length' 4; }

# within_mtu ...: without a single such frame.
within_mtu()
{
	capture tap0 1 "$3 and greater 1515" || return 1
	"$1" g "$2" 2097152 || return 1
	! dump_ended || { cat "$VM_DIR/dump"; return 1; }
	kill "$DUMP_PID"
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
check "the guest sends large frames" large sends 10.0.0.1 "src 10.0.0.2"
check "the guest receives large frames" large receives 10.0.0.1 "dst 10.0.0.2"
check "the guest sends large frames over IPv6" large sends fd00::1 "src fd00::2"
check "the guest leaves checksums to the host" partial_checksums sends "src 10.0.0.2 and tcp and greater 1000"
check "the guest takes unfinished checksums" partial_checksums receives "dst 10.0.0.2 and tcp and greater 1000"
guest g "ethtool -K eth0 tso off gso off tx off" >/dev/null
check "without offload its frames fit the MTU" within_mtu sends 10.0.0.1 "src 10.0.0.2"
check "the guest still receives large frames" large receives 10.0.0.1 "dst 10.0.0.2"
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
