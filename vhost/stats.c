// SPDX-License-Identifier: GPL-2.0
/*
 * State and counters for observers: fdinfo and debugfs show the same text.
 *
 *	/proc/PID/fdinfo/FD
 *	/sys/kernel/debug/vhost_core/TYPE-ID
 *
 * Context: readers take no lock of ours. Queues live as long as the device; the
 * device lives until its last fdinfo reader has dropped the file and
 * debugfs_remove() has waited for the last debugfs reader.
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>

#include "priv.h"

static struct dentry *vh_debugfs_root;

const char * const vh_cause_names[VH_NR_CAUSES] = {
	[VH_OK] = "ok",
	[VH_BAD_RING_ACCESS] = "ring memory not accessible",
	[VH_BAD_AVAIL_IDX] = "avail index beyond the ring size",
	[VH_BAD_HEAD] = "avail entry beyond the ring size",
	[VH_BAD_NEXT] = "next descriptor out of range",
	[VH_BAD_LOOP] = "descriptor chain loops",
	[VH_BAD_LONG] = "descriptor chain too long",
	[VH_BAD_INDIRECT] = "malformed indirect descriptor",
	[VH_BAD_ADDR] = "buffer address not mapped",
	[VH_BAD_ORDER] = "readable descriptor after a writable one",
	[VH_BAD_SIZE] = "descriptor chain longer than 2^32 bytes",
	[VH_BAD_DIRECTION] = "descriptor direction wrong for this queue",
};

static const char * const vh_stat_names[VH_NR_STATS] = {
	[VH_STAT_RUNS] = "runs",
	[VH_STAT_REQUEUES] = "requeues",
	[VH_STAT_FETCHES] = "fetches",
	[VH_STAT_CHAINS] = "chains",
	[VH_STAT_COMPLETED] = "completed",
	[VH_STAT_CALLS] = "calls",
	[VH_STAT_CALLS_SAVED] = "calls_saved",
	[VH_STAT_BROKEN + VH_BAD_RING_ACCESS] = "broken_ring_access",
	[VH_STAT_BROKEN + VH_BAD_AVAIL_IDX] = "broken_avail_idx",
	[VH_STAT_BROKEN + VH_BAD_HEAD] = "broken_head",
	[VH_STAT_BROKEN + VH_BAD_NEXT] = "broken_next",
	[VH_STAT_BROKEN + VH_BAD_LOOP] = "broken_loop",
	[VH_STAT_BROKEN + VH_BAD_LONG] = "broken_long",
	[VH_STAT_BROKEN + VH_BAD_INDIRECT] = "broken_indirect",
	[VH_STAT_BROKEN + VH_BAD_ADDR] = "broken_addr",
	[VH_STAT_BROKEN + VH_BAD_ORDER] = "broken_order",
	[VH_STAT_BROKEN + VH_BAD_SIZE] = "broken_size",
	[VH_STAT_BROKEN + VH_BAD_DIRECTION] = "broken_direction",
};

static void vh_show_stat(struct seq_file *m, const char *name, const u64 *stat)
{
	if (name)
		seq_printf(m, "\t%s:\t%llu\n", name, READ_ONCE(*stat));
}

static void vh_vq_show_ring(struct seq_file *m, const struct vh_ring *r)
{
	seq_printf(m, "\tsize:\t%u\n", READ_ONCE(r->num));
	seq_puts(m, "\tlayout:\tsplit\n");
	seq_printf(m, "\tlast_avail:\t%u\n", READ_ONCE(r->last_avail));
	seq_printf(m, "\tavail_idx:\t%u\n", READ_ONCE(r->avail_idx));
	seq_printf(m, "\tused_idx:\t%u\n", READ_ONCE(r->used_idx));
	seq_printf(m, "\tpublished:\t%u\n", READ_ONCE(r->published));
	seq_printf(m, "\tkick_enabled:\t%d\n", READ_ONCE(r->kick_enabled));
}

static void vh_vq_show(struct seq_file *m, struct vh_vq *vq)
{
	const struct vh_dev_ops *ops = vq->dev->ops;
	unsigned int i;

	seq_printf(m, "vq%u:\t%s\n", vq->index,
		   READ_ONCE(vq->broken) ? "broken" :
		   READ_ONCE(vq->started) ? "started" : "stopped");
	seq_printf(m, "\tworker:\t%d\n", READ_ONCE(vq->worker_tid));
	seq_printf(m, "\tfeatures:\t%#llx\n", READ_ONCE(vq->features));
	vh_vq_show_ring(m, &vq->ring);
	if (ops->show_vq)
		ops->show_vq(m, vq);
	vh_show_stat(m, "kicks", &vq->kicks);
	for (i = 0; i < VH_NR_STATS; i++)
		vh_show_stat(m, vh_stat_names[i], &vq->stats[i]);
	for (i = 0; i < ops->nr_stats; i++)
		vh_show_stat(m, ops->stat_names[i],
			     &vq->stats[VH_NR_STATS + i]);
}

/**
 * vh_dev_show() - describe a device and its queues
 * @m: where to
 * @dev: device
 *
 * Context: takes no lock; the caller keeps the device from being released.
 */
void vh_dev_show(struct seq_file *m, struct vh_dev *dev)
{
	unsigned int i;

	seq_printf(m, "vhost:\t%s-%u\n", dev->ops->name, dev->id);
	seq_printf(m, "owner:\t%d\n", READ_ONCE(dev->owner_pid));
	seq_printf(m, "workers:\t%s\n",
		   READ_ONCE(dev->use_task) ? "task" : "kthread");
	for (i = 0; i < dev->nvqs; i++)
		vh_vq_show(m, dev->vqs[i]);
}
EXPORT_SYMBOL_GPL(vh_dev_show);

static int vh_dev_debugfs_show(struct seq_file *m, void *unused)
{
	vh_dev_show(m, m->private);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(vh_dev_debugfs);

void vh_dev_debugfs_add(struct vh_dev *dev)
{
	char name[32];

	snprintf(name, sizeof(name), "%s-%u", dev->ops->name, dev->id);
	dev->debugfs = debugfs_create_file(name, 0400, vh_debugfs_root, dev,
					   &vh_dev_debugfs_fops);
}

void vh_dev_debugfs_remove(struct vh_dev *dev)
{
	debugfs_remove(dev->debugfs);
}

void __init vh_stats_init(void)
{
	vh_debugfs_root = debugfs_create_dir("vhost_core", NULL);
}

void vh_stats_uninit(void)
{
	debugfs_remove_recursive(vh_debugfs_root);
}
