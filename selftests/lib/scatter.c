// SPDX-License-Identifier: GPL-2.0
/* Buffers cut into pieces that lie apart in guest memory */
#include <stdlib.h>
#include <string.h>

#include "frame.h"
#include "scatter.h"

static int by_value(const void *a, const void *b)
{
	size_t x = *(const size_t *)a, y = *(const size_t *)b;

	return x < y ? -1 : x > y;
}

void scatter_make(struct scatter *s, const struct guest *g, uint8_t *mem,
		  size_t len, unsigned int n, size_t head, uint32_t *rnd)
{
	size_t cut[SCATTER_MAX + 1];
	unsigned int i, k;

	if (n > SCATTER_MAX)
		n = SCATTER_MAX;
	if (n > len)
		n = len;
	if (head > len)
		head = len;
	cut[0] = 0;
	for (i = 1; i < n; i++) {
		size_t span = frame_rand(rnd) % 4 || head < 2 ? len : head;

		cut[i] = frame_rand(rnd) % span;
	}
	cut[n] = len;
	qsort(cut, n, sizeof(cut[0]), by_value);

	for (i = 0, k = 0; i < n; i++) {
		size_t piece = cut[i + 1] - cut[i];

		if (!piece)
			continue;	/* two equal cuts */
		mem += frame_rand(rnd) % SCATTER_GAP;
		s->at[k] = mem;
		s->seg[k] = (struct vdrv_seg){ guest_addr(g, mem), piece };
		mem += piece;
		k++;
	}
	s->n = k;
	s->len = len;
}

static void move(const struct scatter *s, size_t off, uint8_t *buf, size_t len,
		 int in)
{
	unsigned int i;

	for (i = 0; i < s->n && len; i++) {
		size_t n = s->seg[i].len;

		if (off >= n) {
			off -= n;
			continue;
		}
		n -= off;
		if (n > len)
			n = len;
		if (in)
			memcpy(s->at[i] + off, buf, n);
		else
			memcpy(buf, s->at[i] + off, n);
		buf += n;
		len -= n;
		off = 0;
	}
}

void scatter_put(const struct scatter *s, size_t off, const void *buf,
		 size_t len)
{
	move(s, off, (uint8_t *)buf, len, 1);
}

void scatter_get(const struct scatter *s, size_t off, void *buf, size_t len)
{
	move(s, off, buf, len, 0);
}
