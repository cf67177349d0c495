#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A macvtap device as backend, its file and /dev/vhost-net opened here and passed to QEMU as file descriptors.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

macvtap()
{
	ip link add v0 type veth peer name v1
	ip link add link v0 name mv0 address 52:54:00:00:02:01 type macvtap mode bridge
	ip addr add 10.0.0.1/24 dev v1
	ip link set v0 up
	ip link set v1 up
	ip link set mv0 up
	until_true 5 test -c "/dev/tap$(</sys/class/net/mv0/ifindex)"
}

# The guest's QEMU has no other vhost file than the one it was given.
same_files() { [ "$(vhost_fds g)" = 1 ]; }

plan 7
modprobe -a macvtap veth
macvtap || bail "no macvtap device node"
exec {tapfd}<>"/dev/tap$(</sys/class/net/mv0/ifindex)" {vhostfd}<>/dev/vhost-net
start_guest g -netdev "tap,id=n0,fd=$tapfd,vhost=on,vhostfd=$vhostfd" \
	-device virtio-net-pci,netdev=n0,mac=52:54:00:00:02:01,romfile=
exec {tapfd}>&- {vhostfd}>&-
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "QEMU uses the vhost file it was given" same_files
check "pings of many sizes" pings g 10.0.0.1 1 1472 9000 65000
check "the guest sends 4 MiB" sends g 10.0.0.1 4194304
check "the guest receives 4 MiB" receives g 10.0.0.1 4194304
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
