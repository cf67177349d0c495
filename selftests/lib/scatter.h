/* SPDX-License-Identifier: GPL-2.0 */
/* Buffers cut into pieces that lie apart in guest memory */
#ifndef VHOST_TEST_SCATTER_H
#define VHOST_TEST_SCATTER_H

#include <stddef.h>
#include <stdint.h>

#include "driver.h"
#include "guest.h"

#define SCATTER_MAX	48	/* pieces */
#define SCATTER_GAP	61	/* at most so many bytes between two pieces */

struct scatter {
	struct vdrv_seg seg[SCATTER_MAX];
	uint8_t *at[SCATTER_MAX];
	unsigned int n;
	size_t len;
};

/* guest memory that @len bytes in @n pieces may take */
static inline size_t scatter_room(size_t len, unsigned int n)
{
	return len + (size_t)n * SCATTER_GAP;
}

/*
 * @len bytes as @n pieces of random size (at least 1 byte each) from @mem on.
 * One cut in four falls into the first @head bytes, so that headers are split.
 */
void scatter_make(struct scatter *s, const struct guest *g, uint8_t *mem,
		  size_t len, unsigned int n, size_t head, uint32_t *rnd);
void scatter_put(const struct scatter *s, size_t off, const void *buf,
		 size_t len);
void scatter_get(const struct scatter *s, size_t off, void *buf, size_t len);

#endif
