#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The modern test with QEMU 7.2 of Debian 12, see testbed/qemu72.sh.
set -euo pipefail

dir=$(mktemp -d)
cat >"$dir/qemu-system-x86_64" <<'END'
#!/bin/bash
t=/opt/qemu-7.2/usr
lib=$t/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH="$lib" QEMU_MODULE_DIR="$lib/qemu"
exec "$t/bin/qemu-system-x86_64" -L "$t/share/qemu" -L /usr/share/seabios -L /usr/lib/ipxe/qemu "$@"
END
chmod +x "$dir/qemu-system-x86_64"
PATH=$dir:$PATH
qemu-system-x86_64 --version | sed -n '1s/^/# /p'
qemu-system-x86_64 --version | grep -q 'version 7\.2' || { echo "Bail out! QEMU 7.2 is not in the test host"; exit 1; }
exec "$(dirname "$0")/modern.sh"
