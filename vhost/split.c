// SPDX-License-Identifier: GPL-2.0
/*
 * The split ring: virtio 1.2, section 2.7.
 *
 * Context: the holder of the queue mutex, in the owner's mm; nothing sleeps but
 * for page faults.
 *
 * All parts of the ring were found to be access_ok() when the queue started (or
 * when their addresses changed), so one user-access window may cover several of
 * them. Inside a window there are only loads, stores and arithmetic.
 * Compiled in user space too (selftests/unit).
 */
#include <linux/build_bug.h>
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>
#include <asm/barrier.h>

#include "ring.h"

static size_t vh_split_desc_size(const struct vh_ring *r)
{
	return sizeof(struct vring_desc) * r->num;
}

/* With VIRTIO_RING_F_EVENT_IDX both rings end with the other side's event index. */
static size_t vh_split_avail_size(const struct vh_ring *r)
{
	return struct_size(r->avail, ring, r->num) +
	       (r->event_idx ? sizeof(__virtio16) : 0);
}

static size_t vh_split_used_size(const struct vh_ring *r)
{
	return struct_size(r->used, ring, r->num) +
	       (r->event_idx ? sizeof(__virtio16) : 0);
}

static __virtio16 __user *vh_split_used_event(const struct vh_ring *r)
{
	return &r->avail->ring[r->num];
}

static __virtio16 __user *vh_split_avail_event(const struct vh_ring *r)
{
	return (__virtio16 __user *)&r->used->ring[r->num];
}

bool vh_split_access_ok(struct vh_ring *r)
{
	return access_ok(r->desc, vh_split_desc_size(r)) &&
	       access_ok(r->avail, vh_split_avail_size(r)) &&
	       access_ok(r->used, vh_split_used_size(r));
}

int vh_split_start(struct vh_ring *r)
{
	__virtio16 idx;

	if (put_user(cpu_to_vh16(r, 0), &r->used->flags) ||
	    get_user(idx, &r->used->idx))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);

	r->avail_idx = r->last_avail;
	r->used_idx = vh16_to_cpu(r, idx);
	r->published = r->used_idx;
	r->signalled_valid = false;
	r->kick_enabled = true;
	return 0;
}

u32 vh_split_get_base(const struct vh_ring *r)
{
	return r->last_avail;
}

int vh_split_set_base(struct vh_ring *r, u32 base)
{
	if (base > U16_MAX)
		return -EINVAL;
	r->last_avail = base;
	r->avail_idx = base;
	return 0;
}

int vh_split_has_avail(struct vh_ring *r)
{
	__virtio16 idx;

	if (r->avail_idx != r->last_avail)
		return 1;
	if (get_user(idx, &r->avail->idx))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	return vh16_to_cpu(r, idx) != r->last_avail;
}

static __always_inline struct vh_desc
vh_split_decode(const struct vh_ring *r, const struct vring_desc *raw)
{
	return (struct vh_desc) {
		.addr = vh64_to_cpu(r, raw->addr),
		.len = vh32_to_cpu(r, raw->len),
		.flags = vh16_to_cpu(r, raw->flags),
		.next = vh16_to_cpu(r, raw->next),
	};
}

/* A descriptor as two words, so that two loads read it. */
union vh_split_raw {
	struct vring_desc desc;
	u64 word[2];
};

static_assert(sizeof(union vh_split_raw) == 2 * sizeof(u64));

#define vh_split_unsafe_get(raw, ptr, fault) do {			\
	u64 __user *__words = (u64 __user *)(ptr);			\
									\
	unsafe_get_user((raw)->word[0], &__words[0], fault);		\
	unsafe_get_user((raw)->word[1], &__words[1], fault);		\
} while (0)

/*
 * Follow one chain through the descriptor table, up to its end or to an
 * indirect descriptor, which ends it (section 2.7.5.3.1). Runs inside a
 * user-access window.
 *
 * Return: descriptors stored in @out, or a negative cause. A chain that does
 * not fit in @room is VH_BAD_LONG.
 */
static __always_inline int vh_split_walk(const struct vh_ring *r, u16 idx,
					 struct vh_desc *out, unsigned int room)
{
	unsigned int n = 0;

	if (idx >= r->num)
		return -VH_BAD_HEAD;
	for (;;) {
		union vh_split_raw raw;

		vh_split_unsafe_get(&raw, &r->desc[idx], fault);
		out[n] = vh_split_decode(r, &raw.desc);
		idx = out[n].next;
		if (!(out[n++].flags & VRING_DESC_F_NEXT))
			return n;
		if (out[n - 1].flags & VRING_DESC_F_INDIRECT)
			return -VH_BAD_INDIRECT;
		if (idx >= r->num)
			return -VH_BAD_NEXT;
		if (n == r->num)
			return -VH_BAD_LOOP;
		if (n == room)
			return -VH_BAD_LONG;
	}
fault:
	return -VH_BAD_RING_ACCESS;
}

/*
 * Read avail entries and the descriptors of their chains under one window.
 * Returns the number of chains; the cause that stopped the walk, if any, is in
 * @cause.
 */
static unsigned int vh_split_read_window(struct vh_ring *r, unsigned int max,
					 enum vh_cause *cause)
{
	struct vh_scratch *s = r->scratch;
	unsigned int i = 0, n, room = 0;
	__virtio16 idx;

	*cause = VH_BAD_RING_ACCESS;
	if (!user_read_access_begin(r->desc, vh_split_desc_size(r)))
		return 0;

	if ((u16)(r->avail_idx - r->last_avail) < max) {
		unsafe_get_user(idx, &r->avail->idx, out);
		r->avail_idx = vh16_to_cpu(r, idx);
		/*
		 * Entries and descriptors are read after the index that covers
		 * them. Pairs with the driver's write barrier before it adds to
		 * avail->idx (section 2.7.13).
		 */
		smp_rmb();
	}

	n = (u16)(r->avail_idx - r->last_avail);
	if (n > r->num) {
		*cause = VH_BAD_AVAIL_IDX;
		goto out;
	}
	n = min(n, max);
	for (i = 0; i < n; i++) {
		u16 slot = (r->last_avail + i) & (r->num - 1);

		unsafe_get_user(s->head[i], &r->avail->ring[slot], out_first);
	}

	for (i = 0; i < n; i++) {
		u16 head = vh16_to_cpu(r, s->head[i]);
		int ret = vh_split_walk(r, head, &s->desc[room],
					min_t(unsigned int, VH_CHAIN_MAX,
					      VH_SCRATCH - room));

		if (ret < 0) {
			*cause = -ret;
			goto out;
		}
		s->chain[i].first = room;
		s->chain[i].n = ret;
		room += ret;
		if (room == VH_SCRATCH && i + 1 < n) {
			*cause = VH_BAD_LONG;
			i++;
			goto out;
		}
	}
	*cause = VH_OK;
out:
	user_read_access_end();
	return i;
out_first:
	user_read_access_end();
	return 0;
}

/* Note the indirect table that ends @chain, if one does. */
static enum vh_cause vh_split_note_table(struct vh_ring *r,
					 struct vh_chain *chain)
{
	const struct vh_desc *last =
		&r->scratch->desc[chain->first + chain->n - 1];
	u32 n = last->len / sizeof(struct vring_desc);

	chain->table_n = 0;
	if (!(last->flags & VRING_DESC_F_INDIRECT))
		return VH_OK;
	if (!n || last->len % sizeof(struct vring_desc))
		return VH_BAD_INDIRECT;
	if (n > VH_CHAIN_MAX - chain->n + 1)
		return VH_BAD_LONG;
	chain->table_n = n;
	chain->table_addr = last->addr;
	return VH_OK;
}

int vh_split_read(struct vh_ring *r, struct vh_buf *bufs, unsigned int max)
{
	struct vh_scratch *s = r->scratch;
	enum vh_cause cause;
	unsigned int i, n;

	n = vh_split_read_window(r, max, &cause);
	for (i = 0; i < n; i++) {
		enum vh_cause bad = vh_split_note_table(r, &s->chain[i]);

		if (bad) {
			cause = bad;
			break;
		}
		bufs[i].id = vh16_to_cpu(r, s->head[i]);
		bufs[i].ndesc = 1;
	}
	/* Good chains in front of a bad one are served first. */
	if (!i && cause)
		return vh_ring_fail(r, cause);
	return i;
}

void vh_split_advance(struct vh_ring *r, const struct vh_buf *bufs,
		      unsigned int n)
{
	r->last_avail += n;
}

void vh_split_rewind(struct vh_ring *r, const struct vh_buf *bufs,
		     unsigned int n)
{
	r->last_avail -= n;
}

/* The longest table, mapped page by page and starting anywhere in a page. */
#define VH_TABLE_PIECES	(VH_CHAIN_MAX * sizeof(struct vring_desc) / 4096 + 2)

/*
 * Translate the table of @chain and give it room from @first on. A table that
 * straddles memory regions is read here; any other is left to the window and
 * its place is put in @where.
 */
static int vh_split_place_table(struct vh_ring *r, struct vh_chain *chain,
				unsigned int first, struct iovec *where)
{
	size_t size = chain->table_n * sizeof(struct vring_desc);
	struct vh_desc *table = &r->scratch->table[first];
	struct iovec iov[VH_TABLE_PIECES];
	size_t done = 0;
	int i, n;

	n = vh_map_translate(r->map, &r->cache, chain->table_addr, size,
			     VH_MAP_READ, iov, ARRAY_SIZE(iov));
	if (n < 0)
		return vh_ring_fail(r, VH_BAD_ADDR);
	chain->table = first;
	if (n == 1) {
		*where = iov[0];
		return 0;
	}

	for (i = 0; i < n; i++) {
		if (copy_from_user((char *)table + done, iov[i].iov_base,
				   iov[i].iov_len))
			return vh_ring_fail(r, VH_BAD_ADDR);
		done += iov[i].iov_len;
	}
	for (i = 0; i < chain->table_n; i++) {
		union vh_split_raw raw;

		memcpy(&raw, &table[i], sizeof(raw));
		table[i] = vh_split_decode(r, &raw.desc);
	}
	return 0;
}

/*
 * The tables that lie in one piece, all under one window. Returns the number of
 * chains in front of the first table that could not be read, or an error when
 * that is 0.
 */
static int vh_split_read_placed(struct vh_ring *r, unsigned int n,
				const struct iovec *any)
{
	struct vh_scratch *s = r->scratch;
	unsigned int i, j;

	if (!user_read_access_begin(any->iov_base, any->iov_len))
		return vh_ring_fail(r, VH_BAD_ADDR);
	for (i = 0; i < n; i++) {
		struct vring_desc __user *from = s->iov[i].iov_base;
		struct vh_desc *to;

		if (!s->iov[i].iov_len)
			continue;
		to = &s->table[s->chain[i].table];
		for (j = 0; j < s->chain[i].table_n; j++) {
			union vh_split_raw raw;

			vh_split_unsafe_get(&raw, &from[j], fault);
			to[j] = vh_split_decode(r, &raw.desc);
		}
	}
	user_read_access_end();
	return n;
fault:
	user_read_access_end();
	return i ? i : vh_ring_fail(r, VH_BAD_ADDR);
}

/*
 * &vh_scratch.iov is free at this time: it serves for the places of the tables,
 * one per chain.
 */
int vh_split_read_tables(struct vh_ring *r, unsigned int n)
{
	struct vh_scratch *s = r->scratch;
	const struct iovec *any = NULL;
	unsigned int i, room = 0;
	int ret;

	for (i = 0; i < n; i++) {
		struct vh_chain *chain = &s->chain[i];

		s->iov[i].iov_len = 0;
		if (!chain->table_n)
			continue;
		if (chain->table_n > VH_SCRATCH - room)
			break;
		ret = vh_split_place_table(r, chain, room, &s->iov[i]);
		if (ret && !i)
			return ret;
		if (ret)
			break;
		room += chain->table_n;
		if (s->iov[i].iov_len)
			any = &s->iov[i];
	}
	return any ? vh_split_read_placed(r, i, any) : i;
}

int vh_split_complete(struct vh_ring *r, const struct vh_buf *bufs,
		      unsigned int n)
{
	unsigned int i;

	if (!user_write_access_begin(r->used, vh_split_used_size(r)))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	for (i = 0; i < n; i++) {
		struct vring_used_elem __user *elem =
			&r->used->ring[(u16)(r->used_idx + i) & (r->num - 1)];

		unsafe_put_user(cpu_to_vh32(r, bufs[i].id), &elem->id, fault);
		unsafe_put_user(cpu_to_vh32(r, bufs[i].len), &elem->len, fault);
	}
	user_write_access_end();
	r->used_idx += n;
	return 0;
fault:
	user_write_access_end();
	return vh_ring_fail(r, VH_BAD_RING_ACCESS);
}

int vh_split_publish(struct vh_ring *r)
{
	u16 old = r->published;

	/*
	 * Used entries, and the data they speak of, before the index. Pairs with
	 * the driver's read barrier after it has read used->idx (section
	 * 2.7.14).
	 */
	smp_wmb();
	if (put_user(cpu_to_vh16(r, r->used_idx), &r->used->idx))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	r->published = r->used_idx;
	/* The index passed the one of the last decision: it says no more. */
	if ((u16)(r->published - r->signalled) < (u16)(r->published - old))
		r->signalled_valid = false;
	return 0;
}

int vh_split_need_call(struct vh_ring *r)
{
	bool valid = r->signalled_valid;
	u16 old = r->signalled;
	__virtio16 v;

	if (valid && old == r->published)
		return 0;
	r->signalled = r->published;
	r->signalled_valid = true;

	/*
	 * used->idx is visible before we look whether a call is wanted. Pairs
	 * with the driver's full barrier between writing used_event (or
	 * avail->flags) and reading used->idx (section 2.7.7).
	 */
	smp_mb();

	if (r->notify_on_empty && r->avail_idx == r->last_avail)
		return 1;
	if (!r->event_idx) {
		if (get_user(v, &r->avail->flags))
			return vh_ring_fail(r, VH_BAD_RING_ACCESS);
		return !(vh16_to_cpu(r, v) & VRING_AVAIL_F_NO_INTERRUPT);
	}
	if (get_user(v, vh_split_used_event(r)))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	return !valid ||
	       vring_need_event(vh16_to_cpu(r, v), r->published, old);
}

int vh_split_kick_disable(struct vh_ring *r)
{
	if (!r->kick_enabled)
		return 0;
	r->kick_enabled = false;
	/* With event indices the driver stops by itself once past avail_event. */
	if (r->event_idx)
		return 0;
	if (put_user(cpu_to_vh16(r, VRING_USED_F_NO_NOTIFY), &r->used->flags))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	return 0;
}

int vh_split_kick_enable(struct vh_ring *r)
{
	__virtio16 idx;
	int ret;

	r->kick_enabled = true;
	if (r->event_idx)
		ret = put_user(cpu_to_vh16(r, r->avail_idx),
			       vh_split_avail_event(r));
	else
		ret = put_user(cpu_to_vh16(r, 0), &r->used->flags);
	if (ret)
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);

	/*
	 * The wish for a kick is visible before we look a last time. Pairs with
	 * the driver's full barrier between adding to avail->idx and reading
	 * avail_event (or used->flags) (section 2.7.10).
	 */
	smp_mb();
	if (get_user(idx, &r->avail->idx))
		return vh_ring_fail(r, VH_BAD_RING_ACCESS);
	/*
	 * "Came in meanwhile" is measured from what was seen, not from what was
	 * taken: chains that were seen and are too few for a packet must not
	 * keep the worker awake.
	 */
	return vh16_to_cpu(r, idx) != r->avail_idx;
}
