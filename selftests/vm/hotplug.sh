#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A NIC is plugged in and pulled out while it and another one carry traffic, twice, and memory is added meanwhile.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"
. "$VM_LIB/flow.sh"

has_eth1() { guest g "test -d /sys/class/net/eth1"; }
no_eth1() { ! has_eth1; }

plug()
{
	hmp g "netdev_add tap,id=hot,ifname=tap1,script=no,downscript=no,vhost=on" || return 1
	hmp g "device_add virtio-net-pci,id=hotd,netdev=hot,bus=port1,romfile=,mac=52:54:00:00:01:01" || return 1
	until_true 30 has_eth1 && guest_address g eth1 10.0.1.2/24
}

unplug()
{
	hmp g "device_del hotd" || return 1
	until_true 30 no_eth1 || return 1
	until_true 30 no_device || return 1
	hmp g "netdev_del hot"
}

no_device() { ! hmp g "info qtree" | grep -q 'id "hotd"'; }

guest_has() { [ "$(guest g 'cat /proc/meminfo' | awk '$1 == "MemTotal:" { print $2 }')" -gt "$1" ]; }

# The memory table changes while the queues run.
add_memory()
{
	hmp g "object_add memory-backend-ram,id=more,size=128M" || return 1
	hmp g "device_add pc-dimm,id=dimm,memdev=more" || return 1
	until_true 20 guest_has 270000 || { hmp g "info memory-devices"; guest g "grep MemT /proc/meminfo; dmesg | tail -n 5; ls /sys/devices/system/memory"; return 1; }
}

holds() { echo "QEMU holds $(vhost_fds g) vhost devices, not $1"; [ "$(vhost_fds g)" = "$1" ]; }

plan 18
tap tap0 10.0.0.1/24
tap tap1 10.0.1.1/24
nic tap0 '' disable-legacy=on
GUEST_APPEND=memhp_default_state=online GUEST_MEM=256,slots=2,maxmem=1G start_guest g -device pcie-root-port,id=port1,chassis=1 "${NIC[@]}"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "traffic through it" flow_start a g 10.0.0.1
check "a second NIC is plugged in" plug
check "traffic through the second" flow_start b g 10.0.1.1
check "there are two vhost devices" holds 2
check "the first goes on" flow_moves a
check "memory is added" add_memory
check "the first goes on" flow_moves a
check "the second goes on" flow_moves b
check "the second is pulled out under traffic" unplug
flow_drop b
check "its vhost device is gone" holds 1
check "the first goes on" flow_moves a
check "the second is plugged in again" plug
check "checksummed data through the second" both_ways g 10.0.1.1 1048576
check "it is pulled out again" unplug
check "all of the first's data arrived" flow_end a
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
finish
