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

# frames TAP rx|tx: how many frames and bytes the tap has counted; rx is what the guest sent.
frames() { echo "$(<"/sys/class/net/$1/statistics/$2_packets") $(<"/sys/class/net/$1/statistics/$2_bytes")"; }

# mean_since "PACKETS BYTES" TAP rx|tx: the mean size of the frames since `frames` printed that.
mean_since()
{
	local was now
	read -ra was <<<"$1"
	read -ra now <<<"$(frames "$2" "$3")"
	echo $(((now[1] - was[1]) / (now[0] - was[0] + 1)))
}

# skip_all WHY: the whole test does not apply.
skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}
