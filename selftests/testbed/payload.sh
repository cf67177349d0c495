# SPDX-License-Identifier: GPL-2.0
# The disk image of one run: tests, programs, the plan and our modules for one kernel. Sourced after lib.sh.
# shellcheck shell=bash

# payload IMAGE BED SERIES KERNELDIR PLAN
payload()
{
	local image=$1 bed=$2 series=$3 kernel=$4 plan=$5 dir
	dir=$(mktemp -d "$BUILD/payload.XXXXXX")
	mkdir -p "$dir/payload/build"
	cp -a "$ROOT/selftests" "$dir/payload/"
	[ ! -d "$BUILD/selftests" ] || rsync -a --exclude='*.[oad]' --exclude=/selftests/unit "$BUILD/selftests" "$dir/payload/build/"
	cp "$plan" "$dir/payload/plan"
	echo "BED=$bed" >"$dir/payload/run.conf"
	[ "$bed" != host ] || payload_modules "$dir" "$series" "$kernel"
	chmod 755 "$dir"
	mksquashfs "$dir" "$image" -comp gzip -Xcompression-level 1 -all-root -noappend -quiet -no-progress >/dev/null
	rm -rf "$dir"
}

# Our modules under updates/, as `make install` puts them, with the indexes that modprobe reads.
payload_modules()
{
	local dir=$1 series=$2 kernel=$3 release to f
	release=$(<"$kernel/release")
	to=$dir/usr/lib/modules/$release
	compgen -G "$BUILD/$series/modules/*.ko" >/dev/null ||
		die "our modules for $series are not built" "run selftests/testbed/build $series"
	mkdir -p "$dir/depmod/lib/modules" "$to/updates"
	cp -rs "$kernel/lib/modules/$release" "$dir/depmod/lib/modules/"
	mkdir -p "$dir/depmod/lib/modules/$release/updates"
	cp "$BUILD/$series/modules"/*.ko "$dir/depmod/lib/modules/$release/updates/"
	cp "$BUILD/$series/modules"/*.ko "$to/updates/"
	for f in "$dir/depmod/lib/modules/$release"/modules.*; do
		[ ! -L "$f" ] || cp --remove-destination "$(readlink -f "$f")" "$f"
	done
	/sbin/depmod -b "$dir/depmod" "$release"
	cp "$dir/depmod/lib/modules/$release"/modules.* "$to/"
	rm -rf "$dir/depmod"
}
