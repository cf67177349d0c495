#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A guest of two CPUs with two NICs of two queue pairs, the second one with receive-side scaling.
# `multiqueue.sh [KIND]`: the guest's memory, see ram.sh.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/ram.sh"
. "$VM_LIB/nic.sh"

GUEST_CPUS=2

pairs_are() { guest g "ethtool -l $1" | awk -v n="$2" '/^Current/ { now = 1 } now && /^Combined:/ { print; ok = $2 == n } END { exit !ok }'; }

# Each of our devices is one pair: all have moved buffers in both directions.
ours_used()
{
	vhost_show g | awk '
		/^vhost:/ { n++ }
		$1 ~ /^vq[01]:$/ { q = $1 }
		$1 == "completed:" { print "device", n, q, $2; bad += $2 < 5; k++ }
		END { exit bad || n != 4 || k != 8 }'
}

# Flows from both CPUs: which flow goes where is the kernel's choice.
spread()
{
	local cpu
	for cpu in 1 2; do
		guest g "taskset $cpu ping -q -c 10 -i 0.05 -s $((RANDOM % 1400)) $1" >/dev/null || return 1
	done
	both_ways g "$1" 524288
}

spread_more()
{
	local i
	for i in 1 2 3 4 5 6; do
		! ours_used >"$VM_DIR/used" || return 0
		spread 10.0.0.1 && spread 10.0.1.1 || return 1
	done
	cat "$VM_DIR/used"
	return 1
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
check "data through the first" spread 10.0.0.1
check "data through the one with rss=on" spread 10.0.1.1
if ours; then
	check "our counters show all eight queues in use" spread_more
else
	skip "our counters show all eight queues in use" "the in-tree module has no counters"
fi
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
check "its memory is free again" ram_free
finish
