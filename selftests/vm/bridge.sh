#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two guests on one bridge, one with PCI and one with virtio-mmio: data between them and with the test host, VLAN-tagged
# and in frames of 9000 bytes.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"

bridge()
{
	ip link add br0 type bridge
	ip link set br0 mtu 9000 up
	ip addr add 10.0.0.1/24 dev br0
	ip link add link br0 name br0.5 type vlan id 5
	ip addr add 10.0.5.1/24 dev br0.5
	ip link set br0.5 up
}

port() { tap "$1" && ip link set "$1" mtu 9000 master br0; }

vlan() { guest "$1" "ip link add link eth0 name eth0.5 type vlan id 5 && ip addr add $2 dev eth0.5 && ip link set eth0.5 up"; }

# between FROM TO ADDRESS BYTES: random data from one guest to another.
between()
{
	local from=$1 to=$2 address=$3 bytes=$4 there here
	PORT=$((PORT + 1))
	guest "$to" "rm -f /tmp/done; (socat -u TCP-LISTEN:$PORT CREATE:/tmp/in; touch /tmp/done) >/dev/null 2>&1 & until netstat -ltn | grep -q :$PORT; do usleep 100000; done" || return 1
	there=$(guest "$from" "head -c $bytes /dev/urandom >/tmp/out && socat -u OPEN:/tmp/out TCP:$address:$PORT && sha256sum </tmp/out") || { echo "$there"; return 1; }
	here=$(guest "$to" "until [ -e /tmp/done ]; do usleep 100000; done; wc -c </tmp/in; sha256sum </tmp/in") || { echo "$here"; return 1; }
	same "$there" "${here#*$'\n'}" "$bytes" "${here%%$'\n'*}"
}

jumbo() { guest "$1" "ip link set eth0 mtu 9000"; }

# Not fragmented: 8972 bytes and two headers are one frame of 9000 bytes.
jumbo_pings() { ping -q -c 3 -i 0.2 -W 5 -M "do" -s 8972 "$1" | grep ' 0% packet loss'; }

# The tap shows frames with the tag, larger than an ordinary MTU.
tagged_frames()
{
	capture tap0 4 "vlan 5 and greater 3000" || return 1
	both_ways a 10.0.5.1 1048576 || return 1
	between a b 10.0.5.3 1048576 || return 1
	captured 'vlan 5' 4
}

plan 17
bridge
port tap0
port tap1
nic tap0 '' disable-legacy=on
start_guest a "${NIC[@]}"
NIC_DEVICE=virtio-net-device nic tap1
GUEST_MACHINE=microvm,rtc=on,pit=on,pic=on start_guest b "${NIC[@]}" -global virtio-mmio.force-legacy=false
check "the first guest's NIC comes up" guest_address a eth0 10.0.0.2/24
check "the second guest's NIC comes up" guest_address b eth0 10.0.0.3/24
check "pings from guest to guest" pings a 10.0.0.3 1 1472 9000
check "data from the first guest to the second" between a b 10.0.0.3 1048576
check "data from the second guest to the first" between b a 10.0.0.2 1048576
check "data between the first and the test host" both_ways a 10.0.0.1 1048576
check "frames of 9000 bytes for the first" jumbo a
check "frames of 9000 bytes for the second" jumbo b
check "unbroken pings of 9000 bytes to the first" jumbo_pings 10.0.0.2
check "unbroken pings of 9000 bytes to the second" jumbo_pings 10.0.0.3
check "a VLAN on the first" vlan a 10.0.5.2/24
check "a VLAN on the second" vlan b 10.0.5.3/24
check "large tagged frames with checksummed data" tagged_frames
check "the kernel served the first" served a
check "the kernel served the second" served b
check "the first QEMU ends without a complaint" stop_guest a
check "the second QEMU ends without a complaint" stop_guest b
finish
