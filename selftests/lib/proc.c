// SPDX-License-Identifier: GPL-2.0
/* Other processes, their threads and the workers that serve them */
#include <ctype.h>
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/wait.h>

#include "proc.h"

pid_t proc_start(int (*fn)(void *arg), void *arg)
{
	pid_t pid = fork();

	if (!pid)
		_exit(fn(arg) & 0xff);
	return pid;
}

int proc_wait(pid_t pid, int ms)
{
	int i, st;

	for (i = 0; i <= ms; i++) {
		if (waitpid(pid, &st, WNOHANG) == pid)
			return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
		usleep(1000);
	}
	return -2;
}

int proc_run(int (*fn)(void *arg), void *arg)
{
	int st;
	pid_t pid = proc_start(fn, arg);

	if (pid < 0 || waitpid(pid, &st, 0) != pid)
		return -1;
	return WIFEXITED(st) ? WEXITSTATUS(st) : -1;
}

bool proc_kill(pid_t pid, int ms)
{
	kill(pid, SIGKILL);
	return proc_wait(pid, ms) == -1;
}

static bool read_line(const char *path, char *buf, size_t cap)
{
	FILE *f = fopen(path, "r");
	bool ok;

	if (!f)
		return false;
	ok = fgets(buf, cap, f) != NULL;
	fclose(f);
	return ok;
}

/* "123 (name) S ppid ...": utime and stime are fields 14 and 15 */
static uint64_t stat_ms(const char *line)
{
	unsigned long user = 0, sys = 0;
	const char *p = strrchr(line, ')');

	if (!p || sscanf(p + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
			 &user, &sys) != 2)
		return 0;
	return (user + sys) * 1000 / sysconf(_SC_CLK_TCK);
}

static void add_thread(const char *dir, const char *id, const char *want,
		       uint64_t *ms, unsigned int *n)
{
	char path[300], line[1024];
	const char *name;
	size_t len = strlen(want);

	snprintf(path, sizeof(path), "%s/%s/stat", dir, id);
	if (!read_line(path, line, sizeof(line)))
		return;
	name = strchr(line, '(');
	if (!name || strncmp(name + 1, want, len) ||
	    isdigit((unsigned char)name[1 + len]))
		return;
	*ms += stat_ms(line);
	++*n;
}

static void scan(const char *dir, const char *want, uint64_t *ms,
		 unsigned int *n)
{
	DIR *d = opendir(dir);
	struct dirent *e;

	if (!d)
		return;
	while ((e = readdir(d)))
		if (isdigit((unsigned char)e->d_name[0]))
			add_thread(dir, e->d_name, want, ms, n);
	closedir(d);
}

/* A kthread worker is a process of its own, a vhost task a thread of @owner */
uint64_t proc_worker_ms(pid_t owner, unsigned int *n)
{
	char want[32], dir[64];
	uint64_t ms = 0;

	*n = 0;
	snprintf(want, sizeof(want), "vhost-%d", owner);
	snprintf(dir, sizeof(dir), "/proc/%d/task", owner);
	scan("/proc", want, &ms, n);
	scan(dir, want, &ms, n);
	return ms;
}

bool proc_workers_gone(pid_t owner, int ms)
{
	unsigned int n;

	for (;; ms -= 10) {
		proc_worker_ms(owner, &n);
		if (!n)
			return true;
		if (ms <= 0)
			return false;
		usleep(10000);
	}
}
