# SPDX-License-Identifier: GPL-2.0
# TAP output and waiting for shell tests. Sourced.
# shellcheck shell=bash

TAP_N=0 TAP_FAILED=0

plan() { TAP_PLAN=$1; echo "1..$1"; }

diag() { printf '%s\n' "$*" | sed 's/^/# /'; }

# check WHAT COMMAND...: one test line; the output of a failing command is shown.
check()
{
	local what=$1 out rc=0 start=$SECONDS
	shift
	TAP_N=$((TAP_N + 1))
	# Not in a subshell: the command may change variables of the test.
	"$@" >"$VM_DIR/check.out" 2>&1 || rc=$?
	[ $((SECONDS - start)) -lt 10 ] || diag "$((SECONDS - start)) s for: $what"
	if [ "$rc" = 0 ]; then
		echo "ok $TAP_N - $what"
	else
		out=$(tail -n 20 "$VM_DIR/check.out")
		diag "$what: status $rc${out:+, output:}"
		[ -z "$out" ] || diag "$out"
		echo "not ok $TAP_N - $what"
		TAP_FAILED=1
	fi
	return 0
}

skip()
{
	TAP_N=$((TAP_N + 1))
	echo "ok $TAP_N - $1 # SKIP $2"
}

bail()
{
	diag "$*"
	echo "Bail out! $*"
	exit 1
}

# finish: the exit status of the test; a test that did not do what it planned has failed.
finish()
{
	[ "$TAP_N" = "${TAP_PLAN:-$TAP_N}" ] || { diag "planned $TAP_PLAN, did $TAP_N"; TAP_FAILED=1; }
	exit "$TAP_FAILED"
}

# until_true SECONDS COMMAND...: waits for a condition, not for a time.
until_true()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || { echo "not within the time: $*" >&2; return 1; }
		sleep 0.1
	done
}
