# SPDX-License-Identifier: GPL-2.0
# Debian's kernel source packages, unpacked into the cache, and kselftest's harness. Sourced after apt.sh.
# shellcheck shell=bash

# Prints the directory of the unpacked linux-source-SERIES.
source_fetch()
{
	local series=$1 version dir tmp
	current_get "source-$series" && return 0
	apt_update
	version=$(apt_newest "linux-source-$series" "$series.")
	[ -n "$version" ] || die "no linux-source-$series in the archive" "known: 6.1, 6.12"
	dir=$CACHE/source/${series}_$version
	if [ ! -d "$dir" ]; then
		say "fetching linux-source-$series ($version) and unpacking it, about a minute"
		tmp=$(source_package "$series" "$version")
		mkdir "$tmp/tree"
		tar -C "$tmp/tree" --strip-components 1 -xf "$tmp/usr/src/linux-source-$series.tar.xz"
		keep "$tmp/tree" "$dir"
		rm -rf "$tmp"
	fi
	current_set "source-$series" "$dir"
	echo "$dir"
}

source_package()
{
	local tmp
	mkdir -p "$CACHE/source"
	tmp=$(mktemp -d "$CACHE/source/.tmp.XXXXXX")
	apt_unpack "$tmp" "linux-source-$1=$2"
	echo "$tmp"
}

# Prints the directory that holds kselftest_harness.h.
harness_fetch()
{
	local version dir tmp
	current_get harness && return 0
	apt_update
	version=$(apt_newest linux-source-6.12 6.12.)
	dir=$CACHE/harness/$version
	if [ ! -d "$dir" ]; then
		mkdir -p "$CACHE/harness"
		if tmp=$(current_get source-6.12); then
			mkdir "$dir.$$"
			cp "$tmp"/tools/testing/selftests/kselftest*.h "$dir.$$"
			keep "$dir.$$" "$dir"
		else
			say "taking kselftest_harness.h from linux-source-6.12, about 20 seconds"
			tmp=$(source_package 6.12 "$version")
			mkdir "$tmp/out"
			tar -C "$tmp/out" --strip-components 4 --wildcards \
				-xf "$tmp/usr/src/linux-source-6.12.tar.xz" '*/tools/testing/selftests/kselftest*.h'
			keep "$tmp/out" "$dir"
			rm -rf "$tmp"
		fi
	fi
	current_set harness "$dir"
	echo "$dir"
}
