// SPDX-License-Identifier: GPL-2.0
/* The format-independent part of the mock driver: allocation only */
#include <stdlib.h>
#include <string.h>

#include "driver.h"

int vdrv_init(struct vdrv *d, const struct vdrv_ops *ops, unsigned int num,
	      void *const part[VDRV_PARTS], unsigned int flags)
{
	memset(d, 0, sizeof(*d));
	if (!num || num > VDRV_MAX_RING)
		return -1;
	d->ops = ops;
	d->num = num;
	d->flags = flags;
	memcpy(d->part, part, sizeof(d->part));
	d->next = calloc(num, sizeof(*d->next));
	d->slot = calloc(num, sizeof(*d->slot));
	if (!d->next || !d->slot) {
		vdrv_free(d);
		return -1;
	}
	ops->reset(d, 0);
	return 0;
}

void vdrv_free(struct vdrv *d)
{
	free(d->next);
	free(d->slot);
	d->next = NULL;
	d->slot = NULL;
}
