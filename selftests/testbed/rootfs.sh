# SPDX-License-Identifier: GPL-2.0
# The test host's root file system, made from Debian packages alone, and QEMU >= 10 for the build
# machine, which runs from the same tree. Sourced after apt.sh and packages.sh.
# shellcheck shell=bash

# shellcheck source=qemu72.sh
. "$TESTBED/qemu72.sh"

# Bump when the way the tree is made changes.
TREE_FORMAT=4

# Prints the directory of the unpacked packages, named by a hash of their names and versions.
tree_fetch()
{
	local closure second hash dir tmp name
	name=tree-$TREE_FORMAT-$(cat "$TESTBED"/*.packages | sha256sum | cut -c1-8)
	current_get "$name" && return 0
	apt_update
	# shellcheck disable=SC2046
	closure=$(apt_closure $(package_list host))
	[ -n "$closure" ] || die "apt cannot resolve the packages of the test host" "see selftests/testbed/host.packages"
	grep -q '^qemu-system-x86 1:1[0-9]\.' <<<"$closure" || die "QEMU >= 10 is not in bookworm-backports"
	second=$(qemu72_closure "$closure")
	hash=$({ echo "$TREE_FORMAT"; echo "$closure"; echo "$second"; } | sha256sum | cut -c1-16)
	dir=$CACHE/tree/$hash
	if [ ! -d "$dir" ]; then
		say "fetching the test host's $(wc -l <<<"$closure") packages"
		mkdir -p "$CACHE/tree"
		tmp=$(mktemp -d "$CACHE/tree/.tmp.XXXXXX")
		chmod 755 "$tmp"
		tree_skeleton "$tmp"
		# shellcheck disable=SC2046
		apt_unpack "$tmp" $(tr ' ' '=' <<<"$closure")
		tree_finish "$tmp"
		qemu72_unpack "$tmp" "$second"
		echo "$closure" >"$tmp/packages"
		keep "$tmp" "$dir"
	fi
	current_set "$name" "$dir"
	echo "$dir"
}

# Debian's merged /usr: these links must exist before the packages are unpacked.
tree_skeleton()
{
	local d
	mkdir -p "$1"/usr/{bin,sbin,lib,lib64} "$1"/{proc,sys,dev,run,tmp,root,mnt,payload,etc}
	for d in bin sbin lib lib64; do
		ln -s "usr/$d" "$1/$d"
	done
}

# What maintainer scripts would have done, as far as the test host needs it.
tree_finish()
{
	local t=$1
	rm -rf "$t"/usr/share/{doc,man,info,locale,lintian,bug,zoneinfo,applications,icons,i18n} "$t"/var/cache
	echo 'root:x:0:0:root:/root:/bin/bash' >"$t/etc/passwd"
	echo 'root:x:0:' >"$t/etc/group"
	echo '127.0.0.1 localhost' >"$t/etc/hosts"
	ln -sf gawk "$t/usr/bin/awk"
	mkdir -p "$t/usr/lib/x86_64-linux-gnu/qemu"
	# ldconfig of the build machine writes the cache of the tree; it runs no code of it.
	"$(PATH=$PATH:/sbin:/usr/sbin command -v ldconfig)" -r "$t" 2>/dev/null || true
}

# Prints the squashfs image of the tree.
rootfs_fetch()
{
	local tree image
	tree=$(tree_fetch)
	image=$CACHE/rootfs/${tree##*/}.sqfs
	if [ ! -e "$image" ]; then
		say "making the root file system image"
		mkdir -p "$CACHE/rootfs"
		mksquashfs "$tree" "$image.$$" -comp zstd -Xcompression-level 3 -all-root -noappend -quiet -no-progress >/dev/null
		mv "$image.$$" "$image"
	fi
	echo "$image"
}

# Prints a program that runs the tree's QEMU on the build machine, with the tree's libraries.
qemu_fetch()
{
	local tree
	tree=$(tree_fetch)
	mkdir -p "$CACHE/bin"
	cat >"$CACHE/bin/qemu-${tree##*/}.$$" <<-END
		#!/bin/sh
		t='$tree'
		lib=\$t/usr/lib/x86_64-linux-gnu
		QEMU_MODULE_DIR=\$lib/qemu exec "\$t/lib64/ld-linux-x86-64.so.2" --library-path "\$lib" \\
			"\$t/usr/bin/qemu-system-x86_64" -L "\$t/usr/share/qemu" -L "\$t/usr/share/seabios" \\
			-L "\$t/usr/lib/ipxe/qemu" "\$@"
	END
	chmod +x "$CACHE/bin/qemu-${tree##*/}.$$"
	mv "$CACHE/bin/qemu-${tree##*/}.$$" "$CACHE/bin/qemu-${tree##*/}"
	echo "$CACHE/bin/qemu-${tree##*/}"
}
