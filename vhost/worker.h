/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Between worker.c and the two kinds of thread (worker_kthread.c,
 * worker_task.c).
 */
#ifndef VH_WORKER_H
#define VH_WORKER_H

#include <linux/llist.h>
#include <linux/sched.h>
#include <linux/spinlock.h>

#include "priv.h"

struct vhost_task;

/**
 * struct vh_worker_kind - a way to get a thread
 * @create: make the thread of a worker, not yet running
 * @start: let it run
 * @wake: make it look at its list. &vh_worker.lock held, &vh_worker.dead not set
 * @kill: end a page fault that the thread may hang in, and let it begin no
 *	other; it still has to be stopped
 * @stop: end the thread and wait for it; after @kill, and after a failed @start
 */
struct vh_worker_kind {
	int (*create)(struct vh_worker *worker, const char *name);
	int (*start)(struct vh_worker *worker);
	void (*wake)(struct vh_worker *worker);
	void (*kill)(struct vh_worker *worker);
	void (*stop)(struct vh_worker *worker);
};

/**
 * struct vh_worker - a thread that serves queues of one device
 * @link: in &vh_dev.workers, device mutex
 * @list: works to do, lock free
 * @lock: orders @dead against waking the thread; irq safe
 * @dead: the thread is gone or about to go, and must not be woken
 * @kind: constant
 * @mm: owner's address space; a kthread holds an mmgrab() reference
 * @kthread: thread, for kthreads
 * @task: thread, for vhost tasks
 */
struct vh_worker {
	struct list_head link;
	struct llist_head list;
	spinlock_t lock;
	bool dead;
	const struct vh_worker_kind *kind;
	struct mm_struct *mm;
	struct task_struct *kthread;
	struct vhost_task *task;
};

extern const struct vh_worker_kind vh_worker_kthread;
extern const struct vh_worker_kind vh_worker_task;

bool vh_worker_has_work(struct vh_worker *worker);
bool vh_worker_run(struct vh_worker *worker);
void vh_worker_discard(struct vh_worker *worker);

#endif /* VH_WORKER_H */
