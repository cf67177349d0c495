#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The modern test with QEMU 7.2 of Debian 12, see testbed/qemu72.sh.
set -euo pipefail

PATH=/opt/qemu-7.2/bin:$PATH
qemu-system-x86_64 --version | head -1 | sed 's/^/# /'
qemu-system-x86_64 --version | grep -q 'version 7\.2' || { echo "Bail out! QEMU 7.2 is not in the test host"; exit 1; }
exec "$(dirname "$0")/modern.sh"
