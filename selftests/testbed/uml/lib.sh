# SPDX-License-Identifier: GPL-2.0
# Shared by the scripts of the UML bed: where things are, how they speak. Sourced, not run.
# shellcheck shell=bash disable=SC2034

cache=${VHOST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/vhost-accel}
uml_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$uml_dir/../../.." && pwd)

# Progress goes to stderr: stdout carries results.
say() { echo "uml: $*" >&2; }

die() {
	echo "error: $1" >&2
	[ $# -lt 2 ] || echo "remedy: $2" >&2
	exit 2
}
