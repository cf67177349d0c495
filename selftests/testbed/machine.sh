# SPDX-License-Identifier: GPL-2.0
# The emulated machine of a test host: its start, its end and the choice of KVM or TCG. Sourced by host.
# shellcheck shell=bash

QEMU_PID=

machine_prepare()
{
	local rootfs
	QEMU=$("$TESTBED/fetch" qemu)
	rootfs=$("$TESTBED/fetch" rootfs)
	ROOTFS=$rootfs
	IMAGES=$(with_lock "images-$SERIES" images "$KERNEL" "$CACHE/tree/$(basename "$rootfs" .sqfs)")
	ACCEL=${VHOST_ACCEL:-$(machine_accel)}
	mkfifo "$RUN/verdict.$$"
	exec {VERDICT}<>"$RUN/verdict.$$"
}

accel_options()
{
	case $1 in
	kvm)	echo "-accel kvm -cpu host" ;;
	*)	echo "-accel tcg,thread=multi,tb-size=512 -cpu max" ;;
	esac
}

# KVM only when a probe boot shows that it boots this kernel and that the host could run guests in turn.
machine_accel()
{
	local out=$RUN/probe
	[ -w /dev/kvm ] || { echo tcg; return; }
	: >"$out"
	# shellcheck disable=SC2046
	timeout 30 "$QEMU" -M q35 $(accel_options kvm) -smp 2 -m 512 -display none -no-reboot -net none \
		-kernel "$KERNEL/vmlinuz" -initrd "$IMAGES/host.cpio.gz" -append "quiet panic=-1 testbed.probe" \
		-device virtio-serial-pci -chardev "file,id=v,path=$out" -device virtserialport,chardev=v,name=verdict \
		>/dev/null 2>&1 || true
	if grep -q '^BOOT nested' "$out"; then
		echo kvm
	else
		say "/dev/kvm cannot boot $(<"$KERNEL/release") with nested guests: using TCG"
		echo tcg
	fi
}

disk()
{
	echo "-drive if=none,id=$1,format=raw,readonly=on,file.locking=off,file=${2//,/,,} -device virtio-blk-pci,drive=$1"
}

machine_start()
{
	local append="console=ttyS0 loglevel=5 panic=-1 oops=panic panic_on_warn=1 softlockup_panic=1 no_timer_check"
	append+=" watchdog_thresh=30 rcupdate.rcu_cpu_stall_timeout=60 sysctl.kernel.hung_task_timeout_secs=60"
	append+=" sysctl.kernel.hung_task_panic=1 random.trust_cpu=on mitigations=off ${VHOST_HOST_APPEND:-}"
	rm -f "$RUN/console.log"
	# shellcheck disable=SC2046
	"$QEMU" -M q35 $(accel_options "$ACCEL") -smp 2 -m "${VHOST_HOST_MEM:-3072}" -display none -no-reboot -net none \
		-kernel "$KERNEL/vmlinuz" -initrd "$IMAGES/host.cpio.gz" -append "$append" \
		-serial "file:$RUN/console.log" -monitor none \
		$(disk a "$ROOTFS") $(disk b "$IMAGES/modules.sqfs") $(disk c "$RUN/payload.sqfs") \
		-device virtio-serial-pci -chardev "file,id=v,path=$RUN/verdict.$$" -device virtserialport,chardev=v,name=verdict \
		</dev/null >"$RUN/qemu.log" 2>&1 {VERDICT}>&- &
	QEMU_PID=$!
}

machine_alive() { [ -n "$QEMU_PID" ] && kill -0 "$QEMU_PID" 2>/dev/null; }

machine_kill()
{
	! machine_alive || kill -9 "$QEMU_PID" 2>/dev/null || true
}

machine_wait()
{
	local rc=0
	wait "$QEMU_PID" 2>/dev/null || rc=$?
	QEMU_PID=
	[ -s "$RUN/console.log" ] || [ ! -s "$RUN/qemu.log" ] || FAULT="QEMU: $(head -1 "$RUN/qemu.log")"
	return 0
}
