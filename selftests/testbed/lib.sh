# SPDX-License-Identifier: GPL-2.0
# Ground shared by all scripts of the test bed: where things are, messages, locks. Sourced, not run.
# shellcheck shell=bash disable=SC2034

TESTBED=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$TESTBED/../.." && pwd)
BUILD=$ROOT/build
CACHE=${VHOST_CACHE:-${XDG_CACHE_HOME:-${HOME:?set HOME or VHOST_CACHE}/.cache}/vhost-accel}

# A resolved package version is reused this long before the archive is asked again.
FRESH_DAYS=${VHOST_FRESH_DAYS:-7}

# Messages go to stderr: the stdout of these scripts is their result (a path, TAP).
say() { printf '# [%(%H:%M:%S)T] %s\n' -1 "$*" >&2; }

die()
{
	printf 'error: %s\n' "$1" >&2
	[ $# -lt 2 ] || printf 'remedy: %s\n' "$2" >&2
	exit 1
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "'$1' needs root, and sudo is not installed" "run this command as root"
	fi
}

# with_lock NAME COMMAND...: only one process per user runs NAME at a time.
with_lock()
{
	local name=$1 fd rc=0
	shift
	mkdir -p "$CACHE/lock"
	exec {fd}>"$CACHE/lock/$name"
	if ! flock -n "$fd"; then
		say "waiting for another process that does '$name'"
		flock "$fd"
	fi
	"$@" {fd}>&- || rc=$?
	exec {fd}>&-
	return "$rc"
}

# A "current" file holds the directory that a name resolved to last time.
current_get()
{
	local file=$CACHE/current/$1 dir
	[ -n "$(find "$file" -mtime "-$FRESH_DAYS" 2>/dev/null)" ] || return 1
	dir=$(<"$file")
	[ -e "$dir" ] || return 1
	echo "$dir"
}

current_set()
{
	mkdir -p "$CACHE/current"
	echo "$2" >"$CACHE/current/$1.$$"
	mv "$CACHE/current/$1.$$" "$CACHE/current/$1"
}

# keep TMP DIR: publishes a finished directory under its final name, in one step.
keep()
{
	mkdir -p "$(dirname "$2")"
	rm -rf "$2"
	mv "$1" "$2"
}
