/* SPDX-License-Identifier: GPL-2.0 */
/* kvzalloc() as calloc(), so that ASan sees where an object ends */
#ifndef UNIT_SLAB_H
#define UNIT_SLAB_H

#include <stdlib.h>
#include <linux/overflow.h>
#include <linux/types.h>

#define GFP_KERNEL_ACCOUNT	0

static inline void *kvzalloc(size_t size, int flags)
{
	return calloc(1, size);
}

static inline void kvfree(void *p)
{
	free(p);
}

#endif
