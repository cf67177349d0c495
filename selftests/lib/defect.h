/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Malformed chains, one defect each, written straight into a split ring of
 * DEFECT_RING entries. Usable with any device behind the ring.
 */
#ifndef VHOST_TEST_DEFECT_H
#define VHOST_TEST_DEFECT_H

#include <stdbool.h>
#include <stdint.h>

#include <linux/virtio_ring.h>

#define DEFECT_RING	256
#define DEFECT_LEN	100	/* bytes of a sound buffer, header and all */
#define DEFECT_TABLE	65537	/* descriptors an indirect table has room for */

/* What a defect gets to work with */
struct stage {
	struct vring_desc *d;	/* descriptor table */
	struct vring_desc *t;	/* an indirect table */
	uint64_t at;		/* guest address of that table */
	uint64_t buf;		/* a sound buffer of DEFECT_LEN bytes */
	uint64_t end;		/* first address after guest memory */
	uint16_t flag;		/* what a sound descriptor says here */
	uint16_t head;		/* published as head, 0 if untouched */
	uint16_t jump;		/* published chains, 1 if untouched */
};

struct defect {
	const char *what;
	void (*make)(struct stage *s);
	/*
	 * In-tree looks at the same head again after a kick. Not so where it
	 * had taken the head already, or cached a wrong avail index.
	 */
	bool intree_retries;
	/* In-tree reads an indirect table in order, whatever `next` says */
	bool intree_takes;
};

extern const struct defect defects[];
extern const unsigned int defect_count;

static inline void defect_set(struct vring_desc *d, uint64_t addr,
			      uint32_t len, uint16_t flags, uint16_t next)
{
	*d = (struct vring_desc){ addr, len, flags, next };
}

#endif
