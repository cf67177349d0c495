/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ring: what a queue shares with its driver, independent of the format.
 *
 * A ring is read and written by one thread at a time, the holder of the queue
 * mutex. Memory behind the __user pointers is shared with the driver, which may
 * change it at any moment: every field is read once into a local and never
 * again.
 *
 * The unit that travels is the buffer chain (struct vh_buf). All work is in
 * batches, and in this order:
 *
 *	fetch		look at avail chains and take them
 *	unfetch		give the last ones back, untouched
 *	complete	write used chains, not yet visible
 *	publish		make completed chains visible
 *	need_call	has the driver asked to hear of what was published?
 *
 * A format is a file that defines the functions of VH_RING_OPS with its own
 * prefix; nobody else asks which format a ring has.
 *
 * No dependency on vhost_core's other headers but map.h: selftests/unit compiles
 * the ring in user space.
 */
#ifndef VH_RING_H
#define VH_RING_H

#include <linux/errno.h>
#include <linux/types.h>
#include <linux/uio.h>
#include <linux/virtio_config.h>
#include <linux/virtio_byteorder.h>
#include <linux/virtio_ring.h>

#include "map.h"

/*
 * Most descriptors and most segments of one chain: 1024, the most that QEMU
 * lets a driver use, and 64 for pieces that straddle memory regions.
 */
#define VH_CHAIN_MAX	1088
/* Descriptors and segments of all chains of one batch. */
#define VH_SCRATCH	1536
/* Chains that a driver of a device type fetches at once, normally. */
#define VH_BATCH	64

/**
 * struct vh_desc - a descriptor of any format, in host byte order
 * @addr: driver address of the buffer
 * @len: its bytes
 * @flags: VRING_DESC_F_*
 * @next: next descriptor of a split chain
 */
struct vh_desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};

/**
 * struct vh_buf - a buffer chain between fetch and complete
 * @id: head index (split) or buffer id (packed)
 * @ndesc: ring slots that the chain occupies
 * @nout: segments that the device reads; the first is vh_buf_out()
 * @nin: segments that the device writes; the first is vh_buf_in()
 * @seg: index of the first segment, readable ones first
 * @len: bytes written, set by the device before it completes the chain
 * @out_len: bytes in the readable segments
 * @in_len: bytes in the writable segments
 */
struct vh_buf {
	u16 id;
	u16 ndesc;
	u16 nout;
	u16 nin;
	u32 seg;
	u32 len;
	u64 out_len;
	u64 in_len;
};

/**
 * struct vh_chain - where a batch's descriptors lie while they are parsed
 * @first: first descriptor in &vh_scratch.desc
 * @n: descriptors in the ring itself
 * @table: first descriptor in &vh_scratch.table
 * @table_n: descriptors in the indirect table that ends the chain, or 0
 * @table_addr: driver address of that table
 */
struct vh_chain {
	u16 first;
	u16 n;
	u16 table;
	u16 table_n;
	u64 table_addr;
};

/**
 * struct vh_scratch - room for one batch, so that nothing is allocated per chain
 * @desc: descriptors read from the ring
 * @table: descriptors read from indirect tables
 * @iov: segments of the batch, valid until the next fetch
 * @chain: one per chain of the batch
 * @head: avail entries of the batch
 */
struct vh_scratch {
	struct vh_desc desc[VH_SCRATCH];
	struct vh_desc table[VH_SCRATCH];
	struct iovec iov[VH_SCRATCH];
	struct vh_chain chain[VH_CHAIN_MAX];
	__virtio16 head[VH_CHAIN_MAX];
};

/* Why a ring was declared broken. Each cause has its own counter. */
enum vh_cause {
	VH_OK,
	VH_BAD_RING_ACCESS,	/* ring memory could not be read or written */
	VH_BAD_AVAIL_IDX,	/* more chains avail than the ring has slots */
	VH_BAD_HEAD,		/* avail entry beyond the ring */
	VH_BAD_NEXT,		/* next descriptor beyond the ring */
	VH_BAD_LOOP,		/* chain longer than the ring */
	VH_BAD_LONG,		/* chain longer than VH_CHAIN_MAX */
	VH_BAD_INDIRECT,	/* table empty, ragged, nested or continued */
	VH_BAD_ADDR,		/* buffer outside the driver's memory */
	VH_BAD_ORDER,		/* readable descriptor after a writable one */
	VH_BAD_SIZE,		/* chain of more than 2^32 bytes */
	VH_BAD_DIRECTION,	/* the device type cannot use such a chain */
	VH_NR_CAUSES,
};

enum vh_layout {
	VH_SPLIT,
};

/**
 * struct vh_ring - state of a ring
 * @layout: format, constant while started
 * @num: size in descriptors, constant while started
 * @version_1: VIRTIO_F_VERSION_1 was negotiated
 * @event_idx: VIRTIO_RING_F_EVENT_IDX was negotiated
 * @notify_on_empty: VIRTIO_F_NOTIFY_ON_EMPTY was negotiated
 * @cause: why the last operation failed
 * @desc: descriptor table
 * @avail: avail ring, written by the driver
 * @used: used ring, written by us
 * @map: translation of driver addresses
 * @scratch: room for one batch
 * @last_avail: next avail entry to fetch (free running)
 * @avail_idx: avail index as last read
 * @used_idx: next used entry to write (free running)
 * @published: used index that the driver can see
 * @signalled: used index at the last call decision
 * @signalled_valid: @signalled may be compared
 * @kick_enabled: the driver was last told to kick
 * @cache: cache of @map
 *
 * The first part is set at start; the second is written per batch.
 */
struct vh_ring {
	enum vh_layout layout;
	u16 num;
	bool version_1;
	bool event_idx;
	bool notify_on_empty;
	enum vh_cause cause;
	struct vring_desc __user *desc;
	struct vring_avail __user *avail;
	struct vring_used __user *used;
	struct vh_map *map;
	struct vh_scratch *scratch;

	u16 last_avail;
	u16 avail_idx;
	u16 used_idx;
	u16 published;
	u16 signalled;
	bool signalled_valid;
	bool kick_enabled;
	struct vh_map_cache cache;
};

/*
 * Legacy rings are in the byte order of the guest; vhost-accel serves only
 * guests of the host's own order, so that is the host's. A constant on
 * little-endian hosts.
 */
static inline bool vh_ring_is_le(const struct vh_ring *r)
{
	return virtio_legacy_is_little_endian() || r->version_1;
}

static inline u16 vh16_to_cpu(const struct vh_ring *r, __virtio16 v)
{
	return __virtio16_to_cpu(vh_ring_is_le(r), v);
}

static inline u32 vh32_to_cpu(const struct vh_ring *r, __virtio32 v)
{
	return __virtio32_to_cpu(vh_ring_is_le(r), v);
}

static inline u64 vh64_to_cpu(const struct vh_ring *r, __virtio64 v)
{
	return __virtio64_to_cpu(vh_ring_is_le(r), v);
}

static inline __virtio16 cpu_to_vh16(const struct vh_ring *r, u16 v)
{
	return __cpu_to_virtio16(vh_ring_is_le(r), v);
}

static inline __virtio32 cpu_to_vh32(const struct vh_ring *r, u32 v)
{
	return __cpu_to_virtio32(vh_ring_is_le(r), v);
}

/* Record why and fail; every guest-caused failure of ring code leaves here. */
static inline int vh_ring_fail(struct vh_ring *r, enum vh_cause cause)
{
	r->cause = cause;
	return cause == VH_BAD_RING_ACCESS || cause == VH_BAD_ADDR ? -EFAULT :
								     -EINVAL;
}

/*
 * One row per operation that a format defines: result, name, parameters,
 * arguments. Adding a format adds one case to the generated switches; an
 * operation that it lacks fails the build.
 *
 * access_ok	are all parts of the ring in the user half of the address space?
 * start	read the state that the driver's memory holds
 * has_avail	1 when there is a chain to fetch, 0 when not
 * read		read up to @max chains' descriptors into the scratch: the number of
 *		chains, or an error when already the first is bad
 * advance	take the first @n chains that read found
 * read_tables	read the indirect tables of the first @n chains: result as for read
 * rewind	give back the last chains taken
 * complete	write used entries
 * publish	make them visible
 * need_call	1 when the driver wants a call for what was published
 * kick_disable	ask the driver not to kick
 * kick_enable	ask the driver to kick; 1 when a chain came in meanwhile
 * get_base, set_base	position for VHOST_{GET,SET}_VRING_BASE
 */
#define VH_RING_OPS(OP)							     \
	OP(bool, access_ok, (struct vh_ring *r), (r))			     \
	OP(int, start, (struct vh_ring *r), (r))			     \
	OP(int, has_avail, (struct vh_ring *r), (r))			     \
	OP(int, read, (struct vh_ring *r, struct vh_buf *bufs,		     \
		       unsigned int max), (r, bufs, max))		     \
	OP(void, advance, (struct vh_ring *r, const struct vh_buf *bufs,     \
			   unsigned int n), (r, bufs, n))		     \
	OP(int, read_tables, (struct vh_ring *r, unsigned int n), (r, n))    \
	OP(void, rewind, (struct vh_ring *r, const struct vh_buf *bufs,	     \
			  unsigned int n), (r, bufs, n))		     \
	OP(int, complete, (struct vh_ring *r, const struct vh_buf *bufs,     \
			   unsigned int n), (r, bufs, n))		     \
	OP(int, publish, (struct vh_ring *r), (r))			     \
	OP(int, need_call, (struct vh_ring *r), (r))			     \
	OP(int, kick_disable, (struct vh_ring *r), (r))			     \
	OP(int, kick_enable, (struct vh_ring *r), (r))			     \
	OP(u32, get_base, (const struct vh_ring *r), (r))		     \
	OP(int, set_base, (struct vh_ring *r, u32 base), (r, base))

/*
 * The switch names the functions, so that the compiler emits direct calls: an
 * indirect one costs a retpoline on every kernel we run on.
 */
#define VH_RING_OP(ret, op, params, args)				     \
	ret vh_split_##op params;					     \
	static inline ret vh_ring_##op params				     \
	{								     \
		switch (r->layout) {					     \
		case VH_SPLIT:						     \
		default:						     \
			return vh_split_##op args;			     \
		}							     \
	}
VH_RING_OPS(VH_RING_OP)
#undef VH_RING_OP

/* desc.c APIs: */
int vh_ring_fetch(struct vh_ring *r, struct vh_buf *bufs, unsigned int max);
int vh_chain_segments(struct vh_ring *r, const struct vh_chain *chain,
		      struct vh_buf *buf, unsigned int seg);

#endif /* VH_RING_H */
