# SPDX-License-Identifier: GPL-2.0
# What a guest's NIC negotiated, and data through it. Sourced.
# shellcheck shell=bash

# negotiated NAME IF BIT: the guest's driver and the device agreed on this feature bit.
negotiated() { [ "$(guest "$1" "cut -c$(($3 + 1)) /sys/class/net/$2/device/features")" = 1 ]; }

# features NAME IF BIT...: these bits were negotiated; a bit with a minus sign was not.
features()
{
	local name=$1 dev=$2 bit
	shift 2
	for bit; do
		if [[ $bit == -* ]]; then
			! negotiated "$name" "$dev" "${bit#-}" || { echo "$dev has feature bit ${bit#-}"; return 1; }
		else
			negotiated "$name" "$dev" "$bit" || { echo "$dev lacks feature bit $bit"; return 1; }
		fi
	done
}

# both_ways NAME ADDRESS BYTES: checksummed data from the guest to the test host, then back.
both_ways() { sends "$@" && receives "$@"; }

# vhost_fds NAME: how many devices of ours (or of the in-tree module) QEMU holds.
vhost_fds() { find "/proc/${G_PID[$1]}/fd" -lname /dev/vhost-net | wc -l; }

# skip_all WHY: the whole test does not apply.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# capture TAP N FILTER: starts to write the next N frames into $VM_DIR/dump.
capture()
{
	rm -f "$VM_DIR"/dump*
	# Without -Z it would become a user that the test host does not have.
	tcpdump -Z root -l -n -e -vv -c "$2" -i "$1" "$3" >"$VM_DIR/dump" 2>"$VM_DIR/dump.err" </dev/null &
	DUMP_PID=$!
	until_true 10 grep -q listening "$VM_DIR/dump.err" || { cat "$VM_DIR/dump.err"; return 1; }
}

dump_ended() { ! kill -0 "$DUMP_PID" 2>/dev/null; }

# captured PATTERN N: it got its frames, and at least N lines match.
captured()
{
	local n
	until_true 5 dump_ended || { kill "$DUMP_PID"; cat "$VM_DIR/dump"; return 1; }
	n=$(grep -c "$1" "$VM_DIR/dump") || true
	echo "$n lines match $1"
	[ "$n" -ge "$2" ] || { head -n 5 "$VM_DIR/dump"; return 1; }
}
