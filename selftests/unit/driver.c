// SPDX-License-Identifier: GPL-2.0
/*
 * A mock driver of a split ring, from the text of virtio 1.2 section 2.7; it
 * shares no code with the device's side but the layout in <linux/virtio_ring.h>.
 */
#include <stdlib.h>
#include <string.h>

#include "world.h"

void d_init(struct world *w, u16 base)
{
	unsigned int i;

	w->free = calloc(w->num, sizeof(*w->free));
	w->next = calloc(w->num, sizeof(*w->next));
	w->count = calloc(w->num, sizeof(*w->count));
	if (!w->free || !w->next || !w->count)
		abort();
	for (i = 0; i < w->num; i++)
		w->free[i] = w->num - 1 - i;
	w->nr_free = w->num;
	w->next_avail = base;
	w->next_used = base;
	w->avail->idx = base;
	w->used->idx = base;
}

void d_exit(struct world *w)
{
	free(w->free);
	free(w->next);
	free(w->count);
}

void d_desc(struct world *w, unsigned int i, u64 addr, u32 len, u16 flags,
	    u16 next)
{
	w->desc[i] = (struct vring_desc){ addr, len, flags, next };
}

static unsigned int take(struct world *w, bool shuffle)
{
	unsigned int k = shuffle ? t_below(w->nr_free) : w->nr_free - 1;
	unsigned int i = w->free[k];

	w->free[k] = w->free[--w->nr_free];
	return i;
}

void d_table(struct world *w, u64 table, const struct seg *seg, unsigned int n,
	     bool shuffle)
{
	u16 *place = calloc(n, sizeof(*place));
	unsigned int i;

	if (!place)
		abort();
	for (i = 0; i < n; i++)
		place[i] = i;
	/* a chain in a table begins at its first descriptor */
	for (i = n - 1; shuffle && i > 1; i--) {
		unsigned int k = 1 + t_below(i);
		u16 swap = place[i];

		place[i] = place[k];
		place[k] = swap;
	}
	for (i = 0; i < n; i++) {
		struct vring_desc d = {
			seg[i].addr, seg[i].len,
			(seg[i].in ? VRING_DESC_F_WRITE : 0) |
			(i + 1 < n ? VRING_DESC_F_NEXT : 0),
			i + 1 < n ? place[i + 1] : t_rand(),
		};

		w_write(w, table + place[i] * sizeof(d), &d, sizeof(d));
	}
	free(place);
}

int d_chain(struct world *w, const struct seg *seg, unsigned int n,
	    unsigned int direct, u64 table, bool shuffle)
{
	unsigned int need = direct + (direct < n), i;
	int head = -1, at = -1;

	if (need > w->nr_free)
		return -1;
	for (i = 0; i < need; i++) {
		unsigned int d = take(w, shuffle);

		if (at < 0)
			head = d;
		else
			w->desc[at].next = w->next[at] = d;
		if (i < direct) {
			d_desc(w, d, seg[i].addr, seg[i].len,
			       seg[i].in ? VRING_DESC_F_WRITE : 0, t_rand());
		} else {
			d_table(w, table, &seg[i], n - i, shuffle);
			d_desc(w, d, table, (n - i) * 16,
			       VRING_DESC_F_INDIRECT, t_rand());
		}
		if (i + 1 < need)
			w->desc[d].flags |= VRING_DESC_F_NEXT;
		at = d;
	}
	w->count[head] = need;
	return head;
}

void d_avail(struct world *w, u16 head)
{
	w->avail->ring[w->next_avail++ % w->num] = head;
}

void d_publish(struct world *w)
{
	w->avail->idx = w->next_avail;
}

bool d_used(struct world *w, u32 *id, u32 *len)
{
	const struct vring_used_elem *e = &w->used->ring[w->next_used % w->num];
	unsigned int n, at;

	if (w->used->idx == w->next_used)
		return false;
	w->next_used++;
	*id = e->id;
	*len = e->len;
	if (*id >= w->num || !w->count[*id]) {
		t_fail("used id %u was not out", *id);
		return true;
	}
	for (n = w->count[*id], at = *id; n; n--) {
		w->free[w->nr_free++] = at;
		at = w->next[at];
	}
	w->count[*id] = 0;
	return true;
}

__virtio16 *d_used_event(struct world *w)
{
	return (__virtio16 *)((char *)w->avail + 4 + 2 * w->num);
}

__virtio16 *d_avail_event(struct world *w)
{
	return (__virtio16 *)((char *)w->used + 4 + 8 * w->num);
}

int d_one(struct world *w, u64 addr, u32 len, bool in)
{
	struct seg seg = { addr, len, in };
	int head = d_chain(w, &seg, 1, 1, 0, false);

	if (head >= 0) {
		d_avail(w, head);
		d_publish(w);
	}
	return head;
}
