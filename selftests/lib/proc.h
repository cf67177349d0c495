/* SPDX-License-Identifier: GPL-2.0 */
/* Other processes, their threads and the workers that serve them */
#ifndef VHOST_TEST_PROC_H
#define VHOST_TEST_PROC_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* run @fn in a child; its value (0..255), or -1 if it was killed */
int proc_run(int (*fn)(void *arg), void *arg);
/* a child that runs @fn and exits with its value */
pid_t proc_start(int (*fn)(void *arg), void *arg);
/* exit status, -1 if killed by a signal, -2 if still there after @ms */
int proc_wait(pid_t pid, int ms);
/* kill with SIGKILL, reap within @ms */
bool proc_kill(pid_t pid, int ms);

/* CPU time in ms of all workers that serve @owner; *n: how many */
uint64_t proc_worker_ms(pid_t owner, unsigned int *n);
/* are there no workers of @owner after at most @ms? */
bool proc_workers_gone(pid_t owner, int ms);

#endif
