# SPDX-License-Identifier: GPL-2.0
# Installs on the build machine what machine.packages lists and it lacks. Sourced after lib.sh.
# shellcheck shell=bash

package_list() { sed 's/#.*//; /^ *$/d' "$TESTBED/$1.packages"; }

packages_missing()
{
	local name
	for name in $(package_list machine); do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || echo "$name"
	done
}

packages_fetch()
{
	local missing log=$CACHE/apt-install.log
	command -v apt-get >/dev/null || die "this machine has no apt" "the test bed needs Debian 12"
	missing=$(packages_missing)
	if [ -z "$missing" ]; then
		say "all packages are installed"
		return 0
	fi
	say "these Debian packages are missing and will be installed now:"
	# shellcheck disable=SC2086
	printf '#   %s\n' $missing >&2
	mkdir -p "$CACHE"
	# shellcheck disable=SC2086
	as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >"$log" 2>&1 </dev/null ||
		{ as_root apt-get update >>"$log" 2>&1 &&
		  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing >>"$log" 2>&1 </dev/null; } ||
		die "apt-get install failed: $(grep -m1 '^E:' "$log")" "see $log; install the packages above by hand"
	say "packages are installed"
}
