#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The kinds of workers of our module. `workers.sh [kthread] [shared]`: kernel threads instead of threads of QEMU (on
# kernels that have both), one worker for all queues of a device instead of one each.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

PARAMETERS=/sys/module/vhost_core/parameters
kthread='' shared=''
for arg in "$@"; do
	declare "$arg=1"
done

reload() { modprobe -r vhost_net && modprobe vhost_core "$@" && modprobe vhost_net; }

# The worker of each queue, as our fdinfo shows it.
worker_ids() { vhost_show g | awk '$1 == "worker:" { print $2 }'; }

# Prints where a worker is in /proc: of its own as a kernel thread, of QEMU otherwise.
worker_dir()
{
	if [ -d "/proc/${G_PID[g]}/task/$1" ]; then
		echo "/proc/${G_PID[g]}/task/$1"
	else
		echo "/proc/$1"
	fi
}

workers_are()
{
	local want=$1 id
	for id in $(worker_ids); do
		echo "worker $id: $(worker_dir "$id") $(<"$(worker_dir "$id")/comm")" || return 1
		[[ $(<"$(worker_dir "$id")/comm") == vhost-${G_PID[g]}* ]] || return 1
		case $want in
		task)		[ -d "/proc/${G_PID[g]}/task/$id" ] || return 1 ;;
		kthread)	[ ! -d "/proc/${G_PID[g]}/task/$id" ] && [ -z "$(tr -d '\0' <"/proc/$id/cmdline")" ] || return 1 ;;
		esac
	done
	vhost_show g | grep "^workers:.$want\$"
}

worker_count()
{
	echo "QEMU's device has $(worker_ids | sort -u | wc -l) workers: $(worker_ids | tr '\n' ' ')"
	[ "$(worker_ids | wc -l)" = 2 ] && [ "$(worker_ids | sort -u | wc -l)" = "$1" ]
}

restore()
{
	[ -z "$shared" ] || echo 0 >"$PARAMETERS/worker_per_device"
	[ -z "$kthread" ] || reload
}

ours || skip_all "the in-tree module has no such parameters"
kind=task
[ -e "$PARAMETERS/fork_from_owner_default" ] || kind=kthread
if [ -n "$kthread" ]; then
	[ "$kind" = task ] || skip_all "this kernel has kernel threads only: every test uses them"
	kind=kthread
fi
plan 7
trap 'vm_cleanup; restore' EXIT
[ -z "$kthread" ] || reload fork_from_owner_default=0 || bail "the modules do not load with fork_from_owner_default=0"
[ -z "$shared" ] || echo 1 >"$PARAMETERS/worker_per_device"
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "its workers are of the kind $kind" workers_are "$kind"
check "a worker for each $([ -n "$shared" ] && echo device || echo queue)" worker_count $((shared ? 1 : 2))
check "pings of many sizes" pings g 10.0.0.1 1 1472 9000
check "checksummed data both ways" both_ways g 10.0.0.1 2097152
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
