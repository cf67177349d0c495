// SPDX-License-Identifier: GPL-2.0
/*
 * The memory table: VHOST_SET_MEM_TABLE.
 *
 * Context: owner's ioctl, device mutex held.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "priv.h"

/* Give all queues a new map and free the old one. */
static void vh_dev_set_map(struct vh_dev *dev, struct vh_map *map)
{
	struct vh_map *old = dev->map;
	unsigned int i;

	lockdep_assert_held(&dev->mutex);

	for (i = 0; i < dev->nvqs; i++) {
		struct vh_vq *vq = dev->vqs[i];

		mutex_lock(&vq->mutex);
		vq->ring.map = map;
		vh_map_cache_reset(&vq->ring.cache);
		mutex_unlock(&vq->mutex);
	}
	dev->map = map;
	vh_map_destroy(old);
}

static int vh_map_add_region(struct vh_map *map,
			     const struct vhost_memory_region *region)
{
	u64 last = region->guest_phys_addr + region->memory_size - 1;

	/* Empty, or beyond 2^64. */
	if (!region->memory_size || last < region->guest_phys_addr)
		return -EFAULT;
	return vh_map_add(map, region->guest_phys_addr, last,
			  region->userspace_addr,
			  VH_MAP_READ | VH_MAP_WRITE);
}

static struct vh_map *vh_map_from_table(const struct vhost_memory_region *table,
					unsigned int n)
{
	struct vh_map *map = vh_map_create(n);
	unsigned int i;
	int ret;

	if (!map)
		return ERR_PTR(-ENOMEM);
	for (i = 0; i < n; i++) {
		ret = vh_map_add_region(map, &table[i]);
		if (ret) {
			vh_map_destroy(map);
			return ERR_PTR(ret);
		}
		cond_resched();
	}
	return map;
}

static bool vh_dev_is_started(struct vh_dev *dev)
{
	unsigned int i;

	/* Only ioctls start queues, and they hold the device mutex. */
	lockdep_assert_held(&dev->mutex);

	for (i = 0; i < dev->nvqs; i++)
		if (READ_ONCE(dev->vqs[i]->started))
			return true;
	return false;
}

int vh_dev_set_mem_table(struct vh_dev *dev,
			 const struct vhost_memory __user *umem)
{
	struct vhost_memory_region *table;
	struct vhost_memory mem;
	struct vh_map *map;

	if (copy_from_user(&mem, umem, sizeof(mem)))
		return -EFAULT;
	if (mem.padding)
		return -EOPNOTSUPP;
	if (mem.nregions > vh_max_mem_regions)
		return -E2BIG;
	table = vmemdup_user(umem->regions,
			     array_size(mem.nregions, sizeof(*table)));
	if (IS_ERR(table))
		return PTR_ERR(table);
	map = vh_map_from_table(table, mem.nregions);
	kvfree(table);
	if (IS_ERR(map))
		return PTR_ERR(map);

	if (map->bad_uaddr && vh_dev_is_started(dev)) {
		vh_map_destroy(map);
		return -EFAULT;
	}
	vh_dev_set_map(dev, map);
	return 0;
}
