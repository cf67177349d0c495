#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What our modules show of a running guest: tracepoints, fdinfo and debugfs.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

TRACE=/sys/kernel/tracing/instances/vm
# Of both queues, and of the one that transmits: the other asks for kicks only when the guest has no buffer left.
EVENTS="vh_fetch:01 vh_complete:01 vh_publish:01 vh_signal:01 vh_start:01 vh_stop:01 vh_kick_enable:1"

trace_on() { mkdir "$TRACE" && echo 1 >"$TRACE/events/vhost_accel/enable"; }
trace_off() { [ ! -d "$TRACE" ] || rmdir "$TRACE"; }

link_flap() { hmp g "set_link tap0n off" && hmp g "set_link tap0n on"; }

# Each event was seen, on the queues where it must be.
events_seen()
{
	local event queue
	cat "$TRACE/trace" >"$VM_DIR/trace"
	for event in $EVENTS; do
		for queue in 0 1; do
			[[ ${event#*:} == *$queue* ]] || continue
			grep -q " ${event%:*}: .*vq=$queue " "$VM_DIR/trace" || { echo "no ${event%:*} of queue $queue"; tail -n 5 "$VM_DIR/trace"; return 1; }
		done
	done
	cut -d: -f2 "$VM_DIR/trace" | sort | uniq -c
}

# The sum of n in an event of a queue: what the tracepoints counted.
traced() { awk -v e="$1:" -v q="vq=$2" '$0 ~ " " e && $0 ~ " " q " " { sub(/.* n=/, ""); sum += $1 } END { print sum + 0 }' "$VM_DIR/trace"; }

# Published buffers are completed buffers, in each queue.
events_agree()
{
	local queue
	for queue in 0 1; do
		echo "queue $queue: completed $(traced vh_complete $queue), published $(traced vh_publish $queue)"
		[ "$(traced vh_complete $queue)" -gt 0 ] || return 1
		[ "$(traced vh_complete $queue)" = "$(traced vh_publish $queue)" ] || return 1
	done
}

worker_threads()
{
	local id n=0
	for id in $(vhost_show g | awk '$1 == "worker:" { print $2 }'); do
		grep "^vhost-${G_PID[g]}" "/proc/$id/comm" || return 1
		n=$((n + 1))
	done
	[ "$n" = 2 ]
}

# What must grow with traffic both ways, one number a line.
counters()
{
	vhost_show g | awk '
		$1 ~ /^vq[01]:$/ { q = $1 }
		$1 ~ /^(chains|completed|packets|bytes):$/ || q $1 == "vq0:calls:" || q $1 == "vq1:kicks:" { print $2 }'
}

grow()
{
	local was now i
	was=$(counters)
	both_ways g 10.0.0.1 1048576 || return 1
	now=$(counters)
	# shellcheck disable=SC2206
	was=($was) now=($now)
	[ "${#now[@]}" = 10 ] || { echo "${#now[@]} counters, not 10"; return 1; }
	for i in "${!now[@]}"; do
		echo "${was[i]} ${now[i]}"
		[ "${now[i]}" -gt "${was[i]}" ] || return 1
	done
}

# debugfs shows the same device as fdinfo, with the same owner and the names of the same counters.
debugfs_agrees()
{
	vhost_show g | awk '/^vhost:/ { on = 1 } on { print $1, /^(vhost|owner|workers)/ ? $2 : "" }' >"$VM_DIR/fdinfo"
	cat "$VHOST_DEBUGFS"/* | awk '{ print $1, /^(vhost|owner|workers)/ ? $2 : "" }' >"$VM_DIR/debugfs"
	[ "$(<"$VM_DIR/fdinfo")" = "$(<"$VM_DIR/debugfs")" ] || { cat "$VM_DIR/fdinfo" "$VM_DIR/debugfs"; return 1; }
	grep -x "owner: ${G_PID[g]}" "$VM_DIR/debugfs"
}

not_broken() { ! vhost_show g | grep -E '^vq.*broken|^.broken_[a-z_]*:.[1-9]'; }

ours || skip_all "the in-tree module shows nothing"
plan 11
trap 'vm_cleanup; trace_off' EXIT
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "tracing starts" trace_on
check "the link goes off and on" link_flap
check "pings" pings g 10.0.0.1 56 1472
echo 0 >"$TRACE/tracing_on"
check "all events are seen" events_seen
check "the events agree with each other" events_agree
check "fdinfo shows the two worker threads" worker_threads
check "the counters grow with traffic" grow
check "debugfs shows the same as fdinfo" debugfs_agrees
check "no queue was broken" not_broken
check "QEMU ends without a complaint" stop_guest g
finish
