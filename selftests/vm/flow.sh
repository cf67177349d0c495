# SPDX-License-Identifier: GPL-2.0
# Steady two-way traffic of a guest while something happens to it, and its checksums at the end. Sourced.
# shellcheck shell=bash
#
#   flow_start FLOW NAME ADDRESS   a TCP connection of guest NAME with the test host at ADDRESS, random data both ways
#   flow_moves FLOW                both directions go on, right now
#   flow_end FLOW                  stops it; every byte sent must have arrived, both ways
#   flow_drop FLOW                 forgets it (its guest or its NIC is gone)

declare -A F_GUEST F_PID

flow_start()
{
	local flow=$1 name=$2 address=$3 f=$VM_DIR/$1
	PORT=$((PORT + 1))
	touch "$f.go"
	{
		while [ -e "$f.go" ]; do
			head -c 16384 /dev/urandom
			sleep 0.05
		done | tee "$f.sent" | socat -t 60 - "TCP6-LISTEN:$PORT,reuseaddr" >"$f.got"
	} </dev/null >/dev/null 2>&1 &
	F_PID[$flow]=$! F_GUEST[$flow]=$name
	until_true 10 listening "$PORT" || return 1
	# The guest takes one line.
	guest "$name" "cd /tmp; rm -f $flow.*; touch $flow.go; ( $(guest_half "$flow" "$address") ) >/dev/null 2>&1 &" || return 1
	flow_moves "$flow"
}

# socat closes its two directions one by one; busybox's nc would end with the first.
guest_half()
{
	echo "while [ -e $1.go ]; do head -c 16384 /dev/urandom; usleep 50000; done | tee $1.sent | socat -t 60 - TCP:$2:$PORT >$1.got; echo \$? >$1.rc"
}

# What has arrived so far: at the test host, in the guest.
flow_sizes()
{
	stat -c %s "$VM_DIR/$1.got"
	guest "${F_GUEST[$1]}" "stat -c %s /tmp/$1.got"
}

flow_grew()
{
	local now
	# shellcheck disable=SC2207
	now=($(flow_sizes "$1")) || return 1
	[ "${now[0]:-0}" -gt "$2" ] && [ "${now[1]:-0}" -gt "$3" ]
}

flow_moves()
{
	local was
	# shellcheck disable=SC2207
	was=($(flow_sizes "$1")) || was=(0 0)
	until_true 30 flow_grew "$1" "${was[0]:-0}" "${was[1]:-0}"
}

flow_ended() { ! kill -0 "${F_PID[$1]}" 2>/dev/null && guest "${F_GUEST[$1]}" "test -e /tmp/$1.rc"; }

sums() { awk '{ print $1 }'; }

flow_end()
{
	local flow=$1 name=${F_GUEST[$1]} f=$VM_DIR/$1 there here
	rm -f "$f.go"
	guest "$name" "rm -f /tmp/$flow.go" || return 1
	until_true 60 flow_ended "$flow" || { flow_drop "$flow"; return 1; }
	there=$(guest "$name" "cd /tmp; sha256sum $flow.sent $flow.got; rm -f $flow.*" | sums)
	here=$(sha256sum "$f.got" "$f.sent" | sums)
	echo "$(stat -c %s "$f.got") bytes from the guest, $(stat -c %s "$f.sent") to it"
	[ "$there" = "$here" ] && return 0
	printf 'checksums there:\n%s\nhere:\n%s\n' "$there" "$here"
	return 1
}

flow_drop()
{
	rm -f "$VM_DIR/$1.go"
	pkill -P "${F_PID[$1]}" 2>/dev/null || true
	kill "${F_PID[$1]}" 2>/dev/null || true
}
