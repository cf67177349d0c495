// SPDX-License-Identifier: GPL-2.0
/*
 * Address ranges and their translation to user addresses.
 *
 * Context: creation and destruction in ioctls (may sleep); translation in the
 * worker under the queue mutex, no sleeping, no allocation.
 * Compiled in user space too (selftests/unit).
 */
#include <linux/errno.h>
#include <linux/interval_tree_generic.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "map.h"

#define RANGE_START(range) ((range)->start)
#define RANGE_LAST(range) ((range)->last)

INTERVAL_TREE_DEFINE(struct vh_range, rb, u64, subtree_last, RANGE_START,
		     RANGE_LAST, static __maybe_unused, vh_range_tree)

/**
 * vh_map_create() - allocate an empty map
 * @max: number of ranges it can hold
 *
 * Context: may sleep.
 * Return: the map, or NULL without memory.
 */
struct vh_map *vh_map_create(unsigned int max)
{
	struct vh_map *map;

	map = kvzalloc(struct_size(map, range, max), GFP_KERNEL_ACCOUNT);
	if (!map)
		return NULL;
	map->root = RB_ROOT_CACHED;
	map->max = max;
	return map;
}

/**
 * vh_map_destroy() - free a map that nobody reads any more
 * @map: the map, or NULL
 */
void vh_map_destroy(struct vh_map *map)
{
	kvfree(map);
}

/**
 * vh_map_add() - add a range to a map that no reader has seen yet
 * @map: the map
 * @start: first driver address
 * @last: last driver address, inclusive
 * @uaddr: user address of @start
 * @perm: VH_MAP_READ and VH_MAP_WRITE
 *
 * Ranges may overlap; a translation then uses the one with the lowest start, as
 * vhost always did.
 *
 * Return: 0; -EINVAL for a range that ends before it starts; -E2BIG when the map
 * is full.
 */
int vh_map_add(struct vh_map *map, u64 start, u64 last, u64 uaddr, u32 perm)
{
	struct vh_range *range;

	if (last < start)
		return -EINVAL;
	if (map->nr == map->max)
		return -E2BIG;
	/* A length of 2^64 does not fit, but then the access is not ok either. */
	if (last - start == U64_MAX || uaddr > ULONG_MAX ||
	    !access_ok((void __user *)(unsigned long)uaddr, last - start + 1))
		map->bad_uaddr = true;

	if (vh_range_tree_iter_first(&map->root, start, last))
		map->overlap = true;

	range = &map->range[map->nr++];
	range->start = start;
	range->last = last;
	range->uaddr = uaddr;
	range->perm = perm;
	vh_range_tree_insert(range, &map->root);
	return 0;
}

/**
 * vh_map_cache_reset() - forget all cached ranges
 * @cache: the cache
 */
void vh_map_cache_reset(struct vh_map_cache *cache)
{
	unsigned int i;

	cache->next = 0;
	for (i = 0; i < VH_MAP_CACHE_SLOTS; i++) {
		cache->slot[i].start = 1;
		cache->slot[i].last = 0;
	}
}

/* Find the slot for @addr, filling one from the tree if need be. */
static int vh_map_lookup(struct vh_map *map, struct vh_map_cache *cache,
			 u64 addr)
{
	struct vh_range *range;
	unsigned int i;

	for (i = 0; i < VH_MAP_CACHE_SLOTS; i++)
		if (addr >= cache->slot[i].start && addr <= cache->slot[i].last)
			return i;

	range = vh_range_tree_iter_first(&map->root, addr, addr);
	if (!range)
		return -EFAULT;

	i = cache->next;
	cache->next = (i + 1) % VH_MAP_CACHE_SLOTS;
	/*
	 * Below @addr another range may have precedence where ranges overlap;
	 * from there on this one has it, up to its end.
	 */
	cache->slot[i].start = map->overlap ? addr : range->start;
	cache->slot[i].last = range->last;
	cache->slot[i].uaddr = range->uaddr + (cache->slot[i].start -
					       range->start);
	cache->slot[i].perm = range->perm;
	return i;
}

/**
 * vh_map_translate() - turn a piece of driver memory into user segments
 * @map: the map
 * @cache: the queue's cache for @map
 * @addr: first driver address
 * @len: bytes; 0 needs no range and gives no segment
 * @perm: every permission that the access needs
 * @iov: where the segments go; each is access_ok()
 * @max: room in @iov
 *
 * A piece that straddles ranges becomes several segments.
 *
 * Return: number of segments; -EFAULT for an address outside the map or without
 * @perm; -ENOBUFS when @max segments do not suffice.
 */
int vh_map_translate(struct vh_map *map, struct vh_map_cache *cache, u64 addr,
		     u32 len, u32 perm, struct iovec *iov, unsigned int max)
{
	unsigned int n = 0;

	if (len && addr + (len - 1) < addr)
		return -EFAULT;

	while (len) {
		int slot = vh_map_lookup(map, cache, addr);
		void __user *base;
		u64 left;
		u32 part;

		if (slot < 0)
			return slot;
		if ((cache->slot[slot].perm & perm) != perm)
			return -EFAULT;
		if (n == max)
			return -ENOBUFS;

		left = cache->slot[slot].last - addr;
		part = left >= len - 1 ? len : left + 1;
		base = (void __user *)(unsigned long)(cache->slot[slot].uaddr +
					addr - cache->slot[slot].start);
		if (!access_ok(base, part))
			return -EFAULT;
		iov[n].iov_base = base;
		iov[n].iov_len = part;
		n++;
		addr += part;
		len -= part;
	}
	return n;
}
