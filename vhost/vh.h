/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vhost_core for device types: everything that vhost_net and vhost_blk may use.
 *
 * A device type embeds struct vh_dev and one struct vh_vq per queue, describes
 * itself in a struct vh_dev_ops and serves its queues in ->vq_run(), which a
 * worker calls with the queue mutex held and the owner's memory at hand:
 *
 *	n = vh_vq_fetch(vq, bufs, VH_BATCH);
 *	... use vh_buf_out(), vh_buf_in(), set bufs[i].len ...
 *	vh_vq_complete(vq, bufs, n);
 *	vh_vq_publish(vq);
 *	vh_vq_signal(vq);
 */
#ifndef VH_H
#define VH_H

#include <linux/eventfd.h>
#include <linux/fs.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/poll.h>
#include <linux/vhost.h>
#include <linux/wait.h>

#include "ring.h"

struct vh_dev;
struct vh_vq;
struct vh_worker;
struct seq_file;

/* Features that the core itself implements; a device type offers them all. */
#define VH_FEATURES (BIT_ULL(VIRTIO_F_NOTIFY_ON_EMPTY) |	\
		     BIT_ULL(VIRTIO_RING_F_INDIRECT_DESC) |	\
		     BIT_ULL(VIRTIO_RING_F_EVENT_IDX) |		\
		     BIT_ULL(VIRTIO_F_VERSION_1) |		\
		     BIT_ULL(VIRTIO_F_RING_RESET))

/* What a run of a queue may cost before others get their turn. */
#define VH_RUN_PACKETS	256
#define VH_RUN_BYTES	0x80000

/* Result of ->vq_run(). */
enum vh_run {
	VH_RUN_IDLE,	/* nothing to do until the next kick or poll event */
	VH_RUN_AGAIN,	/* budget spent: come back after the others */
};

/* Counters of the core, one set per queue; see vh_stat_names[]. */
enum vh_stat {
	VH_STAT_KICKS,		/* kick eventfd signalled */
	VH_STAT_RUNS,		/* ->vq_run() calls */
	VH_STAT_REQUEUES,	/* runs that ended with their budget spent */
	VH_STAT_FETCHES,	/* fetches that returned chains */
	VH_STAT_CHAINS,		/* chains taken, less those given back */
	VH_STAT_COMPLETED,	/* chains completed */
	VH_STAT_CALLS,		/* call eventfd signalled */
	VH_STAT_CALLS_SAVED,	/* publications whose call was suppressed */
	VH_STAT_BROKEN,		/* first of VH_NR_CAUSES counters by cause */
	VH_NR_STATS = VH_STAT_BROKEN + VH_NR_CAUSES,
};

/* Room for the counters of a device type. */
#define VH_NR_TYPE_STATS 24

/**
 * struct vh_work - the wish that a worker serve a queue
 * @node: link in &vh_worker.list
 * @queued: bit 0 is set from queueing until the worker takes it
 */
struct vh_work {
	struct llist_node node;
	unsigned long queued;
};

/**
 * struct vh_poll - a file whose wake-ups make a queue run
 * @vq: the queue
 * @mask: events of interest
 * @armed: wake-ups queue work; a disarmed poll stays on the wait queue
 * @is_kick: the file is the kick eventfd (wake-ups are counted as kicks)
 * @file: polled file, with a reference; NULL when stopped
 * @table: to get on the file's wait queue
 * @wait: our entry there
 * @wqh: that wait queue, NULL when not on it
 *
 * Started, stopped and armed under the queue mutex.
 */
struct vh_poll {
	struct vh_vq *vq;
	__poll_t mask;
	bool armed;
	bool is_kick;
	struct file *file;
	poll_table table;
	wait_queue_entry_t wait;
	wait_queue_head_t *wqh;
};

/**
 * struct vh_vring_cfg - what the VMM asked for, not yet validated as a whole
 * @num: VHOST_SET_VRING_NUM, 0 before
 * @addr: VHOST_SET_VRING_ADDR
 * @busyloop_us: VHOST_SET_VRING_BUSYLOOP_TIMEOUT, microseconds
 */
struct vh_vring_cfg {
	u32 num;
	struct vhost_vring_addr addr;
	u32 busyloop_us;
};

/**
 * struct vh_vq - a queue
 * @mutex: guards all that follows unless said otherwise; lock order in priv.h
 * @dev: the device, constant
 * @index: number in the device, constant
 * @started: a backend is attached and the worker may use the ring
 * @broken: the ring was malformed; nothing is served until the next start
 * @used: chains were fetched since the start
 * @unsignalled: chains were published since the last call decision
 * @features: negotiated features, constant while @used
 * @ring: the ring
 * @cfg: configuration from the VMM
 * @kick: poll of the kick eventfd
 * @call_ctx: eventfd to signal the guest, or NULL
 * @err_ctx: eventfd to tell the VMM that the queue broke, or NULL
 * @work: work item of the queue
 * @worker: who serves it, RCU; NULL without owner
 * @worker_tid: thread that ran the queue last, for observers; 0 before
 * @stats: counters, written by the holder of the mutex, read without it
 * @kicks: kicks, written under the eventfd's wait queue lock
 */
struct vh_vq {
	struct mutex mutex;
	struct vh_dev *dev;
	u16 index;
	bool started;
	bool broken;
	bool used;
	bool unsignalled;
	u64 features;
	struct vh_ring ring;

	struct vh_vring_cfg cfg;
	struct vh_poll kick;
	struct eventfd_ctx *call_ctx;
	struct eventfd_ctx *err_ctx;

	struct vh_work work;
	struct vh_worker __rcu *worker;
	pid_t worker_tid;

	u64 kicks ____cacheline_aligned_in_smp;
	u64 stats[VH_NR_STATS + VH_NR_TYPE_STATS] ____cacheline_aligned_in_smp;
};

/**
 * struct vh_ioctl_args - one ioctl, with its argument copied in
 * @dev: device; its mutex is held
 * @vq: queue, for rows with VH_IOCTL_VQ
 * @uarg: the user's argument, for rows with VH_IOCTL_RAW
 * @u: the argument; copied out afterwards when the ioctl reads
 */
struct vh_ioctl_args {
	struct vh_dev *dev;
	struct vh_vq *vq;
	void __user *uarg;
	union {
		u64 u64;
		u32 index;
		u8 u8;
		struct vhost_vring_state state;
		struct vhost_vring_file file;
		struct vhost_vring_addr addr;
	} u;
};

#define VH_IOCTL_OWNER	0x1	/* only the owner; EPERM */
#define VH_IOCTL_VQ	0x2	/* starts with a queue index; ENOBUFS */
#define VH_IOCTL_RAW	0x4	/* the handler copies by itself */
#define VH_IOCTL_LOCK	0x8	/* called with the queue mutex held */
#define VH_IOCTL_NOT_OTHERS 0x10 /* the owner, or anybody before SET_OWNER; EPERM */
#define VH_IOCTL_OUT	0x20	/* copied out although the number does not say so */

/**
 * struct vh_ioctl - a row of an ioctl table
 * @cmd: ioctl number; its direction and size say what is copied
 * @flags: VH_IOCTL_*
 * @fn: handler, called with the device mutex held; 0 or -errno
 */
struct vh_ioctl {
	u32 cmd;
	u32 flags;
	int (*fn)(struct vh_ioctl_args *args);
};

/**
 * struct vh_dev_ops - a device type
 * @name: name in messages, fdinfo and debugfs
 * @features: offered feature bits
 * @ioctls: its own ioctls
 * @nr_ioctls: number of @ioctls
 * @stat_names: names of its counters, at most VH_NR_TYPE_STATS
 * @nr_stats: number of @stat_names
 * @vq_run: serve a queue. In the worker, queue mutex held, owner's mm active
 * @features_set: negotiated features of a queue changed. Queue mutex held. May be
 *	NULL
 * @reset: detach all backends. Device mutex held, no queue mutex
 * @show_vq: more lines of state for fdinfo and debugfs, indented by a tab, no
 *	locks held. May be NULL
 */
struct vh_dev_ops {
	const char *name;
	u64 features;
	const struct vh_ioctl *ioctls;
	unsigned int nr_ioctls;
	const char * const *stat_names;
	unsigned int nr_stats;
	enum vh_run (*vq_run)(struct vh_vq *vq);
	void (*features_set)(struct vh_vq *vq);
	void (*reset)(struct vh_dev *dev);
	void (*show_vq)(struct seq_file *m, struct vh_vq *vq);
};

/**
 * struct vh_dev - a device: one open file of a VMM
 * @mutex: guards the control plane; lock order in priv.h
 * @ops: device type, constant
 * @vqs: queues, constant
 * @nvqs: their number, constant
 * @mm: owner's address space, NULL without owner
 * @owner_pid: process that set @mm, for messages and names; 0 without
 * @map: memory table; changed under @mutex and each queue's mutex
 * @features: acknowledged features
 * @workers: all workers of the device
 * @use_task: workers are threads of the owner (else kthreads)
 * @debugfs: directory of this device
 * @id: number of the device in messages and debugfs
 */
struct vh_dev {
	struct mutex mutex;
	const struct vh_dev_ops *ops;
	struct vh_vq **vqs;
	unsigned int nvqs;
	struct mm_struct *mm;
	pid_t owner_pid;
	struct vh_map *map;
	u64 features;
	struct list_head workers;
	bool use_task;
	struct dentry *debugfs;
	unsigned int id;
};

/* dev.c */
void vh_dev_init(struct vh_dev *dev, const struct vh_dev_ops *ops,
		 struct vh_vq **vqs, unsigned int nvqs);
void vh_dev_uninit(struct vh_dev *dev);

/* ioctl.c */
long vh_dev_ioctl(struct vh_dev *dev, unsigned int cmd, unsigned long arg);

/* stats.c */
void vh_dev_show(struct seq_file *m, struct vh_dev *dev);

/* vq.c: start and stop, queue mutex held */
int vh_vq_check(struct vh_vq *vq);
int vh_vq_start(struct vh_vq *vq);
void vh_vq_stop(struct vh_vq *vq);

/* vq.c: data path, queue mutex held */
int vh_vq_fetch(struct vh_vq *vq, struct vh_buf *bufs, unsigned int max);
void vh_vq_unfetch(struct vh_vq *vq, const struct vh_buf *bufs, unsigned int n);
int vh_vq_complete(struct vh_vq *vq, const struct vh_buf *bufs, unsigned int n);
int vh_vq_publish(struct vh_vq *vq);

/* notify.c: queue mutex held */
void vh_vq_signal(struct vh_vq *vq);
void vh_vq_kick_disable(struct vh_vq *vq);
bool vh_vq_kick_enable(struct vh_vq *vq);
void vh_vq_set_broken(struct vh_vq *vq, enum vh_cause cause);

/* poll.c: queue mutex held */
void vh_poll_init(struct vh_poll *poll, struct vh_vq *vq, __poll_t mask);
int vh_poll_start(struct vh_poll *poll, struct file *file);
void vh_poll_stop(struct vh_poll *poll);
void vh_poll_arm(struct vh_poll *poll);
void vh_poll_disarm(struct vh_poll *poll);

/* worker.c: any context */
void vh_vq_queue(struct vh_vq *vq);

/**
 * vh_vq_has_feature() - was a feature negotiated?
 * @vq: queue
 * @bit: VIRTIO_*_F_*
 */
static inline bool vh_vq_has_feature(const struct vh_vq *vq, unsigned int bit)
{
	return vq->features & BIT_ULL(bit);
}

/**
 * vh_vq_count() - add to a counter of the device type
 * @vq: queue, its mutex is held
 * @stat: index in &vh_dev_ops.stat_names
 * @n: what to add
 */
static inline void vh_vq_count(struct vh_vq *vq, unsigned int stat, u64 n)
{
	vq->stats[VH_NR_STATS + stat] += n;
}

/**
 * vh_buf_out() - segments that the device reads
 * @vq: queue that @buf was fetched from
 * @buf: chain
 *
 * Return: @buf->nout segments of @buf->out_len bytes, valid until the next
 * fetch. All are access_ok().
 */
static inline const struct iovec *vh_buf_out(const struct vh_vq *vq,
					     const struct vh_buf *buf)
{
	return &vq->ring.scratch->iov[buf->seg];
}

/**
 * vh_buf_in() - segments that the device writes
 * @vq: queue that @buf was fetched from
 * @buf: chain
 *
 * Return: @buf->nin segments of @buf->in_len bytes, valid until the next fetch.
 * All are access_ok(). Segments of consecutive chains of one fetch that have no
 * readable segments are consecutive too.
 */
static inline const struct iovec *vh_buf_in(const struct vh_vq *vq,
					    const struct vh_buf *buf)
{
	return &vq->ring.scratch->iov[buf->seg + buf->nout];
}

#endif /* VH_H */
