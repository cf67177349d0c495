# SPDX-License-Identifier: GPL-2.0
# Guests of the test host: start, talk to, watch and stop a QEMU/KVM virtual machine. Sourced by the tests of vm/.
# shellcheck shell=bash
#
#   start_guest NAME QEMU-ARG...   boots a guest and waits until it takes commands
#   guest NAME COMMAND             runs a line of shell in it; output and status are the command's.
#                                  What stays in the background there must redirect its output.
#   hmp NAME COMMAND               a command of QEMU's monitor
#   stop_guest NAME                ends it; fails when QEMU complained about vhost
#   nic TAP [NETDEV-OPT [DEVICE-OPT]]   sets NIC to the arguments of a virtio-net NIC on TAP
# GUEST_MEM (256), GUEST_CPUS (1), GUEST_MACHINE (q35), GUEST_APPEND, GUEST_TIMEOUT (60 s per command) change the guest.
set -euo pipefail

VM_LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
VM_DIR=$(mktemp -d "${TMPDIR:-/tmp}/vm.XXXXXX")
# shellcheck source=tap.sh
. "$VM_LIB/tap.sh"
# shellcheck source=net.sh
. "$VM_LIB/net.sh"
# shellcheck source=vhost.sh
. "$VM_LIB/vhost.sh"

declare -A G_PID G_TO G_FROM G_QTO G_QFROM
SEQ=0

need_kvm()
{
	[ -c /dev/kvm ] || modprobe kvm_amd 2>/dev/null || modprobe kvm_intel 2>/dev/null || true
	until_true 5 test -c /dev/kvm 2>/dev/null || bail "the test host has no /dev/kvm: its CPU shows neither svm nor vmx"
}

open_pipes()
{
	local dir=$1 name=$2 to from qto qfrom
	mkfifo "$dir"/{cmd,qmp}.{in,out}
	exec {to}<>"$dir/cmd.in" {from}<>"$dir/cmd.out" {qto}<>"$dir/qmp.in" {qfrom}<>"$dir/qmp.out"
	G_TO[$name]=$to G_FROM[$name]=$from G_QTO[$name]=$qto G_QFROM[$name]=$qfrom
}

# virtio-mmio machines have no PCI bus for the command port.
port_device()
{
	case $GUEST_MACHINE in
	microvm*)	echo virtio-serial-device ;;
	*)		echo virtio-serial-pci ;;
	esac
}

launch_guest()
{
	local name=$1 dir=$VM_DIR/$1 reboot=shutdown
	shift
	# A guest that crashes must not come back as if nothing had been.
	[ -z "${GUEST_REBOOTS:-}" ] || reboot=reset
	GUEST_MACHINE=${GUEST_MACHINE:-q35}
	need_kvm
	mkdir "$dir"
	open_pipes "$dir" "$name"
	qemu-system-x86_64 -name "$name" -M "$GUEST_MACHINE" -accel kvm -cpu host -m "${GUEST_MEM:-256}" \
		-smp "${GUEST_CPUS:-1}" -nodefaults -no-user-config -display none -action "reboot=$reboot" \
		-kernel /guest/vmlinuz -initrd /guest/initrd \
		-append "console=ttyS0 loglevel=5 panic=-1 mitigations=off ${GUEST_APPEND:-}" \
		-serial "file:$dir/console" \
		-chardev "pipe,id=qmp,path=$dir/qmp" -mon chardev=qmp,mode=control \
		-device "$(port_device)" -chardev "pipe,id=cmd,path=$dir/cmd" -device virtserialport,chardev=cmd,name=cmd \
		"$@" </dev/null >"$dir/stdout" 2>"$dir/stderr" &
	G_PID[$name]=$!
	qmp "$name" '"execute": "qmp_capabilities"' >/dev/null
}

start_guest()
{
	local name=$1
	launch_guest "$@"
	wait_ready "$name" || bail "guest $name did not start: $(guest_words "$name")"
}

guest_alive() { kill -0 "${G_PID[$1]}" 2>/dev/null; }

guest_words() { tail -n 5 "$VM_DIR/$1/stderr" "$VM_DIR/$1/console" 2>/dev/null | tr -d '\r'; }

# read_line FD NAME SECONDS: one line of a guest or of its QEMU into LINE.
read_line()
{
	local end=$((SECONDS + $3)) part=
	# A line may come in pieces: read keeps what it has when its time is over.
	until IFS= read -r -t 1 LINE <&"$1"; do
		part+=$LINE
		guest_alive "$2" || { echo "guest $2: QEMU has ended: $(guest_words "$2")" >&2; return 1; }
		[ "$SECONDS" -lt "$end" ] || { echo "guest $2: no answer within $3 s" >&2; return 1; }
	done
	LINE=$part$LINE
}

# Waits until the guest takes commands: at its start and after each reboot.
wait_ready()
{
	LINE=
	until [ "$LINE" = READY ]; do
		read_line "${G_FROM[$1]}" "$1" "${GUEST_BOOT_TIMEOUT:-150}" || return 1
	done
}

guest()
{
	local name=$1 id=$((++SEQ))
	echo "$id $2" >&"${G_TO[$name]}"
	while read_line "${G_FROM[$name]}" "$name" "${GUEST_TIMEOUT:-60}"; do
		case $LINE in
		"$id | "*)	printf '%s\n' "${LINE#*| }" ;;
		"$id = "*)	return "${LINE#*= }" ;;
		esac
	done
	return 125
}

# qmp NAME 'MEMBERS': sends one QMP command and prints the line that answers it.
qmp()
{
	local name=$1 id=$((++SEQ))
	echo "{ $2, \"id\": $id }" >&"${G_QTO[$name]}"
	while read_line "${G_QFROM[$name]}" "$name" 60; do
		case $LINE in
		*"\"id\": $id"[,}]*)
			printf '%s\n' "$LINE"
			[[ $LINE != *'"error":'* ]] || return 1
			return 0 ;;
		esac
	done
	return 125
}

hmp()
{
	local line
	line=$(qmp "$1" "\"execute\": \"human-monitor-command\", \"arguments\": { \"command-line\": \"${2//\"/\\\"}\" }")
	line=$(sed 's/.*"return": "\(.*\)", "id".*/\1/; s/.*"return": "\(.*\)"}.*/\1/; s/\\r\\n/\n/g; s/\\"/"/g' <<<"$line")
	printf '%s\n' "$line"
	[[ $line != Error:* && $line != *"unknown command"* ]]
}

gone() { ! guest_alive "$1"; }

stop_guest()
{
	local name=$1
	if guest_alive "$name"; then
		echo '{ "execute": "quit" }' >&"${G_QTO[$name]}"
		until_true 20 gone "$name" || { kill -9 "${G_PID[$name]}"; echo "QEMU did not quit" >&2; return 1; }
	fi
	wait "${G_PID[$name]}" || { echo "QEMU ended with status $?: $(guest_words "$name")" >&2; return 1; }
	no_fallback "$name"
}

# What the guests of a failed test said last.
show_consoles()
{
	local f
	for f in "$VM_DIR"/*/console; do
		[ -s "$f" ] || continue
		f=${f%/console}
		diag "last words of guest ${f##*/}:"
		diag "$(tail -n 40 "$f/console" | tr -d '\r')"
	done
}

vm_cleanup()
{
	local pid
	[ "$TAP_FAILED" = 0 ] || show_consoles
	for pid in "${G_PID[@]}"; do
		kill -9 "$pid" 2>/dev/null || true
	done
	clean_network
	rm -rf "$VM_DIR"
}
trap vm_cleanup EXIT
clean_network
