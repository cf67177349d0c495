# SPDX-License-Identifier: GPL-2.0
# Images of one stock kernel: initramfs of the test host, initramfs of the guest, its modules. Sourced after lib.sh.
# shellcheck shell=bash

# What the test host needs before its root is mounted, and what a guest needs at all.
HOST_MODULES="virtio_pci virtio_blk virtio_console squashfs overlay"
GUEST_MODULES="virtio_pci virtio_mmio virtio_net virtio_console virtio_blk 8021q vmw_vsock_virtio_transport"

busybox_path()
{
	command -v /bin/busybox >/dev/null && file_is_static /bin/busybox && { echo /bin/busybox; return; }
	die "no static busybox on this machine" "run selftests/testbed/fetch packages"
}

file_is_static() { ! ldd "$1" >/dev/null 2>&1; }

# copy_modules KERNELDIR DIR NAME...: the modules and their dependencies, unpacked, and "order".
copy_modules()
{
	local kernel=$1 dir=$2 release name path file
	shift 2
	release=$(<"$kernel/release")
	mkdir -p "$dir/m"
	for name in "$@"; do
		/sbin/modprobe -d "$kernel" -S "$release" --show-depends "$name" |
			awk '$1 == "insmod" { print $2 }'
	done | awk '!seen[$0]++' | while read -r path; do
		file=$(basename "${path%.xz}")
		case $path in
		*.xz)	xz -dc "$path" >"$dir/m/$file" ;;
		*)	cp "$path" "$dir/m/$file" ;;
		esac
		echo "$file" >>"$dir/m/order"
	done
}

# make_initramfs KERNELDIR INIT OUT MODULES [TREE PROGRAM...]: TREE gives programs with their libraries.
make_initramfs()
{
	local kernel=$1 init=$2 out=$3 modules=$4 tree=${5:-} dir prog lib
	shift 4
	[ $# = 0 ] || shift
	dir=$(mktemp -d "$CACHE/tmp.XXXXXX")
	mkdir -p "$dir"/{bin,dev,proc,sys,tmp,run,etc,usr/bin,lib64,usr/lib/x86_64-linux-gnu}
	ln -s usr/lib "$dir/lib"
	cp "$(busybox_path)" "$dir/bin/busybox"
	"$dir/bin/busybox" --list | while read -r prog; do
		[ "$prog" = busybox ] || ln -s busybox "$dir/bin/$prog"
	done
	for prog in "$@"; do
		[ -e "$tree/usr/$prog" ] || die "the test host's packages have no $prog" "see selftests/testbed/host.packages"
		cp "$tree/usr/$prog" "$dir/usr/bin/"
		tree_libs "$tree" "$tree/usr/$prog" | while read -r lib; do
			cp -L "$lib" "$dir/usr/lib/x86_64-linux-gnu/"
		done
		cp -L "$tree/lib64/ld-linux-x86-64.so.2" "$dir/lib64/"
	done
	# shellcheck disable=SC2086
	copy_modules "$kernel" "$dir" $modules
	cp "$init" "$dir/init"
	chmod 755 "$dir" "$dir/init"
	(cd "$dir" && find . | sort | cpio -o -H newc -R 0:0 --quiet | gzip -1) >"$out.$$"
	mv "$out.$$" "$out"
	rm -rf "$dir"
}

# The libraries of a program of the tree, found in the tree alone.
tree_libs()
{
	local lib=$1/usr/lib/x86_64-linux-gnu
	"$1/lib64/ld-linux-x86-64.so.2" --library-path "$lib" --list "$2" | awk -v p="$lib" '$3 ~ "^" p { print $3 }'
}

# Guests run 6.1 in both test hosts: an emulated stock 6.12 crashes now and then in code of its own.
GUEST_KERNEL=${VHOST_GUEST_KERNEL:-6.1}

# images KERNELDIR TREE: prints a directory with host.cpio.gz and modules.sqfs (also guest/ inside it).
images()
{
	local kernel=$1 tree=$2 guest hash dir tmp release
	guest=$("$TESTBED/fetch" kernel "$GUEST_KERNEL")
	release=$(<"$kernel/release")
	hash=$({ echo "$kernel $guest $tree"; cat "$TESTBED"/{initramfs.sh,host-init,guest-init}; sha256sum <"$(busybox_path)"; } |
		sha256sum | cut -c1-16)
	dir=$CACHE/images/${release}_$hash
	if [ ! -d "$dir" ]; then
		say "making the images of kernel $release"
		mkdir -p "$CACHE/images"
		tmp=$(mktemp -d "$CACHE/images/.tmp.XXXXXX")
		make_initramfs "$kernel" "$TESTBED/host-init" "$tmp/host.cpio.gz" "$HOST_MODULES"
		mkdir -p "$tmp"/fs/{guest,usr/lib/modules}
		make_initramfs "$guest" "$TESTBED/guest-init" "$tmp/fs/guest/initrd" "$GUEST_MODULES" "$tree" bin/iperf3 sbin/ethtool bin/socat
		cp "$guest/vmlinuz" "$tmp/fs/guest/"
		cp -a "$kernel/lib/modules/$release" "$tmp/fs/usr/lib/modules/"
		chmod 755 "$tmp/fs"
		mksquashfs "$tmp/fs" "$tmp/modules.sqfs" -comp zstd -Xcompression-level 3 -all-root -noappend -quiet -no-progress >/dev/null
		rm -rf "$tmp/fs"
		keep "$tmp" "$dir"
	fi
	echo "$dir"
}
