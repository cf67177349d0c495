# SPDX-License-Identifier: GPL-2.0
# Find kernel reports in a kernel log: prints "where: line" for each, where = the test or the phase it fell into.
# Exit status 1 when there was one. Variable names: file with "number name" of each test.

BEGIN {
	while ((getline row < names) > 0) {
		n = row; sub(/ .*/, "", n); sub(/^[^ ]* /, "", row)
		name[n] = row
	}
	where = "boot"
}

/uml-test: begin / { where = "test " name[$NF]; next }
/uml-test: end /   { where = "after test " name[$(NF - 1)]; next }
/uml-test: /       { where = "modules " $NF; next }

function report() { print where ": " $0; found = 1 }

# Says that a detector gave up: from there on silence proves nothing.
/turning off the locking correctness validator/ { report(); next }
/kmemleak: .*(disabled|out of memory)/ { report(); next }
/ODEBUG: (Out of memory|out of memory)/ { report(); next }

/BUG: |BUG [^ ]+ \(|kernel BUG at/ { report(); next }
/WARNING: / { report(); next }
/UBSAN: / { report(); next }
/ODEBUG: / { report(); next }
/unreferenced object|kmemleak: [0-9]+ new suspected/ { report(); next }
/Oops|Kernel panic|Kernel mode fault|general protection fault|Segfault with no mm/ { report(); next }
/possible circular locking|possible recursive locking|suspicious RCU|inconsistent lock state/ { report(); next }
/trying to register non-static key|DEBUG_LOCKS_WARN_ON|lock held when returning to user/ { report(); next }
/INFO: task .* blocked for more than|rcu: INFO: .* (stall|detected)|soft lockup|workqueue lockup/ { report(); next }
/refcount_t: |list_(add|del) corruption|Slab cache still has objects|Object already free/ { report(); next }
/unregister_netdevice: waiting for|Bad page state|memory_leak|scheduling while atomic/ { report(); next }

END { exit found }
