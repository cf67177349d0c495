# SPDX-License-Identifier: GPL-2.0
# Network of the test host for guests: taps, NIC arguments, pings and checksummed data. Sourced by lib.sh.
# shellcheck shell=bash

# The test host has no network but what a test makes.
clean_network()
{
	local dev
	for dev in /sys/class/net/*; do
		[ "$dev" = /sys/class/net/lo ] || ip link del "${dev##*/}" 2>/dev/null || true
	done
}

# tap NAME [ADDRESS/BITS [MODE]]: MODE e.g. "multi_queue".
tap()
{
	# shellcheck disable=SC2086
	ip tuntap add dev "$1" mode tap vnet_hdr ${3:-}
	[ -z "${2:-}" ] || ip addr add "$2" dev "$1"
	ip link set "$1" up
}

MAC_N=0

nic()
{
	MAC_N=$((MAC_N + 1))
	NIC=(-netdev "tap,id=${1}n,ifname=$1,script=no,downscript=no,vhost=${VHOST:-on}${2:+,$2}"
		-device "${NIC_DEVICE:-virtio-net-pci},netdev=${1}n,id=${1}d,mac=52:54:00:00:00:$(printf %02x "$MAC_N")${3:+,$3}")
	[[ ${NIC_DEVICE:-virtio-net-pci} != *pci* ]] || NIC[3]+=,romfile=
}

guest_address() { guest "$1" "ip addr add $3 dev $2 && ip link set $2 up"; }

# pings NAME ADDRESS [SIZE...]: the guest pings with each payload size; no packet may be lost.
pings()
{
	local name=$1 address=$2 size
	shift 2
	for size in "${@:-56}"; do
		guest "$name" "ping -q -c 3 -i 0.2 -W 5 -s $size $address" >"$VM_DIR/ping" || { cat "$VM_DIR/ping"; echo "size $size"; return 1; }
		grep -q ' 0% packet loss' "$VM_DIR/ping" || { cat "$VM_DIR/ping"; echo "size $size"; return 1; }
	done
}

listening() { [ -n "$(ss -Hltn "sport = :$1")" ]; }

PORT=5000

# sends NAME ADDRESS BYTES: random data from the guest to the test host; both ends must agree on its checksum.
sends()
{
	local name=$1 address=$2 bytes=$3 pid there here
	PORT=$((PORT + 1))
	socat -u "TCP6-LISTEN:$PORT,reuseaddr" "CREATE:$VM_DIR/got" &
	pid=$!
	until_true 10 listening "$PORT" || return 1
	there=$(guest "$name" "head -c $bytes /dev/urandom >/tmp/out && nc $address $PORT </tmp/out && sha256sum </tmp/out") || { echo "$there"; kill "$pid"; return 1; }
	wait "$pid" || return 1
	here=$(sha256sum <"$VM_DIR/got")
	same "$there" "$here" "$bytes" "$(stat -c %s "$VM_DIR/got")"
}

# receives NAME ADDRESS BYTES: the same from the test host to the guest.
receives()
{
	local name=$1 address=$2 bytes=$3 pid there here
	PORT=$((PORT + 1))
	head -c "$bytes" /dev/urandom >"$VM_DIR/give"
	socat -u "OPEN:$VM_DIR/give" "TCP6-LISTEN:$PORT,reuseaddr" &
	pid=$!
	until_true 10 listening "$PORT" || return 1
	there=$(guest "$name" "nc $address $PORT </dev/null >/tmp/in && wc -c </tmp/in && sha256sum </tmp/in") || { echo "$there"; kill "$pid"; return 1; }
	wait "$pid" || return 1
	here=$(sha256sum <"$VM_DIR/give")
	same "${there#*$'\n'}" "$here" "$bytes" "${there%%$'\n'*}"
}

same()
{
	[ "$1" = "$2" ] && [ "$3" -eq "$4" ] && return 0
	echo "checksums $1 and $2, $3 bytes sent, $4 arrived"
	return 1
}
