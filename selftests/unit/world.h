/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a ring lives in: simulated user memory, a map with its naive model, and
 * a mock driver (driver.c). The ring's parts are separate objects of exactly
 * the size that the negotiated features give them.
 */
#ifndef UNIT_WORLD_H
#define UNIT_WORLD_H

#include <errno.h>

#include "ring.h"
#include "test.h"

/* w_new() flags */
#define W_EVENT		0x1
#define W_V1		0x2
#define W_ON_EMPTY	0x4

#define W_RANGES	1024
#define W_PIECES	320

/* Driver memory that every world maps; user addresses there are never read */
#define LOW		0x10000ull		/* 1 MiB */
#define LOW_LEN		0x100000ull
#define NEXT		(LOW + LOW_LEN)		/* 1 MiB, elsewhere for the user */
#define RDONLY		0x400000ull		/* 64 KiB the device may read */
#define WRONLY		0x500000ull		/* 64 KiB it may write */
#define SMALL_LEN	0x10000ull
#define BIG		0x100000000ull		/* 16 GiB */
#define BIG_LEN		0x400000000ull
#define TOP		(0 - 0x10000ull)	/* the last 64 KiB below 2^64 */
#define HOLE		0x900000000ull		/* nothing here */
#define BITS		0x600000ull		/* 4 KiB ranges of 16 bytes each */
#define BITS_LEN	0x1000ull
/* Indirect tables lie here, after w_tables() */
#define TABLES		0x2000000ull

struct w_range {
	u64 start;
	u64 last;
	u64 uaddr;
	u32 perm;
};

struct world {
	struct vh_ring r;
	unsigned int num;
	unsigned int flags;
	struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
	struct w_range range[W_RANGES];
	unsigned int nr;
	void *piece[W_PIECES];
	unsigned int pieces;

	/* the driver's own state, see driver.c */
	u16 next_avail;
	u16 next_used;
	u16 *free;
	u16 *next;
	u16 *count;
	unsigned int nr_free;
};

/* a piece of a chain */
struct seg {
	u64 addr;
	u32 len;
	bool in;
};

struct world *w_new(unsigned int num, unsigned int flags, u16 base);
void w_free(struct world *w);
void w_map(struct world *w, u64 start, u64 len, u64 uaddr, u32 perm);
/* map @n pieces of @size bytes of real memory at TABLES */
void w_tables(struct world *w, unsigned int n, size_t size);
/* write driver memory that really exists */
void w_write(struct world *w, u64 addr, const void *from, size_t len);

/*
 * The naive model of vh_map_translate(), byte ranges looked up one by one.
 * 1 more than @max when the room does not suffice, -1 for a bad address.
 */
int model_translate(const struct w_range *range, unsigned int nr, u64 addr,
		    u32 len, u32 perm, struct iovec *iov, unsigned int max);

/* does @buf hold exactly what @seg says? */
void w_expect(struct world *w, const struct vh_buf *buf, int id,
	      const struct seg *seg, unsigned int n);

/* driver.c: */
void d_init(struct world *w, u16 base);
void d_exit(struct world *w);
void d_desc(struct world *w, unsigned int i, u64 addr, u32 len, u16 flags,
	    u16 next);
/* @n segments as a table at @table; @shuffle: any order, linked by next */
void d_table(struct world *w, u64 table, const struct seg *seg, unsigned int n,
	     bool shuffle);
/*
 * A chain from free descriptors: @direct segments in the ring, the rest in a
 * table. Returns its head, -1 when too few are free.
 */
int d_chain(struct world *w, const struct seg *seg, unsigned int n,
	    unsigned int direct, u64 table, bool shuffle);
void d_avail(struct world *w, u16 head);
void d_publish(struct world *w);
/* one used element; its descriptors are free again. false: none there */
bool d_used(struct world *w, u32 *id, u32 *len);
__virtio16 *d_used_event(struct world *w);
__virtio16 *d_avail_event(struct world *w);

/* the usual: one chain of one segment, added and published */
int d_one(struct world *w, u64 addr, u32 len, bool in);

#endif
