// SPDX-License-Identifier: GPL-2.0
/*
 * The queue: start, stop, and the way from a device type to the ring.
 *
 * Context: the data path runs in the worker with the queue mutex held and the
 * owner's mm active; start and stop run in ioctls with device and queue mutex
 * held.
 */
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "priv.h"
#include "trace.h"

/* Prepare the constant part of a queue. */
void vh_vq_init(struct vh_vq *vq, struct vh_dev *dev, unsigned int index)
{
	mutex_init(&vq->mutex);
	vq->dev = dev;
	vq->index = index;
	vq->call_ctx = NULL;
	vq->err_ctx = NULL;
	vq->work.queued = 0;
	RCU_INIT_POINTER(vq->worker, NULL);
	vq->worker_tid = 0;
	vq->kicks = 0;
	memset(vq->stats, 0, sizeof(vq->stats));
	vh_poll_init(&vq->kick, vq, EPOLLIN);
	vq->kick.is_kick = true;
	vq->ring.scratch = NULL;
	vh_vq_reset(vq);
}

/* Back to the state after open; eventfds, worker and scratch are not touched. */
void vh_vq_reset(struct vh_vq *vq)
{
	struct vh_scratch *scratch = vq->ring.scratch;

	vq->started = false;
	vq->broken = false;
	vq->used = false;
	vq->unsignalled = false;
	vq->features = 0;
	memset(&vq->cfg, 0, sizeof(vq->cfg));
	memset(&vq->ring, 0, sizeof(vq->ring));
	vq->ring.scratch = scratch;
	vh_map_cache_reset(&vq->ring.cache);
}

int vh_vq_alloc_scratch(struct vh_vq *vq)
{
	vq->ring.scratch = kvmalloc(sizeof(*vq->ring.scratch),
				    GFP_KERNEL_ACCOUNT);
	return vq->ring.scratch ? 0 : -ENOMEM;
}

void vh_vq_free_scratch(struct vh_vq *vq)
{
	kvfree(vq->ring.scratch);
	vq->ring.scratch = NULL;
}

/* Turn the configured addresses into ring pointers of @ring, if accessible. */
static int vh_ring_place(struct vh_ring *ring,
			 const struct vhost_vring_addr *addr)
{
	ring->desc = u64_to_user_ptr(addr->desc_user_addr);
	ring->avail = u64_to_user_ptr(addr->avail_user_addr);
	ring->used = u64_to_user_ptr(addr->used_user_addr);
	return vh_ring_access_ok(ring) ? 0 : -EFAULT;
}

/*
 * Set ring addresses, also of a running queue: they are checked before anything
 * changes.
 */
int vh_vq_set_addr(struct vh_vq *vq, const struct vhost_vring_addr *addr)
{
	struct vh_ring probe = vq->ring;

	lockdep_assert_held(&vq->mutex);

	if (vq->started) {
		if (vh_ring_place(&probe, addr))
			return -EINVAL;
		vh_ring_place(&vq->ring, addr);
	}
	vq->cfg.addr = *addr;
	return 0;
}

/**
 * vh_vq_check() - could the queue be started?
 * @vq: queue, started or not
 *
 * Touches neither ring nor state.
 *
 * Context: owner's ioctl, queue mutex held.
 * Return: 0; -EFAULT when the ring or the memory table is missing or not in the
 * user half of the address space.
 */
int vh_vq_check(struct vh_vq *vq)
{
	struct vh_ring probe = vq->ring;

	lockdep_assert_held(&vq->mutex);

	if (!probe.map || probe.map->bad_uaddr || !vq->cfg.num)
		return -EFAULT;
	probe.num = vq->cfg.num;
	return vh_ring_place(&probe, &vq->cfg.addr);
}
EXPORT_SYMBOL_GPL(vh_vq_check);

/**
 * vh_vq_start() - validate the configuration and let the worker use the ring
 * @vq: queue, stopped
 *
 * The position in the avail ring is kept from the last stop or
 * VHOST_SET_VRING_BASE; the used index is read from the ring. The worker looks at
 * the ring by itself: no kick is needed for what is already there.
 *
 * Context: owner's ioctl, queue mutex held.
 * Return: 0; -EFAULT when the ring or the memory table is missing or not
 * accessible.
 */
int vh_vq_start(struct vh_vq *vq)
{
	struct vh_ring *r = &vq->ring;

	lockdep_assert_held(&vq->mutex);

	if (vh_vq_check(vq))
		return -EFAULT;
	r->layout = VH_SPLIT;
	r->num = vq->cfg.num;
	vh_ring_place(r, &vq->cfg.addr);
	if (vh_ring_start(r))
		return -EFAULT;

	vq->broken = false;
	vq->used = false;
	vq->unsignalled = false;
	vq->started = true;
	trace_vh_start(vq, r->num);
	vh_vq_queue(vq);
	return 0;
}
EXPORT_SYMBOL_GPL(vh_vq_start);

/**
 * vh_vq_stop() - keep the worker from the ring
 * @vq: queue, started or not
 *
 * When this returns, no run is in progress (a run holds the mutex) and none will
 * begin. The ring position survives for the next start.
 *
 * Context: queue mutex held.
 */
void vh_vq_stop(struct vh_vq *vq)
{
	lockdep_assert_held(&vq->mutex);

	if (!vq->started)
		return;
	vq->started = false;
	trace_vh_stop(vq, vq->ring.num);
}
EXPORT_SYMBOL_GPL(vh_vq_stop);

/* One turn of the worker for a queue. */
void vh_vq_run(struct vh_vq *vq)
{
	enum vh_run again = VH_RUN_IDLE;

	mutex_lock(&vq->mutex);
	if (vq->worker_tid != current->pid)
		WRITE_ONCE(vq->worker_tid, current->pid);
	if (vq->started && !vq->broken) {
		vq->stats[VH_STAT_RUNS]++;
		again = vq->dev->ops->vq_run(vq);
		if (again == VH_RUN_AGAIN)
			vq->stats[VH_STAT_REQUEUES]++;
	}
	mutex_unlock(&vq->mutex);
	if (again == VH_RUN_AGAIN)
		vh_vq_queue(vq);
}

/**
 * vh_vq_fetch() - take the next chains
 * @vq: queue, started
 * @bufs: receives the chains
 * @max: most chains to take, 1 to VH_CHAIN_MAX
 *
 * Segments of an earlier fetch become invalid.
 *
 * Context: queue mutex held.
 * Return: number of chains; 0 when there are none; -errno when the queue is
 * broken, and was declared so if it was not before.
 */
int vh_vq_fetch(struct vh_vq *vq, struct vh_buf *bufs, unsigned int max)
{
	int n;

	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken))
		return -EIO;
	n = vh_ring_fetch(&vq->ring, bufs, max);
	if (n > 0) {
		vq->used = true;
		vq->stats[VH_STAT_FETCHES]++;
		vq->stats[VH_STAT_CHAINS] += n;
		trace_vh_fetch(vq, n);
	} else if (unlikely(n < 0)) {
		vh_vq_set_broken(vq, vq->ring.cause);
	}
	return n;
}
EXPORT_SYMBOL_GPL(vh_vq_fetch);

/**
 * vh_vq_unfetch() - give back the last chains, which were not touched
 * @vq: queue
 * @bufs: the chains, in the order in which they were fetched
 * @n: how many; the most recently fetched ones
 *
 * Context: queue mutex held.
 */
void vh_vq_unfetch(struct vh_vq *vq, const struct vh_buf *bufs, unsigned int n)
{
	lockdep_assert_held(&vq->mutex);

	if (!n)
		return;
	vh_ring_rewind(&vq->ring, bufs, n);
	vq->stats[VH_STAT_CHAINS] -= n;
	trace_vh_unfetch(vq, n);
}
EXPORT_SYMBOL_GPL(vh_vq_unfetch);

/**
 * vh_vq_complete() - write used entries for chains
 * @vq: queue
 * @bufs: the chains, with their len set
 * @n: how many
 *
 * The driver sees them with the next vh_vq_publish().
 *
 * Context: queue mutex held.
 * Return: 0; -errno when the queue is broken.
 */
int vh_vq_complete(struct vh_vq *vq, const struct vh_buf *bufs, unsigned int n)
{
	int ret;

	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken))
		return -EIO;
	if (!n)
		return 0;
	ret = vh_ring_complete(&vq->ring, bufs, n);
	if (unlikely(ret)) {
		vh_vq_set_broken(vq, vq->ring.cause);
		return ret;
	}
	vq->stats[VH_STAT_COMPLETED] += n;
	trace_vh_complete(vq, n);
	return 0;
}
EXPORT_SYMBOL_GPL(vh_vq_complete);

/**
 * vh_vq_publish() - make completed chains visible to the driver
 * @vq: queue
 *
 * Context: queue mutex held.
 * Return: 0; -errno when the queue is broken.
 */
int vh_vq_publish(struct vh_vq *vq)
{
	u16 n = vq->ring.used_idx - vq->ring.published;
	int ret;

	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken))
		return -EIO;
	if (!n)
		return 0;
	ret = vh_ring_publish(&vq->ring);
	if (unlikely(ret)) {
		vh_vq_set_broken(vq, vq->ring.cause);
		return ret;
	}
	vq->unsignalled = true;
	trace_vh_publish(vq, n);
	return 0;
}
EXPORT_SYMBOL_GPL(vh_vq_publish);
