// SPDX-License-Identifier: GPL-2.0
/*
 * From the descriptors of a chain to segments of user memory.
 *
 * Context: the holder of the queue mutex; works on copies of descriptors only,
 * touches no shared memory and does not sleep. Compiled in user space too
 * (selftests/unit).
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/uaccess.h>

#include "ring.h"

/* Append the segments of one descriptor. Returns 0 or a negative cause. */
static int vh_desc_append(struct vh_ring *r, const struct vh_desc *desc,
			  struct vh_buf *buf)
{
	bool in = desc->flags & VRING_DESC_F_WRITE;
	unsigned int have = buf->nout + buf->nin, at = buf->seg + have;
	int n;

	if (!in && buf->nin)
		return -VH_BAD_ORDER;

	n = vh_map_translate(r->map, &r->cache, desc->addr, desc->len,
			     in ? VH_MAP_WRITE : VH_MAP_READ,
			     &r->scratch->iov[at],
			     min(VH_SCRATCH - at, VH_CHAIN_MAX - have));
	if (n == -ENOBUFS)
		return -VH_BAD_LONG;
	if (n < 0)
		return -VH_BAD_ADDR;

	if (in) {
		buf->nin += n;
		buf->in_len += desc->len;
	} else {
		buf->nout += n;
		buf->out_len += desc->len;
	}
	return 0;
}

/* Follow an indirect table from its first descriptor to the last. */
static int vh_desc_append_table(struct vh_ring *r, const struct vh_chain *chain,
				struct vh_buf *buf)
{
	const struct vh_desc *table = &r->scratch->table[chain->table];
	unsigned int idx = 0, seen = 0;
	int ret;

	for (;;) {
		if (table[idx].flags & VRING_DESC_F_INDIRECT)
			return -VH_BAD_INDIRECT;
		ret = vh_desc_append(r, &table[idx], buf);
		if (ret)
			return ret;
		if (!(table[idx].flags & VRING_DESC_F_NEXT))
			return 0;
		idx = table[idx].next;
		if (idx >= chain->table_n)
			return -VH_BAD_NEXT;
		if (++seen == chain->table_n)
			return -VH_BAD_LOOP;
	}
}

/**
 * vh_chain_segments() - translate a chain that was read
 * @r: ring
 * @chain: where its descriptors are
 * @buf: receives the segments; its id and ndesc are set already
 * @seg: first free segment
 *
 * Spec: virtio 1.2, sections 2.7.4.2 (readable before writable), 2.7.5
 * (at most 2^32 bytes), 2.7.5.3 (indirect tables).
 *
 * Return: 0; an error with &vh_ring.cause set. The cause is VH_BAD_LONG when
 * the segments left do not suffice.
 */
int vh_chain_segments(struct vh_ring *r, const struct vh_chain *chain,
		      struct vh_buf *buf, unsigned int seg)
{
	unsigned int i, direct = chain->table_n ? chain->n - 1 : chain->n;
	int ret = 0;

	buf->seg = seg;
	buf->nout = 0;
	buf->nin = 0;
	buf->len = 0;
	buf->out_len = 0;
	buf->in_len = 0;

	for (i = 0; i < direct && !ret; i++)
		ret = vh_desc_append(r, &r->scratch->desc[chain->first + i],
				     buf);
	if (!ret && chain->table_n)
		ret = vh_desc_append_table(r, chain, buf);
	if (!ret && buf->out_len + buf->in_len > 1ULL << 32)
		ret = -VH_BAD_SIZE;
	return ret ? vh_ring_fail(r, -ret) : 0;
}

/**
 * vh_ring_fetch() - take the next chains of a ring
 * @r: ring
 * @bufs: receives the chains
 * @max: most chains to take, at most VH_CHAIN_MAX
 *
 * The segments live in the ring's scratch until the next fetch.
 *
 * Return: number of chains, 0 when the ring is empty; an error with
 * &vh_ring.cause set when the next chain is malformed. Good chains in front of
 * a bad one are returned first.
 */
int vh_ring_fetch(struct vh_ring *r, struct vh_buf *bufs, unsigned int max)
{
	unsigned int seg = 0;
	int i, n, ret;

	n = vh_ring_read(r, bufs, max);
	if (n <= 0)
		return n;
	n = vh_ring_read_tables(r, n);
	if (n <= 0)
		return n;

	for (i = 0; i < n; i++) {
		ret = vh_chain_segments(r, &r->scratch->chain[i], &bufs[i],
					seg);
		if (ret && !i)
			return ret;
		if (ret)
			break;
		seg += bufs[i].nout + bufs[i].nin;
	}
	vh_ring_advance(r, bufs, i);
	return i;
}
