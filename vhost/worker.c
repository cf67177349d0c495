// SPDX-License-Identifier: GPL-2.0
/*
 * Workers: which thread serves which queue, and how it learns of work.
 *
 * Context: creation and destruction in ioctls and release with the device mutex
 * held; queueing in any context, also under the wait queue lock of an eventfd.
 *
 * The list is lock free. The lock is taken only to wake the thread, when the list
 * was empty, so that a thread that is being killed is never touched.
 */
#include <linux/rculist.h>
#include <linux/slab.h>

#include "worker.h"

bool vh_worker_has_work(struct vh_worker *worker)
{
	return !llist_empty(&worker->list);
}

/*
 * Run everything on the list once, in the order in which it was queued. A queue
 * that has more to do queues itself again, behind the others.
 * Returns whether there was work.
 */
bool vh_worker_run(struct vh_worker *worker)
{
	struct llist_node *node = llist_del_all(&worker->list);
	struct vh_work *work, *next;

	if (!node)
		return false;

	node = llist_reverse_order(node);
	llist_for_each_entry_safe(work, next, node, node) {
		clear_bit_unlock(0, &work->queued);
		/*
		 * Cleared before the run: a wake-up from now on queues anew and
		 * is not lost. Pairs with test_and_set_bit() in vh_vq_queue().
		 */
		smp_mb__after_atomic();
		vh_vq_run(container_of(work, struct vh_vq, work));
		cond_resched();
	}
	return true;
}

/* Forget what is queued, when nobody is left to do it. */
void vh_worker_discard(struct vh_worker *worker)
{
	struct llist_node *node = llist_del_all(&worker->list);
	struct vh_work *work, *next;

	llist_for_each_entry_safe(work, next, node, node)
		clear_bit(0, &work->queued);
}

static void vh_worker_wake(struct vh_worker *worker)
{
	unsigned long flags;

	spin_lock_irqsave(&worker->lock, flags);
	if (!worker->dead)
		worker->kind->wake(worker);
	spin_unlock_irqrestore(&worker->lock, flags);
}

/**
 * vh_vq_queue() - make the worker run a queue soon
 * @vq: queue
 *
 * Does nothing without an owner. A queue that is queued already runs once.
 *
 * Context: any.
 */
void vh_vq_queue(struct vh_vq *vq)
{
	struct vh_worker *worker;

	rcu_read_lock();
	worker = rcu_dereference(vq->worker);
	if (worker && !test_and_set_bit(0, &vq->work.queued) &&
	    llist_add(&vq->work.node, &worker->list))
		vh_worker_wake(worker);
	rcu_read_unlock();
}
EXPORT_SYMBOL_GPL(vh_vq_queue);

/* Threads are named after their owner, as those of the in-tree vhost are. */
static struct vh_worker *vh_worker_create(struct vh_dev *dev,
					  unsigned int index)
{
	struct vh_worker *worker;
	char name[TASK_COMM_LEN];
	int ret;

	if (vh_worker_per_device)
		scnprintf(name, sizeof(name), "vhost-%d", dev->owner_pid);
	else
		scnprintf(name, sizeof(name), "vhost-%d/%u", dev->owner_pid,
			  index);

	worker = kzalloc(sizeof(*worker), GFP_KERNEL_ACCOUNT);
	if (!worker)
		return ERR_PTR(-ENOMEM);
	init_llist_head(&worker->list);
	spin_lock_init(&worker->lock);
	worker->mm = dev->mm;
	worker->kind = dev->use_task ? &vh_worker_task : &vh_worker_kthread;

	ret = worker->kind->create(worker, name);
	if (ret)
		goto err_free;
	ret = worker->kind->start(worker);
	if (ret)
		goto err_stop;
	list_add_tail(&worker->link, &dev->workers);
	return worker;

err_stop:
	worker->kind->kill(worker);
	worker->kind->stop(worker);
err_free:
	kfree(worker);
	return ERR_PTR(ret);
}

static void vh_worker_destroy(struct vh_worker *worker)
{
	list_del(&worker->link);
	worker->kind->stop(worker);
	kfree(worker);
}

/*
 * Give every queue its worker: one each, or one for all with
 * vhost_core.worker_per_device.
 */
int vh_workers_create(struct vh_dev *dev)
{
	struct vh_worker *worker = NULL;
	unsigned int i;

	lockdep_assert_held(&dev->mutex);

	for (i = 0; i < dev->nvqs; i++) {
		struct vh_vq *vq = dev->vqs[i];

		if (!worker || !vh_worker_per_device) {
			worker = vh_worker_create(dev, i);
			if (IS_ERR(worker)) {
				vh_workers_kill(dev);
				vh_workers_destroy(dev);
				return PTR_ERR(worker);
			}
		}
		rcu_assign_pointer(vq->worker, worker);
	}
	return 0;
}

/*
 * Make the workers end what they are doing, first of all a page fault that may
 * never return: a worker holds its queue's mutex meanwhile. They serve no queue
 * from now on.
 */
void vh_workers_kill(struct vh_dev *dev)
{
	struct vh_worker *worker;

	lockdep_assert_held(&dev->mutex);

	list_for_each_entry(worker, &dev->workers, link)
		worker->kind->kill(worker);
}

/*
 * End all workers, which were killed.
 *
 * 1. The queues lose their worker: a wake-up that comes later finds none.
 * 2. After a grace period no wake-up that found one is still running.
 * 3. Each thread is stopped and waited for; a run in progress ends by its budget
 *    or its failing page fault.
 * 4. What was still queued is forgotten.
 */
void vh_workers_destroy(struct vh_dev *dev)
{
	struct vh_worker *worker, *next;
	unsigned int i;

	lockdep_assert_held(&dev->mutex);

	if (list_empty(&dev->workers))
		return;
	for (i = 0; i < dev->nvqs; i++) {
		WRITE_ONCE(dev->vqs[i]->worker_tid, 0);
		RCU_INIT_POINTER(dev->vqs[i]->worker, NULL);
	}
	synchronize_rcu();
	list_for_each_entry_safe(worker, next, &dev->workers, link)
		vh_worker_destroy(worker);
	for (i = 0; i < dev->nvqs; i++)
		dev->vqs[i]->work.queued = 0;
}
