/* SPDX-License-Identifier: GPL-2.0 */
/* struct iovec of user space has the kernel's layout */
#include <sys/uio.h>
