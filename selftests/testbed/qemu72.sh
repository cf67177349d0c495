# SPDX-License-Identifier: GPL-2.0
# Debian 12's own QEMU 7.2 as a second QEMU of the test host, below /opt/qemu-7.2: its packages and those libraries
# that the rest of the root file system does not have in the same version (vm/qemu72.sh starts it). Sourced after apt.sh by rootfs.sh.
# shellcheck shell=bash

# qemu72_closure CLOSURE: "name version" of what has to be unpacked beside the packages of CLOSURE.
qemu72_closure()
{
	local name version wanted=()
	for name in qemu-system-x86 qemu-system-common qemu-system-data; do
		version=$(apt_newest "$name" 1:7.2)
		[ -n "$version" ] || die "$name 7.2 is not in bookworm" "see selftests/testbed/qemu72.sh"
		wanted+=("$name=$version")
	done
	apt_closure "${wanted[@]}" | comm -23 - <(sort <<<"$1") | grep -v '^iso-codes '
}

# qemu72_unpack TREE CLOSURE
qemu72_unpack()
{
	local to=$1/opt/qemu-7.2
	mkdir -p "$to"
	# shellcheck disable=SC2046
	apt_unpack "$to" $(tr ' ' '=' <<<"$2")
	rm -rf "${to:?}"/usr/share/{doc,man,info,locale,lintian,bug,applications,icons} "${to:?}"/etc "${to:?}"/var
}
