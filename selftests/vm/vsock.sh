#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The in-tree vhost.ko and vhost_vsock.ko beside the module under test: one guest uses both at the same time.
. "$(dirname "$0")/lib.sh"
. "$VM_LIB/nic.sh"
. "$VM_LIB/flow.sh"

CID=7

vsock_sends()
{
	local pid there here
	socat -u VSOCK-LISTEN:7001 "CREATE:$VM_DIR/got" &
	pid=$!
	sleep 0.5
	there=$(guest g "head -c $1 /dev/urandom >/tmp/out && socat -u OPEN:/tmp/out VSOCK-CONNECT:2:7001 && sha256sum </tmp/out") || { echo "$there"; kill "$pid"; return 1; }
	wait "$pid" || return 1
	here=$(sha256sum <"$VM_DIR/got")
	same "$there" "$here" "$1" "$(stat -c %s "$VM_DIR/got")"
}

vsock_receives()
{
	local there here
	head -c "$1" /dev/urandom >"$VM_DIR/give"
	guest g "rm -f /tmp/done; (socat -u VSOCK-LISTEN:7002 CREATE:/tmp/in; touch /tmp/done) >/dev/null 2>&1 &" || return 1
	until_true 10 socat -u "OPEN:$VM_DIR/give" "VSOCK-CONNECT:$CID:7002" || return 1
	there=$(guest g "until [ -e /tmp/done ]; do usleep 100000; done; wc -c </tmp/in; sha256sum </tmp/in") || { echo "$there"; return 1; }
	here=$(sha256sum <"$VM_DIR/give")
	same "${there#*$'\n'}" "$here" "$1" "${there%%$'\n'*}"
}

loaded() { local m; for m in "$@"; do [ -d "/sys/module/$m" ] || { echo "$m is not loaded"; return 1; }; done; }

plan 10
check "vhost_vsock loads beside vhost_net" modprobe vhost_vsock
# shellcheck disable=SC2046
check "all are loaded" loaded vhost vhost_vsock vhost_net $(ours && echo vhost_core)
tap tap0 10.0.0.1/24
nic tap0
start_guest g "${NIC[@]}" -device "vhost-vsock-pci,guest-cid=$CID"
check "the guest's NIC comes up" guest_address g eth0 10.0.0.2/24
check "traffic through the NIC" flow_start a g 10.0.0.1
check "the guest sends over vsock" vsock_sends 1048576
check "the guest receives over vsock" vsock_receives 1048576
check "all of the NIC's data arrived" flow_end a
check "the kernel served its queues" served g
check "QEMU ends without a complaint" stop_guest g
check "vhost_vsock unloads" modprobe -r vhost_vsock
finish
