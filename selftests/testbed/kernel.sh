# SPDX-License-Identifier: GPL-2.0
# Debian's stock cloud kernels and their headers, unpacked into the cache. Sourced after apt.sh.
# shellcheck shell=bash
#
# DIR/vmlinuz   the kernel        DIR/modules  its lib/modules/RELEASE
# DIR/kdir      KDIR for builds   DIR/release  its `uname -r`

kernel_fetch()
{
	local series=$1 version image headers common release dir tmp
	current_get "kernel-$series" && return 0
	apt_update
	version=$(apt_newest linux-image-cloud-amd64 "$series.")
	[ -n "$version" ] || die "no Debian cloud kernel $series in the archive" "known: 6.1, 6.12"
	image=$(apt_depends linux-image-cloud-amd64 "$version" '^linux-image-')
	headers=$(apt_depends linux-headers-cloud-amd64 "$version" '^linux-headers-')
	common=$(apt_depends "$headers" "$version" '^linux-headers-.*-common$')
	release=${image#linux-image-}
	dir=$CACHE/kernel/${release}_$version
	if [ ! -e "$dir/kdir/Makefile" ]; then
		say "fetching kernel $release ($version)"
		mkdir -p "$CACHE/kernel"
		tmp=$(mktemp -d "$CACHE/kernel/.tmp.XXXXXX")
		apt_unpack "$tmp" "$image=$version" "$headers=$version" "$common=$version" \
			"$(apt_depends "$headers" "$version" '^linux-kbuild-')=$version"
		kernel_relocate "$tmp" "$dir" "$release"
		keep "$tmp" "$dir"
	fi
	current_set "kernel-$series" "$dir"
	echo "$dir"
}

# The header packages name /usr/src and /usr/lib; make that the place where they will stay.
kernel_relocate()
{
	local tmp=$1 dir=$2 release=$3 headers=$1/usr/src/linux-headers-$3 f t
	for f in "$headers"/Makefile "$headers"/.kernelvariables "$tmp"/usr/src/linux-headers-*-common/Makefile; do
		[ ! -f "$f" ] || sed -i "s#/usr/\(src/linux-\|lib/linux-kbuild\)#$dir&#g" "$f"
	done
	find "$tmp/usr/src" -type l | while read -r f; do
		t=$(readlink "$f")
		[ "${t#/}" = "$t" ] || ln -sfn "$dir$t" "$f"
	done
	ln -s "boot/vmlinuz-$release" "$tmp/vmlinuz"
	ln -s "lib/modules/$release" "$tmp/modules"
	ln -s "usr/src/linux-headers-$release" "$tmp/kdir"
	rm -f "$tmp/lib/modules/$release"/{build,source}
	if [ ! -e "$tmp/lib/modules/$release/modules.dep" ]; then
		depmod -b "$tmp" "$release"
	fi
	echo "$release" >"$tmp/release"
}
