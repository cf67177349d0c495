/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Map from the addresses a driver uses to user addresses of the VMM.
 *
 * A map is filled by one thread and then only read: it is replaced as a whole,
 * never changed under a reader. Translation needs whatever keeps the map alive
 * (the queue mutex) and may run in any context, also inside no-fault sections.
 *
 * No dependency on vhost_core's other headers: selftests/unit compiles it in
 * user space.
 */
#ifndef VH_MAP_H
#define VH_MAP_H

#include <linux/rbtree.h>
#include <linux/types.h>
#include <linux/uio.h>

#define VH_MAP_READ	0x1	/* the device may read the range */
#define VH_MAP_WRITE	0x2	/* the device may write the range */

/**
 * struct vh_range - one contiguous piece of the driver's address space
 * @rb: link in &vh_map.root, ordered by @start
 * @start: first driver address
 * @last: last driver address, inclusive, so that a range may end at 2^64
 * @subtree_last: highest @last below this node
 * @uaddr: user address that @start maps to
 * @perm: VH_MAP_READ and VH_MAP_WRITE
 */
struct vh_range {
	struct rb_node rb;
	u64 start;
	u64 last;
	u64 subtree_last;
	u64 uaddr;
	u32 perm;
};

/**
 * struct vh_map - a set of ranges
 * @root: interval tree of the ranges
 * @nr: ranges in use
 * @max: ranges allocated
 * @bad_uaddr: some range lies outside the user half of the address space; such
 *	a map is kept (the uAPI reports it when a queue starts) but not used
 * @overlap: some ranges have addresses in common
 * @range: the ranges themselves
 */
struct vh_map {
	struct rb_root_cached root;
	unsigned int nr;
	unsigned int max;
	bool bad_uaddr;
	bool overlap;
	struct vh_range range[];
};

#define VH_MAP_CACHE_SLOTS 4

/**
 * struct vh_map_cache - the ranges that one queue used last
 * @slot: copies of ranges; an unused slot has start > last
 * @next: slot to replace next
 *
 * A guest has two or three ranges, so nearly every descriptor hits here and no
 * tree is walked. Owned by the queue's mutex; must be reset when the map is
 * replaced.
 */
struct vh_map_cache {
	struct {
		u64 start;
		u64 last;
		u64 uaddr;
		u32 perm;
	} slot[VH_MAP_CACHE_SLOTS];
	unsigned int next;
};

struct vh_map *vh_map_create(unsigned int max);
void vh_map_destroy(struct vh_map *map);
int vh_map_add(struct vh_map *map, u64 start, u64 last, u64 uaddr, u32 perm);
void vh_map_cache_reset(struct vh_map_cache *cache);
int vh_map_translate(struct vh_map *map, struct vh_map_cache *cache, u64 addr,
		     u32 len, u32 perm, struct iovec *iov, unsigned int max);

#endif /* VH_MAP_H */
