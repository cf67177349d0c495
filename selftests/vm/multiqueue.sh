#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest of two CPUs with two NICs of two queue pairs, the second one with receive-side scaling.
# `multiqueue.sh [KIND]`: the guest's memory, see ram.sh.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/ram.sh"
. "$VM_LIB/nic.sh"

GUEST_CPUS=2

pairs_are() { guest g "ethtool -l $1" | awk -v n="$2" '/^Current/ { now = 1 } now && /^Combined:/ { print; ok = $2 == n } END { exit !ok }'; }

# Packets of queue $2 (e.g. rx_queue_0_packets on newer kernels, rx0_packets on older ones) of NIC $1.
queue_packets() { guest g "ethtool -S $1" | awk -v a="$2$3_packets:" -v b="$2_queue_$3_packets:" '$1 == a || $1 == b { print $2 }'; }

all_used()
{
	local q
	for q in rx:0 rx:1 tx:0 tx:1; do
		[ "$(queue_packets "$1" "${q%:*}" "${q#*:}")" -gt 5 ] || return 1
	done
}

# Flows from both CPUs until each of the four queues has carried packets: which flow goes where is the kernel's choice.
spread()
{
	local dev=$1 address=$2 i
	for i in 1 2 3 4 5 6; do
		guest g "for cpu in 1 2; do taskset \$cpu ping -q -c 10 -i 0.05 -s $((i * 100)) $address || exit 1; done" >/dev/null || return 1
		both_ways g "$address" 262144 || return 1
		! all_used "$dev" || return 0
	done
	guest g "ethtool -S $dev" | grep packets
	echo "a queue of $dev has carried nothing"
	return 1
}

# Each of our devices is one pair: both must have moved buffers in both directions.
ours_used()
{
	vhost_show g | awk '
		/^vhost:/ { n++ }
		$1 ~ /^vq[01]:$/ { q = $1 }
		$1 == "completed:" { print n, q, $2; if ($2 < 5) bad = 1; k++ }
		END { exit bad || n != 4 || k != 8 }'
}

kind=${1:-hugetlb}
plan 12
tap tap0 10.0.0.1/24 multi_queue
tap tap1 10.0.1.1/24 multi_queue
ram "$kind"
nic tap0 queues=2 mq=on,vectors=6,disable-legacy=on
args=("${NIC[@]}")
nic tap1 queues=2 mq=on,rss=on,vectors=6,disable-legacy=on
start_guest g "${args[@]}" "${NIC[@]}" "${RAM[@]}"
check "the guest's memory is $kind" ram_is g "$kind"
check "the NIC comes up" guest_address g eth0 10.0.0.2/24
check "the NIC with rss=on comes up" guest_address g eth1 10.0.1.2/24
check "the guest uses two pairs" pairs_are eth0 2
check "the guest uses two pairs with rss=on" pairs_are eth1 2
check "QEMU holds a vhost device for each pair" [ "$(vhost_fds g)" = 4 ]
check "all queues carry data" spread eth0 10.0.0.1
check "all queues carry data with rss=on" spread eth1 10.0.1.1
if ours; then
	check "our counters show all eight queues in use" ours_used
else
	skip "our counters show all eight queues in use" "the in-tree module has no counters"
fi
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
check "its memory is free again" ram_free
finish
