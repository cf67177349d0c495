// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that are threads of their owner (vhost tasks, Linux 6.12).
 *
 * Such a thread shares the owner's mm, cgroups, limits and affinity, is seen in
 * its /proc/PID/task, and dies with it: a SIGKILL for the process is also one for
 * the worker, and it ends a page fault that never returns.
 */
#include <linux/err.h>

#include "worker.h"

#if VH_HAVE_VHOST_TASK
#include <linux/sched/vhost_task.h>

static bool vh_task_fn(void *data)
{
	struct vh_worker *worker = data;

	if (!vh_worker_has_work(worker))
		return false;
	__set_current_state(TASK_RUNNING);
	return vh_worker_run(worker);
}

/*
 * The process got SIGKILL. Runs in the thread, after its last pass. From here on
 * nobody wakes it: its task_struct may go before the device is closed.
 */
static void vh_task_killed(void *data)
{
	struct vh_worker *worker = data;

	spin_lock_irq(&worker->lock);
	worker->dead = true;
	spin_unlock_irq(&worker->lock);
	vh_worker_discard(worker);
}

static int vh_task_create(struct vh_worker *worker, const char *name)
{
	struct vhost_task *task;

	task = vhost_task_create(vh_task_fn, vh_task_killed, worker, name);
	if (IS_ERR_OR_NULL(task))
		return task ? PTR_ERR(task) : -ENOMEM;
	worker->task = task;
	return 0;
}

static int vh_task_start(struct vh_worker *worker)
{
	vhost_task_start(worker->task);
	return 0;
}

static void vh_task_wake(struct vh_worker *worker)
{
	vhost_task_wake(worker->task);
}

/*
 * Only the death of the process ends its threads' faults. A process that closes
 * the device while nobody answers its faults waits until it is killed.
 */
static void vh_task_kill(struct vh_worker *worker)
{
}

static void vh_task_stop(struct vh_worker *worker)
{
	vhost_task_stop(worker->task);
	vh_worker_discard(worker);
}

#else

static int vh_task_create(struct vh_worker *worker, const char *name)
{
	return -EOPNOTSUPP;
}

static int vh_task_start(struct vh_worker *worker)
{
	return -EOPNOTSUPP;
}

static void vh_task_wake(struct vh_worker *worker)
{
}

static void vh_task_kill(struct vh_worker *worker)
{
}

static void vh_task_stop(struct vh_worker *worker)
{
}

#endif /* VH_HAVE_VHOST_TASK */

const struct vh_worker_kind vh_worker_task = {
	.create = vh_task_create,
	.start = vh_task_start,
	.wake = vh_task_wake,
	.kill = vh_task_kill,
	.stop = vh_task_stop,
};
