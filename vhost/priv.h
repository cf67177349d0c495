/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between the files of vhost_core.
 *
 * Locks, in the order in which they nest:
 *
 *	vh_dev.mutex	owner, features, memory table, list of workers, set-up of
 *			eventfds. Taken by ioctls and release, never by a worker.
 *			Killable in ioctls.
 *	vh_vq.mutex	everything in struct vh_vq that does not say otherwise:
 *			started/broken, ring, eventfds, polls, counters. Held by
 *			the worker for a whole run, in which it may take page
 *			faults, hence:
 *	mmap_lock	taken by page faults. Nothing called under it (mmap, MMU
 *			notifiers) takes a lock of ours.
 *	wait queue	of an eventfd or socket; a wake-up runs under it and takes:
 *	vh_worker.lock	whether the worker's thread may still be woken.
 *
 * Two queue mutexes are never held together. fdinfo and debugfs take no lock:
 * what they show is read with READ_ONCE() and may be a little old.
 */
#ifndef VH_PRIV_H
#define VH_PRIV_H

#include "vh.h"

/* main.c: module parameters */
extern unsigned int vh_max_mem_regions;
extern bool vh_worker_per_device;
extern bool vh_task_default;

/* dev.c APIs: */
int vh_dev_set_owner(struct vh_dev *dev);
void vh_dev_reset_owner(struct vh_dev *dev);
int vh_dev_set_features(struct vh_dev *dev, u64 features);

/* mem.c APIs: */
int vh_dev_set_mem_table(struct vh_dev *dev,
			 const struct vhost_memory __user *umem);

/* vring.c APIs: */
extern const struct vh_ioctl vh_vring_ioctls[];
extern const unsigned int vh_nr_vring_ioctls;

/* vq.c APIs: */
void vh_vq_init(struct vh_vq *vq, struct vh_dev *dev, unsigned int index);
void vh_vq_reset(struct vh_vq *vq);
int vh_vq_alloc_scratch(struct vh_vq *vq);
void vh_vq_free_scratch(struct vh_vq *vq);
int vh_vq_set_addr(struct vh_vq *vq, const struct vhost_vring_addr *addr);
void vh_vq_run(struct vh_vq *vq);

/* worker.c APIs: */
int vh_workers_create(struct vh_dev *dev);
void vh_workers_kill(struct vh_dev *dev);
void vh_workers_destroy(struct vh_dev *dev);

/* stats.c APIs: */
void __init vh_stats_init(void);
void vh_stats_uninit(void);
void vh_dev_debugfs_add(struct vh_dev *dev);
void vh_dev_debugfs_remove(struct vh_dev *dev);
extern const char * const vh_cause_names[VH_NR_CAUSES];

#endif /* VH_PRIV_H */
