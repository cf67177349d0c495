// SPDX-License-Identifier: GPL-2.0
/*
 * A VMM that never answers the page fault of a worker (userfaultfd): whoever
 * waits for the worker must get on, and the VMM can always be killed.
 */
#include "check.h"

#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>

#include "proc.h"
#include "rig.h"

#define PAGE	4096u
#define SOON	5000	/* ms */

enum { STALLED = 1, NO_UFFD = 77 };

struct shared {
	volatile int state;	/* STALLED, NO_UFFD or an error */
	volatile int fd;	/* of the device, in the child */
	bool kthread;
	bool close;		/* close the device instead of waiting */
};

static struct shared *share(bool kthread, bool do_close)
{
	struct shared *s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (s == MAP_FAILED)
		return NULL;
	s->kthread = kthread;
	s->close = do_close;
	return s;
}

/* A descriptor for the faults of one page, or -1 */
static int watch_page(void *page)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = {
		.range = { (uintptr_t)page, PAGE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || ioctl(fd, UFFDIO_API, &api) ||
	    madvise(page, PAGE, MADV_REMOVE) ||
	    ioctl(fd, UFFDIO_REGISTER, &reg))
		return -1;
	return fd;
}

/* Let the TX worker fault on a page that nobody will provide */
static int stall(struct rig *r)
{
	uint8_t *page = r->g.mem + r->g.size - PAGE;
	struct vdrv_seg seg = { guest_addr(&r->g, page), 100 };
	struct vdrv_chain c = { .seg = &seg, .out = 1, .token = page };
	struct pollfd p = { .fd = watch_page(page), .events = POLLIN };

	if (p.fd < 0)
		return NO_UFFD;
	if (vdrv_add(&r->q[VQ_TX].drv, &c) < 0)
		return 2;
	rig_notify(r, VQ_TX);
	return poll(&p, 1, SOON) == 1 ? STALLED : 3;
}

static int vmm(void *arg)
{
	struct shared *s = arg;
	struct rig r;

	if (rig_up(&r, &(struct rig_cfg){ .features = F_VERSION_1,
					  .kthread = s->kthread }))
		s->state = 4;
	else
		s->state = stall(&r);
	s->fd = r.fd;
	if (s->state != STALLED)
		return 1;
	if (s->close)
		return close(r.fd) != 0;
	for (;;)
		pause();
}

static bool started(const struct shared *s)
{
	int ms;

	for (ms = 0; ms < 20000 && !(s->state && s->fd); ms++)
		usleep(1000);
	return s->state;
}

FIXTURE(stall) {
	struct shared *s;
	pid_t pid;
};

FIXTURE_VARIANT(stall) {
	bool kthread;
};

FIXTURE_VARIANT_ADD(stall, kthread) { .kthread = true };
FIXTURE_VARIANT_ADD(stall, task) { .kthread = false };

FIXTURE_SETUP(stall)
{
	if (is_intree())
		SKIP(return, "in-tree waits for the fault for ever");
	if (!variant->kthread && !kernel_at_least(6, 12))
		SKIP(return, "this kernel has no vhost tasks");
	self->s = share(variant->kthread, false);
	ASSERT_NE(NULL, self->s);
}

FIXTURE_TEARDOWN(stall)
{
	if (self->pid > 0)
		proc_kill(self->pid, SOON);
}

#define START_VMM() do {						\
	self->pid = proc_start(vmm, self->s);				\
	ASSERT_LT(0, self->pid);					\
	ASSERT_TRUE(started(self->s));					\
	if (self->s->state == NO_UFFD)					\
		SKIP(return, "this kernel has no userfaultfd");		\
	ASSERT_EQ(STALLED, self->s->state);				\
} while (0)

TEST_F(stall, killed)
{
	pid_t pid;

	START_VMM();
	pid = self->pid;
	self->pid = 0;
	EXPECT_TRUE(proc_kill(pid, SOON));
	EXPECT_TRUE(proc_workers_gone(pid, SOON));
}

/* A kernel thread's fault is ended by close; a task's by the VMM's death only */
TEST_F(stall, closes)
{
	self->s->close = true;
	START_VMM();
	if (variant->kthread) {
		EXPECT_EQ(0, proc_wait(self->pid, SOON));
		self->pid = 0;
		return;
	}
	EXPECT_EQ(-2, proc_wait(self->pid, 500));
}

/* Observers wait for nobody */
TEST_F(stall, fdinfo)
{
	char path[64], text[8192];
	ssize_t n;
	int fd;

	START_VMM();
	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", self->pid,
		 self->s->fd);
	fd = open(path, O_RDONLY);
	ASSERT_LE(0, fd);
	n = read(fd, text, sizeof(text) - 1);
	ASSERT_LT(0, n);
	text[n] = 0;
	EXPECT_NE(NULL, strstr(text, "vq1:\tstarted"));
	close(fd);
}

TEST_HARNESS_MAIN
