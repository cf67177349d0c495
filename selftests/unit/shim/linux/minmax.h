/* SPDX-License-Identifier: GPL-2.0 */
/* min(), min_t() come with tools/include */
#include <linux/kernel.h>
