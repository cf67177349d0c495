# SPDX-License-Identifier: GPL-2.0
# Did the kernel serve the guest's queues, and which module? Sourced by lib.sh.
# shellcheck shell=bash

VHOST_DEBUGFS=/sys/kernel/debug/vhost_core

ours() { [ -d /sys/module/vhost_core ]; }

# QEMU goes on without vhost when a start fails, and says so only on stderr.
no_fallback()
{
	if grep -aiE 'falling back|vhost.*(fail|unable|error|lacks)' "$VM_DIR/$1/stderr"; then
		return 1
	fi
}

# Number of vhost threads of a guest's QEMU: kernel threads vhost-PID on 6.1, tasks of QEMU on 6.12.
vhost_threads()
{
	cat /proc/[0-9]*/comm "/proc/${G_PID[$1]}/task"/*/comm 2>/dev/null | grep -c "^vhost-${G_PID[$1]}" || true
}

# The fdinfo text of all our vhost devices that a guest's QEMU holds.
vhost_show()
{
	local fd
	# One find, not a readlink for each of QEMU's many files: processes are dear in an emulated machine.
	for fd in $(find "/proc/${G_PID[$1]}/fd" -lname /dev/vhost-net -printf '%f '); do
		cat "/proc/${G_PID[$1]}/fdinfo/$fd"
	done
}

# counter NAME QUEUE COUNTER: the sum over the guest's devices; QUEUE 0 receives, 1 transmits.
counter()
{
	vhost_show "$1" | awk -v q="vq$2:" -v c="$3:" '
		$1 ~ /^vq[0-9]+:$/ { in_q = $1 == q }
		in_q && $1 == c { sum += $2; found = 1 }
		END { if (found) print sum + 0; else print "none" }'
}

# served NAME: the guest's packets went through the kernel. With our module the counters prove it.
served()
{
	local rx tx
	no_fallback "$1" || return 1
	[ "$(vhost_threads "$1")" -gt 0 ] || { echo "QEMU of $1 has no vhost thread"; return 1; }
	ours || return 0
	rx=$(counter "$1" 0 completed)
	tx=$(counter "$1" 1 completed)
	echo "our counters: receive $rx, transmit $tx"
	[ "$rx" != none ] && [ "$rx" -gt "${2:-0}" ] && [ "$tx" != none ] && [ "$tx" -gt "${3:-0}" ]
}
