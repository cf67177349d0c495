/* SPDX-License-Identifier: GPL-2.0 */
/* The kernel's errno values are the system's */
#include <asm/errno.h>
