// SPDX-License-Identifier: GPL-2.0
/*
 * Polls: from a wake-up of an eventfd or socket to work for a queue.
 *
 * Context: set up in ioctls and armed in the worker, both with the queue mutex
 * held; wake-ups come in any context, also hard interrupts.
 *
 * A poll holds a reference on its file, and with it on the wait queue. Once
 * remove_wait_queue() has returned no wake-up is running or will run.
 */
#include <linux/file.h>

#include "priv.h"

static int vh_poll_wake(wait_queue_entry_t *wait, unsigned int mode, int sync,
			void *key)
{
	struct vh_poll *poll = container_of(wait, struct vh_poll, wait);

	if (!(key_to_poll(key) & (poll->mask | EPOLLERR | EPOLLHUP)))
		return 0;
	/* Serialised by the wait queue's lock. */
	if (poll->is_kick)
		WRITE_ONCE(poll->vq->kicks, poll->vq->kicks + 1);
	if (READ_ONCE(poll->armed))
		vh_vq_queue(poll->vq);
	return 0;
}

static void vh_poll_enqueue(struct file *file, wait_queue_head_t *wqh,
			    poll_table *table)
{
	struct vh_poll *poll = container_of(table, struct vh_poll, table);

	/* A file with two wait queues is none of those that we poll. */
	if (poll->wqh)
		return;
	poll->wqh = wqh;
	add_wait_queue(wqh, &poll->wait);
}

/**
 * vh_poll_init() - prepare a poll, stopped
 * @poll: poll
 * @vq: queue that runs on wake-ups
 * @mask: EPOLLIN or EPOLLOUT
 */
void vh_poll_init(struct vh_poll *poll, struct vh_vq *vq, __poll_t mask)
{
	memset(poll, 0, sizeof(*poll));
	poll->vq = vq;
	poll->mask = mask;
	init_waitqueue_func_entry(&poll->wait, vh_poll_wake);
	init_poll_funcptr(&poll->table, vh_poll_enqueue);
}
EXPORT_SYMBOL_GPL(vh_poll_init);

/**
 * vh_poll_start() - begin to follow a file
 * @poll: poll, stopped
 * @file: file; a reference is taken
 *
 * The poll is armed, and when the file is ready already the queue runs.
 *
 * Return: 0; -EINVAL when the file reports an error; the poll is then stopped.
 */
int vh_poll_start(struct vh_poll *poll, struct file *file)
{
	__poll_t ready;

	lockdep_assert_held(&poll->vq->mutex);

	poll->file = get_file(file);
	WRITE_ONCE(poll->armed, true);
	ready = vfs_poll(file, &poll->table);
	if (ready & EPOLLERR) {
		vh_poll_stop(poll);
		return -EINVAL;
	}
	if (ready & poll->mask)
		vh_vq_queue(poll->vq);
	return 0;
}
EXPORT_SYMBOL_GPL(vh_poll_start);

/**
 * vh_poll_stop() - no longer follow the file
 * @poll: poll, started or not
 */
void vh_poll_stop(struct vh_poll *poll)
{
	lockdep_assert_held(&poll->vq->mutex);

	if (poll->wqh) {
		remove_wait_queue(poll->wqh, &poll->wait);
		poll->wqh = NULL;
	}
	if (poll->file) {
		fput(poll->file);
		poll->file = NULL;
	}
	WRITE_ONCE(poll->armed, false);
}
EXPORT_SYMBOL_GPL(vh_poll_stop);

/**
 * vh_poll_arm() - let wake-ups run the queue again
 * @poll: poll
 *
 * The queue also runs when the file is ready now, so that no wake-up from before
 * is lost.
 */
void vh_poll_arm(struct vh_poll *poll)
{
	lockdep_assert_held(&poll->vq->mutex);

	if (!poll->file || poll->armed)
		return;
	/* Armed before the file is looked at; pairs with the waker's own order. */
	smp_store_mb(poll->armed, true);
	/* A file in error is no reason to run: it would be one for ever. */
	if (vfs_poll(poll->file, NULL) & poll->mask)
		vh_vq_queue(poll->vq);
}
EXPORT_SYMBOL_GPL(vh_poll_arm);

/**
 * vh_poll_disarm() - ignore wake-ups until the poll is armed again
 * @poll: poll
 */
void vh_poll_disarm(struct vh_poll *poll)
{
	lockdep_assert_held(&poll->vq->mutex);

	WRITE_ONCE(poll->armed, false);
}
EXPORT_SYMBOL_GPL(vh_poll_disarm);
