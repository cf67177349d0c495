#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The queues stop and start under traffic: link off and on, the guest paused, each ring reset and resized.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"
. "$VM_LIB/flow.sh"

link_flap()
{
	local i
	for ((i = 0; i < $1; i++)); do
		hmp g "set_link tap0n off" || return 1
		sleep "$2"
		hmp g "set_link tap0n on" || return 1
	done
	flow_moves a
}

pause() { hmp g stop && sleep 1 && hmp g cont && flow_moves a; }

resize()
{
	guest g "ethtool -G eth0 rx $1 tx $1" || return 1
	guest g "ethtool -g eth0" | awk -v n="$1" '/^Current/ { now = 1 } now && /^[RT]X:/ { print; bad += $2 != n } END { exit bad }' || return 1
	flow_moves a
}

our_ring_is() { vhost_show g | awk -v n="$1" '$1 == "size:" { print; k++; bad += $2 != n } END { exit bad || k != 2 }'; }

plan 13
tap tap0 10.0.0.1/24
nic tap0 '' disable-legacy=on
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "traffic both ways" flow_start a g 10.0.0.1
check "it goes on after the link was off" link_flap 1 1
check "it goes on after the link went off and on 5 times" link_flap 5 0.1
check "it goes on after the guest was paused" pause
if negotiated g eth0 40; then
	check "it goes on with rings of 128 entries" resize 128
	if ours; then
		check "our rings have 128 entries" our_ring_is 128
	else
		skip "our rings have 128 entries" "the in-tree module does not show them"
	fi
	check "it goes on with rings of 256 entries" resize 256
else
	for what in "it goes on with rings of 128 entries" "our rings have 128 entries" "it goes on with rings of 256 entries"; do
		! ours || check "$what" false
		ours || skip "$what" "the in-tree module of this kernel offers no RING_RESET"
	done
fi
check "all of it arrived, both ways" flow_end a
check "pings of many sizes" pings g 10.0.0.1 1 1472 9000
check "checksummed data both ways" both_ways g 10.0.0.1 1048576
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
