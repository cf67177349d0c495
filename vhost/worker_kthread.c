// SPDX-License-Identifier: GPL-2.0
/*
 * Workers that are kernel threads.
 *
 * The thread joins its owner's cgroups when it starts. It keeps the owner's
 * struct mm_struct but not the memory behind it: mm_users is taken for each pass
 * over the list only, so that a killed owner's memory goes at once even when
 * another process holds the device open.
 *
 * A page fault may never return (userfaultfd, FUSE): the thread allows SIGKILL,
 * and vh_kthread_kill() sends it.
 */
#include <linux/cgroup.h>
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>

#include "worker.h"

/* One pass with the owner's memory, unless that is gone. */
static void vh_kthread_pass(struct vh_worker *worker)
{
	if (READ_ONCE(worker->dead) || !mmget_not_zero(worker->mm)) {
		vh_worker_discard(worker);
		return;
	}
	kthread_use_mm(worker->mm);
	vh_worker_run(worker);
	kthread_unuse_mm(worker->mm);
	/* Perhaps the last user: a teardown of the owner's memory is not ours. */
	mmput_async(worker->mm);
}

static int vh_kthread_fn(void *data)
{
	struct vh_worker *worker = data;

	allow_signal(SIGKILL);
	for (;;) {
		/* Idle, not interruptible: a stray SIGKILL must not make us spin. */
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		if (!vh_worker_has_work(worker)) {
			schedule();
			continue;
		}
		__set_current_state(TASK_RUNNING);
		/*
		 * Should this be the signal of vh_kthread_kill(), then dead is
		 * seen in vh_kthread_pass(): it was set before the signal.
		 */
		if (signal_pending(current))
			flush_signals(current);
		vh_kthread_pass(worker);
		cond_resched();
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

static int vh_kthread_create(struct vh_worker *worker, const char *name)
{
	struct task_struct *task;

	task = kthread_create(vh_kthread_fn, worker, "%s", name);
	if (IS_ERR(task))
		return PTR_ERR(task);
	worker->kthread = task;
	mmgrab(worker->mm);
	return 0;
}

static int vh_kthread_start(struct vh_worker *worker)
{
	int ret = cgroup_attach_task_all(current, worker->kthread);

	if (ret)
		return ret;
	wake_up_process(worker->kthread);
	return 0;
}

static void vh_kthread_wake(struct vh_worker *worker)
{
	wake_up_process(worker->kthread);
}

static void vh_kthread_kill(struct vh_worker *worker)
{
	spin_lock_irq(&worker->lock);
	WRITE_ONCE(worker->dead, true);
	spin_unlock_irq(&worker->lock);
	send_sig(SIGKILL, worker->kthread, 1);
}

static void vh_kthread_stop(struct vh_worker *worker)
{
	kthread_stop(worker->kthread);
	vh_worker_discard(worker);
	mmdrop(worker->mm);
}

const struct vh_worker_kind vh_worker_kthread = {
	.create = vh_kthread_create,
	.start = vh_kthread_start,
	.wake = vh_kthread_wake,
	.kill = vh_kthread_kill,
	.stop = vh_kthread_stop,
};
