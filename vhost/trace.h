/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints of the queues: /sys/kernel/tracing/events/vhost_accel.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vhost_accel

#if !defined(VH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define VH_TRACE_H

#include <linux/tracepoint.h>

#include "vh.h"

DECLARE_EVENT_CLASS(vh_vq_class,
	TP_PROTO(const struct vh_vq *vq, unsigned int n),
	TP_ARGS(vq, n),
	TP_STRUCT__entry(
		__string(type, vq->dev->ops->name)
		__field(unsigned int, dev)
		__field(u16, vq)
		__field(unsigned int, n)
		__field(u16, last_avail)
		__field(u16, used_idx)
	),
	TP_fast_assign(
		vh_assign_str(type, vq->dev->ops->name);
		__entry->dev = vq->dev->id;
		__entry->vq = vq->index;
		__entry->n = n;
		__entry->last_avail = vq->ring.last_avail;
		__entry->used_idx = vq->ring.used_idx;
	),
	TP_printk("%s-%u vq=%u n=%u last_avail=%u used_idx=%u",
		  __get_str(type), __entry->dev, __entry->vq, __entry->n,
		  __entry->last_avail, __entry->used_idx)
);

/* n chains were taken from the avail side */
DEFINE_EVENT(vh_vq_class, vh_fetch,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* the last n chains went back */
DEFINE_EVENT(vh_vq_class, vh_unfetch,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* n used entries were written */
DEFINE_EVENT(vh_vq_class, vh_complete,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* the used index became visible, n entries further */
DEFINE_EVENT(vh_vq_class, vh_publish,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* n is 1 when the guest was called, 0 when it did not want it */
DEFINE_EVENT(vh_vq_class, vh_signal,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* kicks were asked for; n is 1 when chains came in meanwhile */
DEFINE_EVENT(vh_vq_class, vh_kick_enable,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* kicks were declined; n is 0 */
DEFINE_EVENT(vh_vq_class, vh_kick_disable,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* the queue has a backend now; n is its size */
DEFINE_EVENT(vh_vq_class, vh_start,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* the queue lost its backend; n is its size */
DEFINE_EVENT(vh_vq_class, vh_stop,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));
/* the ring was malformed; n is the enum vh_cause */
DEFINE_EVENT(vh_vq_class, vh_broken,
	TP_PROTO(const struct vh_vq *vq, unsigned int n), TP_ARGS(vq, n));

#endif /* VH_TRACE_H */

#undef TRACE_INCLUDE_PATH
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_PATH .
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
