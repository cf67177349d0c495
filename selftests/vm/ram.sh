# SPDX-License-Identifier: GPL-2.0
# Kinds of guest memory. Sourced.
# shellcheck shell=bash
#
#   ram KIND         sets RAM to QEMU's arguments and GUEST_MACHINE; KIND: anonymous, hugetlb, memfd, file
#   ram_is NAME KIND the guest's memory is of that kind, by the kernel's account

ram()
{
	local mb=${GUEST_MEM:-256} machine=${GUEST_MACHINE:-q35}
	RAM=()
	case $1 in
	anonymous)	return 0 ;;
	hugetlb)
		echo $((mb / 2)) >/proc/sys/vm/nr_hugepages
		[ "$(cat /proc/sys/vm/nr_hugepages)" -ge $((mb / 2)) ] || { echo "not enough free memory for $mb MiB of huge pages"; return 1; }
		mkdir -p "$VM_DIR/huge"
		mount -t hugetlbfs hugetlbfs "$VM_DIR/huge"
		RAM=(-object "memory-backend-file,id=ram,mem-path=$VM_DIR/huge,size=${mb}M,share=on") ;;
	memfd)	RAM=(-object "memory-backend-memfd,id=ram,size=${mb}M,share=on") ;;
	file)	RAM=(-object "memory-backend-file,id=ram,mem-path=$VM_DIR/ram.img,size=${mb}M,share=off") ;;
	esac
	GUEST_MACHINE=$machine,memory-backend=ram
}

ram_is()
{
	local mb=${GUEST_MEM:-256} what
	case $2 in
	hugetlb)	what=/huge/ ;;
	memfd)		what='/memfd:memory-backend-memfd' ;;
	file)		what=/ram.img ;;
	anonymous)	return 0 ;;
	esac
	awk -v what="$what" -v want=$((mb * 1024)) '
		/^[0-9a-f]+-[0-9a-f]+ / { mine = index($0, what) }
		mine && /^Size:/ && $2 >= want { found = 1 }
		END { exit !found }' "/proc/${G_PID[$1]}/smaps" ||
		{ echo "no mapping of $mb MiB with the name $what"; grep -a "$what" "/proc/${G_PID[$1]}/maps"; return 1; }
}

# Gives the huge pages back. After the guest's end.
ram_free()
{
	! mountpoint -q "$VM_DIR/huge" || umount "$VM_DIR/huge"
	echo 0 >/proc/sys/vm/nr_hugepages
}
