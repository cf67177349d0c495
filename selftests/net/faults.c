// SPDX-License-Identifier: GPL-2.0
/*
 * Every allocation and user copy of the set-up path fails once: the call says so, the device
 * can be closed, and the next attempt works. Needs a kernel with fail-nth.
 */
#include "check.h"

#include <fcntl.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)
#define FAIL_NTH "/proc/thread-self/fail-nth"
#define LIMIT	2000	/* more allocations than any step makes */

/* Kernels differ in what they can make fail: a missing knob is no error */
static void knob(const char *name, const char *value)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path), "/sys/kernel/debug/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;
	if (write(fd, value, strlen(value)) < 0)
		fprintf(stderr, "# %s: %s\n", path, strerror(errno));
	close(fd);
}

/* Let everything fail that can, without a stack dump for each */
static void set_knobs(void)
{
	knob("failslab/ignore-gfp-wait", "N");
	knob("failslab/cache-filter", "N");
	knob("failslab/task-filter", "Y");
	knob("failslab/verbose", "0");
	knob("fail_page_alloc/ignore-gfp-wait", "N");
	knob("fail_page_alloc/ignore-gfp-highmem", "N");
	knob("fail_page_alloc/verbose", "0");
	knob("fail_usercopy/verbose", "0");
}

/* the @n-th allocation of this thread from now on fails; 0: none */
static bool arm(unsigned int n)
{
	char text[16];
	int fd = open(FAIL_NTH, O_RDWR);
	int len = snprintf(text, sizeof(text), "%u", n);
	bool ok = fd >= 0 && write(fd, text, len) == len;

	if (fd >= 0)
		close(fd);
	return ok;
}

/* did it? Disarms. */
static bool fired(void)
{
	char text[16] = "";
	int fd = open(FAIL_NTH, O_RDWR);
	bool yes = false;

	if (fd < 0)
		return false;
	if (read(fd, text, sizeof(text) - 1) > 0)
		yes = atoi(text) == 0;
	close(fd);
	arm(0);
	return yes;
}

/*
 * What an injected fault may be called by the call that met it: an allocation
 * or, where the kernel can make those fail too, a copy from or to user memory.
 */
static bool is_injected(int err)
{
	return err == ENOMEM || err == EAGAIN || err == ENFILE ||
	       (err == EFAULT && !access("/sys/kernel/debug/fail_usercopy",
					 F_OK));
}

FIXTURE(faults) {
	struct rig r;
};

FIXTURE_SETUP(faults)
{
	struct rig_cfg cfg = { .features = MODERN, .num = 64 };

	if (access(FAIL_NTH, W_OK))
		SKIP(return, "this kernel has no fault injection (fail-nth)");
	set_knobs();
	ASSERT_EQ(0, rig_open(&self->r, &cfg));
	ASSERT_TRUE(rig_start(&self->r));
	/* touches every page that a later step will touch */
	ASSERT_TRUE(rig_ping(&self->r));
	ASSERT_TRUE(rig_stop(&self->r));
	close(self->r.fd);
	self->r.fd = -1;
	rig_renew(&self->r, 0);
}

FIXTURE_TEARDOWN(faults)
{
	rig_close(&self->r);
}

/* The whole life of a device, up to the first call that fails */
static int life(struct rig *r)
{
	unsigned int q;
	int err;

	r->fd = vh_open();
	if (r->fd < 0)
		return errno;
	err = vh_owner(r->fd);
	if (!err)
		err = vh_features(r->fd, MODERN);
	if (!err)
		err = vh_mem_guest(r->fd, &r->g);
	for (q = 0; q < VQ_COUNT && !err; q++) {
		err = vh_num(r->fd, q, r->cfg.num);
		if (!err)
			err = vh_base(r->fd, q, 0);
		if (!err)
			err = vh_ring(r->fd, q, &r->q[q].drv);
		if (!err)
			err = vh_kick(r->fd, q, r->q[q].kick);
		if (!err)
			err = vh_call(r->fd, q, r->q[q].call);
		if (!err)
			err = vh_err(r->fd, q, r->q[q].err);
	}
	for (q = 0; q < VQ_COUNT && !err; q++)
		err = vh_backend(r->fd, q, r->be);
	if (!err)
		err = vh_mem_guest(r->fd, &r->g);
	return err;
}

static void end_life(struct rig *r)
{
	if (r->fd >= 0)
		close(r->fd);
	r->fd = -1;
	rig_renew(r, 0);
}

TEST_F_TIMEOUT(faults, every_allocation_once, 120)
{
	struct rig *r = &self->r;
	unsigned int n, failed = 0;

	for (n = 1; n < LIMIT; n++) {
		bool hit;
		int err;

		ASSERT_TRUE(arm(n));
		err = life(r);
		hit = fired();
		/* the close runs with allocations that work */
		if (!hit) {
			EXPECT_EQ(0, err);
			EXPECT_TRUE(rig_ping(r));
			end_life(r);
			break;
		}
		if (err) {
			EXPECT_TRUE(is_injected(err))
				TH_LOG("fault %u: errno %d", n, err);
			failed++;
		} else {
			/* the kernel got along without: so must the traffic */
			EXPECT_TRUE(rig_ping(r)) TH_LOG("fault %u", n);
		}
		end_life(r);
		if (n % 10 == 0) {
			ASSERT_EQ(0, life(r)) TH_LOG("after fault %u", n);
			ASSERT_TRUE(rig_ping(r)) TH_LOG("after fault %u", n);
			end_life(r);
		}
	}
	TH_LOG("%u faults, %u of them failed a call", n - 1, failed);
	EXPECT_LT(n, LIMIT);
	EXPECT_LT(10, failed);
}

/* A call that fails for lack of memory leaves a live device as it was */
TEST_F_TIMEOUT(faults, live_device_survives, 120)
{
	struct rig *r = &self->r;
	struct vh_region v[32];
	unsigned int n, i;

	for (i = 0; i < 32; i++)
		v[i] = (struct vh_region){ r->g.base + i * (r->g.size / 32),
					   r->g.size / 32,
					   user_addr(r->g.mem) +
					   i * (r->g.size / 32) };
	ASSERT_EQ(0, life(r));
	for (n = 1; n < LIMIT; n++) {
		int err;
		bool hit;

		ASSERT_TRUE(arm(n));
		err = vh_mem(r->fd, v, 32);
		if (!err)
			err = vh_kick(r->fd, VQ_TX, r->q[VQ_TX].kick);
		if (!err)
			err = vh_call(r->fd, VQ_TX, r->q[VQ_TX].call);
		if (!err)
			err = vh_features(r->fd, MODERN);
		hit = fired();
		if (err)
			EXPECT_TRUE(is_injected(err))
				TH_LOG("fault %u: errno %d", n, err);
		EXPECT_TRUE(rig_ping(r)) TH_LOG("fault %u", n);
		if (!hit)
			break;
	}
	EXPECT_LT(n, LIMIT);
	end_life(r);
}

TEST_HARNESS_MAIN
