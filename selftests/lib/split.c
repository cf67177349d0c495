// SPDX-License-Identifier: GPL-2.0
/*
 * The mock driver's split ring. Little-endian machines only, which makes
 * legacy and VERSION_1 rings the same bytes.
 *
 * Barriers, each with its partner in the device:
 *  publish: release of avail->idx    - device's acquire of avail->idx
 *  publish: full fence, then reading used->flags or avail_event
 *                                    - device's fence after enabling kicks
 *  reap:    acquire of used->idx     - device's release of used->idx
 *  call_after: full fence, caller then looks at the ring once more
 *                                    - device's fence before its call decision
 */
#include <stdio.h>
#include <string.h>

#include <linux/virtio_ring.h>

#include "driver.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the mock driver has no byte swapping");

static struct vring_desc *descs(const struct vdrv *d)
{
	return d->part[VDRV_DESC];
}

static struct vring_avail *avail(const struct vdrv *d)
{
	return d->part[VDRV_AVAIL];
}

static struct vring_used *used(const struct vdrv *d)
{
	return d->part[VDRV_USED];
}

static uint16_t *used_event(const struct vdrv *d)
{
	return &avail(d)->ring[d->num];
}

static uint16_t *avail_event(const struct vdrv *d)
{
	return (uint16_t *)&used(d)->ring[d->num];
}

static size_t split_part_size(unsigned int num, enum vdrv_part part)
{
	switch (part) {
	case VDRV_DESC:
		return sizeof(struct vring_desc) * num;
	case VDRV_AVAIL:
		return 2 * (3 + num);
	default:
		return 2 * 3 + sizeof(struct vring_used_elem) * num;
	}
}

static size_t split_part_align(enum vdrv_part part)
{
	return part == VDRV_DESC ? 16 : part == VDRV_AVAIL ? 2 : 4;
}

static void split_reset(struct vdrv *d, uint32_t base)
{
	unsigned int i;

	memset(descs(d), 0, split_part_size(d->num, VDRV_DESC));
	memset(avail(d), 0, split_part_size(d->num, VDRV_AVAIL));
	memset(used(d), 0, split_part_size(d->num, VDRV_USED));
	memset(d->slot, 0, d->num * sizeof(*d->slot));
	for (i = 0; i < d->num; i++)
		d->next[i] = i + 1;
	d->free_head = 0;
	d->free = d->num;
	d->outstanding = 0;
	d->avail_idx = base;
	d->published = base;
	d->used_idx = base;
	avail(d)->idx = base;
	used(d)->idx = base;
	*used_event(d) = base;
	*avail_event(d) = base;
	d->fault[0] = 0;
}

static struct vring_desc seg_desc(const struct vdrv_chain *c, unsigned int i)
{
	struct vring_desc e = {
		.addr = c->seg[i].addr,
		.len = c->seg[i].len,
		.flags = i >= c->out ? VRING_DESC_F_WRITE : 0,
	};

	return e;
}

static void fill_table(const struct vdrv_chain *c, unsigned int first,
		       struct vring_desc *t)
{
	unsigned int i, n = c->out + c->in - first;

	for (i = 0; i < n; i++) {
		t[i] = seg_desc(c, first + i);
		if (i + 1 < n) {
			t[i].flags |= VRING_DESC_F_NEXT;
			t[i].next = i + 1;
		}
	}
}

static int split_add(struct vdrv *d, const struct vdrv_chain *c,
		     unsigned int direct, const struct vdrv_table *t)
{
	unsigned int total = c->out + c->in;
	unsigned int need = direct + (direct < total ? 1 : 0);
	uint16_t head = d->free_head, at = head, last = head;
	unsigned int i;
	uint32_t room = 0;

	if (!total || direct > total || (direct < total && !t))
		return -1;
	if (need > d->free)
		return -1;

	for (i = 0; i < need; i++) {
		struct vring_desc e;

		if (i < direct) {
			e = seg_desc(c, i);
		} else {
			e.addr = t->addr;
			e.len = (total - direct) * sizeof(e);
			e.flags = VRING_DESC_F_INDIRECT;
			fill_table(c, direct, t->mem);
		}
		e.next = d->next[at];
		if (i + 1 < need)
			e.flags |= VRING_DESC_F_NEXT;
		descs(d)[at] = e;
		last = at;
		at = d->next[at];
	}
	for (i = c->out; i < total; i++)
		room += c->seg[i].len;

	d->free_head = d->next[last];
	d->free -= need;
	d->outstanding++;
	d->slot[head] = (struct vdrv_slot){ c->token, room, need };
	avail(d)->ring[d->avail_idx++ & (d->num - 1)] = head;
	return head;
}

static bool event_crossed(uint16_t event, uint16_t new, uint16_t old)
{
	return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
}

static bool split_publish(struct vdrv *d)
{
	uint16_t old = d->published, new = d->avail_idx;
	bool kick;

	if (old == new)
		return false;
	__atomic_store_n(&avail(d)->idx, new, __ATOMIC_RELEASE);
	d->published = new;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);

	if (d->flags & VDRV_EVENT_IDX)
		kick = event_crossed(__atomic_load_n(avail_event(d),
						     __ATOMIC_RELAXED),
				     new, old);
	else
		kick = !(__atomic_load_n(&used(d)->flags, __ATOMIC_RELAXED) &
			 VRING_USED_F_NO_NOTIFY);
	d->publishes++;
	d->kicks_wanted += kick;
	return kick;
}

static int fault(struct vdrv *d, const char *rule, uint32_t a, uint32_t b)
{
	snprintf(d->fault, sizeof(d->fault), "%s (%u, %u)", rule, a, b);
	return -1;
}

static int split_reap(struct vdrv *d, struct vdrv_used *u)
{
	uint16_t idx = __atomic_load_n(&used(d)->idx, __ATOMIC_ACQUIRE);
	struct vring_used_elem e;
	struct vdrv_slot *s;
	uint16_t at;
	unsigned int i;

	if (idx == d->used_idx)
		return 0;
	if ((uint16_t)(idx - d->used_idx) > d->outstanding)
		return fault(d, "used index beyond what is outstanding",
			     idx, d->used_idx);
	e = used(d)->ring[d->used_idx & (d->num - 1)];
	if (e.id >= d->num)
		return fault(d, "used id outside the ring", e.id, d->num);
	s = &d->slot[e.id];
	if (!s->descs)
		return fault(d, "used id is not outstanding", e.id, e.len);
	if (e.len > s->room)
		return fault(d, "used length beyond the writable room",
			     e.len, s->room);

	for (at = e.id, i = 1; i < s->descs; i++)
		at = d->next[at];
	d->next[at] = d->free_head;
	d->free_head = e.id;
	d->free += s->descs;
	d->outstanding--;
	d->used_idx++;
	*u = (struct vdrv_used){ e.id, e.len, s->token };
	s->descs = 0;
	return 1;
}

static void split_call_after(struct vdrv *d, unsigned int ahead)
{
	__atomic_store_n(&avail(d)->flags, 0, __ATOMIC_RELAXED);
	if (d->flags & VDRV_EVENT_IDX)
		__atomic_store_n(used_event(d), d->used_idx + ahead,
				 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/*
 * With EVENT_IDX the flag must stay clear: an event index half the range away
 * is how a driver says "not soon".
 */
static void split_call_off(struct vdrv *d)
{
	if (d->flags & VDRV_EVENT_IDX)
		__atomic_store_n(used_event(d), d->used_idx + 0x8000,
				 __ATOMIC_RELAXED);
	else
		__atomic_store_n(&avail(d)->flags, VRING_AVAIL_F_NO_INTERRUPT,
				 __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static bool split_wants_kick(const struct vdrv *d)
{
	if (d->flags & VDRV_EVENT_IDX)
		return __atomic_load_n(avail_event(d), __ATOMIC_ACQUIRE) ==
		       d->published;
	return !(__atomic_load_n(&used(d)->flags, __ATOMIC_ACQUIRE) &
		 VRING_USED_F_NO_NOTIFY);
}

const struct vdrv_ops vdrv_split = {
	.name		= "split",
	.part_size	= split_part_size,
	.part_align	= split_part_align,
	.reset		= split_reset,
	.add		= split_add,
	.publish	= split_publish,
	.reap		= split_reap,
	.call_after	= split_call_after,
	.call_off	= split_call_off,
	.wants_kick	= split_wants_kick,
};
