#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What `make demo` shows, run in the test host: one guest with vhost=on, the same with vhost=off, ping and
# iperf3 both ways, and our counters as proof of the packets' way. Lines "> ..." are for the person who watches.
. "$(dirname "$0")/lib.sh"

SECONDS_EACH=${DEMO_SECONDS:-8}
declare -A RESULT

tell() { echo "> $*"; }

pinged()
{
	guest "$1" "ping -q -c 10 -i 0.1 -W 5 10.0.0.1" >"$VM_DIR/ping" || { cat "$VM_DIR/ping"; return 1; }
	RESULT[$2,ping]=$(awk -F/ '/min\/avg\/max/ { printf "%.2f ms", $4 }' "$VM_DIR/ping")
	grep -q ' 0% packet loss' "$VM_DIR/ping" || { cat "$VM_DIR/ping"; return 1; }
}

# iperf GUEST COLUMN to|from: the rate as the receiver saw it.
iperf()
{
	local name=$1 pid reverse='' rate
	[ "$3" = to ] || reverse=-R
	iperf3 -s -1 -B 10.0.0.1 >"$VM_DIR/server" 2>&1 &
	pid=$!
	until_true 10 listening 5201
	guest "$name" "iperf3 -c 10.0.0.1 -t $SECONDS_EACH -f m $reverse" >"$VM_DIR/iperf" || { cat "$VM_DIR/iperf"; kill "$pid"; return 1; }
	wait "$pid" || return 1
	rate=$(awk '/receiver/ { for (i = 1; i < NF; i++) if ($(i + 1) == "Mbits/sec") print $i }' "$VM_DIR/iperf")
	RESULT[$2,$3]=$rate
	awk -v r="${rate:-0}" 'BEGIN { exit !(r > 0) }' || { cat "$VM_DIR/iperf"; return 1; }
}

# run_guest COLUMN: boots, pings, measures; COLUMN on|off is the vhost option.
run_guest()
{
	local how=$1
	# shellcheck disable=SC2034
	VHOST=$how	# read by nic
	tell "starting the guest: qemu-system-x86_64 -accel kvm -netdev tap,vhost=$how -device virtio-net-pci"
	nic tap0
	start_guest "$how" "${NIC[@]}"
	check "guest with vhost=$how is up" guest_address "$how" eth0 10.0.0.2/24
	tell "the guest runs: $(guest "$how" 'uname -sr')"
	[ "$how" = off ] || vhost_show on >"$VM_DIR/before"
	tell "ping from the guest to the test host"
	check "ping, vhost=$how" pinged "$how" "$how"
	tell "iperf3 from the guest, $SECONDS_EACH s"
	check "iperf3 from the guest, vhost=$how" iperf "$how" "$how" to
	tell "iperf3 to the guest, $SECONDS_EACH s"
	check "iperf3 to the guest, vhost=$how" iperf "$how" "$how" from
	if [ "$how" = on ]; then
		vhost_show on >"$VM_DIR/after"
		if ours; then
			check "our counters show the packets on both queues" grown
		fi
		check "the kernel serves the guest's queues" served on
	else
		check "without vhost no kernel thread serves it" no_threads off
	fi
	check "QEMU (vhost=$how) ends and did not fall back" stop_guest "$how"
}

no_threads() { [ "$(vhost_threads "$1")" = 0 ]; }

# value FILE QUEUE COUNTER
value() { awk -v q="vq$2:" -v c="$3:" '$1 ~ /^vq[0-9]+:$/ { in_q = $1 == q } in_q && $1 == c { print $2 }' "$1"; }

grown()
{
	local q
	for q in 0 1; do
		[ "$(value "$VM_DIR/after" $q completed)" -gt $(($(value "$VM_DIR/before" $q completed) + 100)) ] || return 1
	done
}

# One line per counter that moved: queue, name, before, after.
counters()
{
	awk 'FNR == 1 { file++; q = "" }
	$1 ~ /^vhost:$/ { q = "" }
	$1 ~ /^vq[0-9]+:$/ { q = $1 == "vq0:" ? "receive" : "transmit"; next }
	q && NF == 2 && $2 ~ /^[0-9]+$/ && $1 !~ /^(size|last_avail|avail_idx|used_idx|published|kick_enabled|worker):/ {
		key = q " " $1
		if (file == 1) { before[key] = $2; next }
		if ($2 != before[key]) { sub(/:$/, "", $1); printf "%-9s %-18s %12d %12d\n", q, $1, before[key], $2 }
	}' "$VM_DIR/before" "$VM_DIR/after"
}

summary()
{
	tell ""
	tell "$(printf '%-28s %14s %14s' '' 'vhost=on' 'vhost=off')"
	tell "$(printf '%-28s %14s %14s' 'iperf3 guest -> host, Mbit/s' "${RESULT[on,to]:-failed}" "${RESULT[off,to]:-failed}")"
	tell "$(printf '%-28s %14s %14s' 'iperf3 host -> guest, Mbit/s' "${RESULT[on,from]:-failed}" "${RESULT[off,from]:-failed}")"
	tell "$(printf '%-28s %14s %14s' 'ping, average' "${RESULT[on,ping]:-failed}" "${RESULT[off,ping]:-failed}")"
	tell ""
	if ours; then
		tell "$(printf '%-9s %-18s %12s %12s' queue counter before after) (vhost=on, /proc/PID/fdinfo)"
		counters | sed 's/^/> /'
	fi
	tell ""
}

tell "test host: Linux $(uname -r), $(nproc) CPUs"
if ours; then
	tell "our modules: $(modinfo -F filename vhost_core vhost_net | tr '\n' ' ')"
elif [ "${DEMO_INTREE:-}" != 1 ]; then
	bail "vhost_core is not loaded"
fi
tap tap0 10.0.0.1/24
run_guest on
run_guest off
summary
echo "1..$TAP_N"
finish
