// SPDX-License-Identifier: GPL-2.0
/*
 * Notifications: call the guest, ask for its kicks, tell the VMM of an error.
 *
 * Context: queue mutex held, owner's mm active.
 */
#include <linux/ratelimit.h>

#include "priv.h"
#include "trace.h"

/**
 * vh_vq_signal() - call the guest if it wants to hear of what was published
 * @vq: queue
 *
 * Spec: virtio 1.2, section 2.7.7.
 */
void vh_vq_signal(struct vh_vq *vq)
{
	struct vh_ring *r = &vq->ring;
	int ret;

	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken))
		return;
	if (!vq->unsignalled)
		return;
	vq->unsignalled = false;
	ret = vh_ring_need_call(r);
	if (unlikely(ret < 0)) {
		vh_vq_set_broken(vq, r->cause);
		return;
	}
	trace_vh_signal(vq, ret);
	if (!ret) {
		vq->stats[VH_STAT_CALLS_SAVED]++;
		return;
	}
	vq->stats[VH_STAT_CALLS]++;
	if (vq->call_ctx)
		eventfd_signal(vq->call_ctx);
}
EXPORT_SYMBOL_GPL(vh_vq_signal);

/**
 * vh_vq_kick_disable() - tell the driver that we are looking anyway
 * @vq: queue
 */
void vh_vq_kick_disable(struct vh_vq *vq)
{
	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken) || !vq->ring.kick_enabled)
		return;
	if (unlikely(vh_ring_kick_disable(&vq->ring)))
		vh_vq_set_broken(vq, vq->ring.cause);
	else
		trace_vh_kick_disable(vq, 0);
}
EXPORT_SYMBOL_GPL(vh_vq_kick_disable);

/**
 * vh_vq_kick_enable() - ask the driver to kick, before going idle
 * @vq: queue
 *
 * Return: true when chains came in since the last fetch, which the driver may
 * not kick for: the caller goes on. False for a broken queue.
 */
bool vh_vq_kick_enable(struct vh_vq *vq)
{
	int ret;

	lockdep_assert_held(&vq->mutex);

	if (unlikely(vq->broken))
		return false;
	ret = vh_ring_kick_enable(&vq->ring);
	if (unlikely(ret < 0)) {
		vh_vq_set_broken(vq, vq->ring.cause);
		return false;
	}
	trace_vh_kick_enable(vq, ret);
	return ret;
}
EXPORT_SYMBOL_GPL(vh_vq_kick_enable);

/**
 * vh_vq_set_broken() - stop serving a queue whose ring is malformed
 * @vq: queue
 * @cause: what was wrong
 *
 * Counted by cause; the error eventfd tells the VMM; the log says it, rate
 * limited. The queue stays broken until it is started again. Other queues of
 * the device go on.
 */
void vh_vq_set_broken(struct vh_vq *vq, enum vh_cause cause)
{
	lockdep_assert_held(&vq->mutex);

	if (vq->broken)
		return;
	vq->broken = true;
	vq->stats[VH_STAT_BROKEN + cause]++;
	trace_vh_broken(vq, cause);
	pr_warn_ratelimited("%s-%u: queue %u of process %d is broken: %s (avail %u, used %u); it rests until the VMM restarts it\n",
			    vq->dev->ops->name, vq->dev->id, vq->index,
			    vq->dev->owner_pid, vh_cause_names[cause],
			    vq->ring.last_avail, vq->ring.used_idx);
	if (vq->err_ctx)
		eventfd_signal(vq->err_ctx);
}
EXPORT_SYMBOL_GPL(vh_vq_set_broken);
