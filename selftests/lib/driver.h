/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mock virtio driver: the guest's half of one queue, in user space.
 *
 * Nothing here knows about vhost, file descriptors or the kernel, so the same
 * code drives a queue served by a kernel module and one served by ring sources
 * that are compiled into a unit test. The ring format is behind
 * struct vdrv_ops; callers use the vdrv_*() functions only.
 *
 * Words: the driver adds buffer chains and publishes them (avail), the device
 * returns them (used); a kick goes to the device, a call to the driver.
 */
#ifndef VHOST_TEST_DRIVER_H
#define VHOST_TEST_DRIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VDRV_MAX_RING	32768

/* One segment of a chain, in the address space the device sees */
struct vdrv_seg {
	uint64_t addr;
	uint32_t len;
};

/* A buffer chain: @out segments the device reads, then @in it writes */
struct vdrv_chain {
	const struct vdrv_seg *seg;
	unsigned int out;
	unsigned int in;
	void *token;		/* comes back from vdrv_reap() */
};

/* Room for an indirect table: 16 bytes for each segment put into it */
struct vdrv_table {
	void *mem;
	uint64_t addr;
};

/* One completion */
struct vdrv_used {
	uint32_t id;
	uint32_t len;
	void *token;
};

enum vdrv_part {
	VDRV_DESC,		/* packed: descriptor ring */
	VDRV_AVAIL,		/* packed: driver event */
	VDRV_USED,		/* packed: device event */
	VDRV_PARTS,
};

enum vdrv_flag {
	VDRV_EVENT_IDX = 1 << 0,
};

struct vdrv;

struct vdrv_ops {
	const char *name;
	/* size and alignment of one part of the ring */
	size_t (*part_size)(unsigned int num, enum vdrv_part part);
	size_t (*part_align)(enum vdrv_part part);
	/* empty ring whose first index is @base (SET_VRING_BASE's value) */
	void (*reset)(struct vdrv *d, uint32_t base);
	/* head id, or -1 if the ring has too little room */
	int (*add)(struct vdrv *d, const struct vdrv_chain *c,
		   unsigned int direct, const struct vdrv_table *t);
	/* make all added chains visible; does the device want a kick? */
	bool (*publish)(struct vdrv *d);
	/* 1: one completion, 0: none, -1: the device broke a rule */
	int (*reap)(struct vdrv *d, struct vdrv_used *u);
	/* ask for a call after @ahead more completions (EVENT_IDX) */
	void (*call_after)(struct vdrv *d, unsigned int ahead);
	void (*call_off)(struct vdrv *d);
	/* does the device ask for kicks now? */
	bool (*wants_kick)(const struct vdrv *d);
};

struct vdrv_slot {
	void *token;
	uint32_t room;		/* bytes the device may write */
	uint16_t descs;		/* ring descriptors held, 0: not outstanding */
};

struct vdrv {
	const struct vdrv_ops *ops;
	unsigned int num;
	unsigned int flags;
	void *part[VDRV_PARTS];

	/* private to the format */
	uint16_t avail_idx;	/* next to add */
	uint16_t published;	/* avail index that the device can see */
	uint16_t used_idx;	/* next to reap */
	uint16_t free_head;
	unsigned int free;	/* free ring descriptors */
	unsigned int outstanding;
	uint16_t *next;		/* trusted copy of the free list */
	struct vdrv_slot *slot;

	char fault[128];	/* the rule that the device broke */
	unsigned long kicks_wanted;
	unsigned long publishes;
};

extern const struct vdrv_ops vdrv_split;

/* @part: where each part of the ring lies in our memory */
int vdrv_init(struct vdrv *d, const struct vdrv_ops *ops, unsigned int num,
	      void *const part[VDRV_PARTS], unsigned int flags);
void vdrv_free(struct vdrv *d);

static inline void vdrv_reset(struct vdrv *d, uint32_t base)
{
	d->ops->reset(d, base);
}

/* Every segment has a descriptor of its own in the ring */
static inline int vdrv_add(struct vdrv *d, const struct vdrv_chain *c)
{
	return d->ops->add(d, c, c->out + c->in, NULL);
}

/* @direct segments in the ring, the rest in the table @t (may be all) */
static inline int vdrv_add_indirect(struct vdrv *d, const struct vdrv_chain *c,
				    unsigned int direct,
				    const struct vdrv_table *t)
{
	return d->ops->add(d, c, direct, t);
}

static inline bool vdrv_publish(struct vdrv *d)
{
	return d->ops->publish(d);
}

static inline int vdrv_reap(struct vdrv *d, struct vdrv_used *u)
{
	return d->ops->reap(d, u);
}

static inline void vdrv_call_after(struct vdrv *d, unsigned int ahead)
{
	d->ops->call_after(d, ahead);
}

static inline void vdrv_call_on(struct vdrv *d)
{
	d->ops->call_after(d, 0);
}

static inline void vdrv_call_off(struct vdrv *d)
{
	d->ops->call_off(d);
}

static inline bool vdrv_wants_kick(const struct vdrv *d)
{
	return d->ops->wants_kick(d);
}

#endif
