// SPDX-License-Identifier: GPL-2.0
/*
 * The device: from open to release, its owner and its features.
 *
 * Context: file operations of the VMM; the device mutex is held except in init
 * and uninit, which nothing runs beside.
 */
#include <linux/sched/mm.h>
#include <linux/slab.h>

#include "priv.h"

static atomic_t vh_next_id;

/**
 * vh_dev_init() - prepare a device that was just opened
 * @dev: device, embedded in that of the device type
 * @ops: device type
 * @vqs: its queues; the array must live as long as @dev
 * @nvqs: number of @vqs
 *
 * Context: may sleep.
 */
void vh_dev_init(struct vh_dev *dev, const struct vh_dev_ops *ops,
		 struct vh_vq **vqs, unsigned int nvqs)
{
	unsigned int i;

	mutex_init(&dev->mutex);
	dev->ops = ops;
	dev->vqs = vqs;
	dev->nvqs = nvqs;
	dev->mm = NULL;
	dev->owner_pid = 0;
	dev->map = NULL;
	dev->features = 0;
	dev->use_task = vh_task_default;
	INIT_LIST_HEAD(&dev->workers);
	dev->id = atomic_inc_return(&vh_next_id) - 1;
	for (i = 0; i < nvqs; i++)
		vh_vq_init(vqs[i], dev, i);
	vh_dev_debugfs_add(dev);
}
EXPORT_SYMBOL_GPL(vh_dev_init);

static void vh_vq_drop_eventfds(struct vh_vq *vq)
{
	mutex_lock(&vq->mutex);
	vh_poll_stop(&vq->kick);
	if (vq->call_ctx)
		eventfd_ctx_put(vq->call_ctx);
	vq->call_ctx = NULL;
	if (vq->err_ctx)
		eventfd_ctx_put(vq->err_ctx);
	vq->err_ctx = NULL;
	mutex_unlock(&vq->mutex);
}

/*
 * Take everything from the device that a VMM gave it.
 *
 * 1. Workers are killed: none holds a queue's mutex for longer than a run takes.
 * 2. The device type detaches its backends: no queue is started any more.
 * 3. Kick polls are stopped: no wake-up queues work any more.
 * 4. Workers end (vh_workers_destroy()).
 * 5. Nobody reads map, scratch or mm any more: they go.
 */
static void vh_dev_clear(struct vh_dev *dev)
{
	unsigned int i;

	vh_workers_kill(dev);
	dev->ops->reset(dev);
	for (i = 0; i < dev->nvqs; i++)
		vh_vq_drop_eventfds(dev->vqs[i]);
	vh_workers_destroy(dev);
	for (i = 0; i < dev->nvqs; i++) {
		struct vh_vq *vq = dev->vqs[i];

		mutex_lock(&vq->mutex);
		vh_vq_free_scratch(vq);
		vh_vq_reset(vq);
		mutex_unlock(&vq->mutex);
	}
	vh_map_destroy(dev->map);
	dev->map = NULL;
	dev->features = 0;
	dev->use_task = vh_task_default;
	if (dev->mm)
		mmdrop(dev->mm);
	dev->mm = NULL;
	dev->owner_pid = 0;
}

/**
 * vh_dev_uninit() - take a device down that is being released
 * @dev: device
 *
 * On return no thread, wake-up or observer knows the device.
 *
 * Context: may sleep; does not wait for a VMM or guest.
 */
void vh_dev_uninit(struct vh_dev *dev)
{
	vh_dev_debugfs_remove(dev);
	mutex_lock(&dev->mutex);
	vh_dev_clear(dev);
	mutex_unlock(&dev->mutex);
	mutex_destroy(&dev->mutex);
}
EXPORT_SYMBOL_GPL(vh_dev_uninit);

/*
 * Make the calling process the owner. The struct mm_struct is pinned, the memory
 * is not: it goes with the process.
 */
int vh_dev_set_owner(struct vh_dev *dev)
{
	unsigned int i;
	int ret;

	lockdep_assert_held(&dev->mutex);

	if (dev->mm)
		return -EBUSY;
	for (i = 0; i < dev->nvqs; i++) {
		ret = vh_vq_alloc_scratch(dev->vqs[i]);
		if (ret)
			goto err_scratch;
	}

	dev->mm = current->mm;
	mmgrab(dev->mm);
	WRITE_ONCE(dev->owner_pid, current->tgid);
	ret = vh_workers_create(dev);
	if (ret)
		goto err_owner;
	return 0;

err_owner:
	mmdrop(dev->mm);
	dev->mm = NULL;
	WRITE_ONCE(dev->owner_pid, 0);
err_scratch:
	for (i = 0; i < dev->nvqs; i++)
		vh_vq_free_scratch(dev->vqs[i]);
	return ret;
}

void vh_dev_reset_owner(struct vh_dev *dev)
{
	lockdep_assert_held(&dev->mutex);

	vh_dev_clear(dev);
}

static void vh_vq_apply_features(struct vh_vq *vq, u64 features)
{
	struct vh_ring *r = &vq->ring;

	lockdep_assert_held(&vq->mutex);

	vq->features = features;
	r->version_1 = vh_vq_has_feature(vq, VIRTIO_F_VERSION_1);
	r->event_idx = vh_vq_has_feature(vq, VIRTIO_RING_F_EVENT_IDX);
	r->notify_on_empty = vh_vq_has_feature(vq, VIRTIO_F_NOTIFY_ON_EMPTY);
	if (vq->dev->ops->features_set)
		vq->dev->ops->features_set(vq);
}

/*
 * Set the negotiated features. A queue that was used must not change under its
 * driver; one that is attached but unused may (kvmtool attaches first).
 */
int vh_dev_set_features(struct vh_dev *dev, u64 features)
{
	unsigned int i;

	lockdep_assert_held(&dev->mutex);

	if (features & ~dev->ops->features)
		return -EOPNOTSUPP;
	for (i = 0; i < dev->nvqs; i++) {
		struct vh_vq *vq = dev->vqs[i];
		bool busy;

		if (mutex_lock_killable(&vq->mutex))
			return -EINTR;
		busy = vq->started && vq->used && vq->features != features;
		mutex_unlock(&vq->mutex);
		if (busy)
			return -EBUSY;
	}
	/*
	 * A queue that comes into use between the two loops gets its features
	 * changed: a VMM that does this confuses its own guest, no more.
	 */
	for (i = 0; i < dev->nvqs; i++) {
		struct vh_vq *vq = dev->vqs[i];

		mutex_lock(&vq->mutex);
		vh_vq_apply_features(vq, features);
		mutex_unlock(&vq->mutex);
	}
	dev->features = features;
	return 0;
}
