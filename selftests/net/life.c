// SPDX-License-Identifier: GPL-2.0
/* Deaths and changes in the middle of traffic: close, SIGKILL, exec, detach */
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "proc.h"
#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF | F_EVENT_IDX)
#define GONE	5000	/* ms a dead owner's things may linger */

static const struct rig_cfg modern = { .features = MODERN, .num = 256 };

/* What a child tells its parent, in shared memory */
struct shared {
	char dev[IFNAMSIZ];
	volatile unsigned int rounds;
	volatile int helper;	/* pid of a child's child */
	volatile int result;
};

static struct shared *share(void)
{
	void *p = mmap(NULL, sizeof(struct shared), PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

/* Frames both ways, not waited for */
static void flood(struct rig *r, unsigned int n)
{
	uint8_t frame[1000];
	struct vdrv_used u;
	unsigned int i;

	frame_make(frame, sizeof(frame), 1, r->mac);
	rig_tx_reap(r);
	while (vdrv_reap(&r->q[VQ_RX].drv, &u) > 0)
		rig_put(r, VQ_RX, u.token);
	rig_rx_fill(r, n);
	rig_notify(r, VQ_RX);
	for (i = 0; i < n; i++) {
		rig_tx_add(r, frame, sizeof(frame));
		if (i % 8 == 7)
			rig_notify(r, VQ_TX);
		rig_host_send(r, frame, sizeof(frame));
	}
	rig_notify(r, VQ_TX);
	while (rig_host_recv(r, (uint8_t[1024]){ 0 }, 1024, 0) > 0)
		;
}

static bool wait_rounds(const struct shared *s, unsigned int n)
{
	unsigned int ms;

	for (ms = 0; ms < 20000; ms++) {
		if (s->rounds >= n)
			return true;
		usleep(1000);
	}
	return false;
}

static bool link_gone(const char *name, int ms)
{
	for (; if_nametoindex(name); ms--) {
		if (ms <= 0)
			return false;
		usleep(1000);
	}
	return true;
}

TEST(open_and_close)
{
	unsigned int i, n;

	for (i = 0; i < 100 * test_scale(); i++) {
		int fd = vh_open();

		ASSERT_LE(0, fd);
		if (i % 3)
			ASSERT_EQ(0, vh_owner(fd));
		close(fd);
	}
	EXPECT_TRUE(proc_workers_gone(getpid(), GONE));
	proc_worker_ms(getpid(), &n);
	EXPECT_EQ(0, n);
}

TEST(close_under_traffic)
{
	unsigned int i;

	for (i = 0; i < 15 * test_scale(); i++) {
		struct rig r;

		ASSERT_EQ(0, rig_up(&r, &modern));
		flood(&r, 100 + i);
		close(r.fd);
		r.fd = -1;
		/* the memory goes at once: nobody may write to it any more */
		guest_free(&r.g);
		EXPECT_TRUE(proc_workers_gone(getpid(), GONE));
		rig_close(&r);
		EXPECT_TRUE(link_gone(r.dev, GONE));
	}
}

/* Kicks into a closed device and calls out of it meet nobody */
TEST(eventfds_outlive_the_device)
{
	struct rig r;
	unsigned int i;

	ASSERT_EQ(0, rig_up(&r, &modern));
	ASSERT_TRUE(rig_ping(&r));
	close(r.fd);
	r.fd = -1;
	for (i = 0; i < 100; i++) {
		rig_kick(&r, VQ_TX);
		rig_kick(&r, VQ_RX);
	}
	rig_close(&r);
}

static int run_forever(void *arg)
{
	struct shared *s = arg;
	struct rig r;

	if (rig_up(&r, &modern))
		return 1;
	memcpy(s->dev, r.dev, IFNAMSIZ);
	for (;;) {
		flood(&r, 100);
		s->rounds++;
	}
}

TEST(sigkill_under_traffic)
{
	struct shared *s = share();
	unsigned int i;

	ASSERT_NE(NULL, s);
	for (i = 0; i < 8 * test_scale(); i++) {
		pid_t pid;

		memset(s, 0, sizeof(*s));
		pid = proc_start(run_forever, s);
		ASSERT_LT(0, pid);
		ASSERT_TRUE(wait_rounds(s, 2));
		usleep(i * 1500);
		EXPECT_TRUE(proc_kill(pid, GONE)) TH_LOG("round %u", i);
		EXPECT_TRUE(proc_workers_gone(pid, GONE));
		EXPECT_TRUE(link_gone(s->dev, GONE));
	}
}

/* Holds every file of a dead owner, kicks, and may not do anything else */
static int heir(struct rig *r, struct shared *s)
{
	pid_t owner = getppid();
	unsigned int i;
	uint64_t f;

	s->helper = getpid();
	while (getppid() == owner && s->result != 1) {
		rig_kick(r, VQ_TX);
		usleep(500);
	}
	for (i = 0; i < 300; i++) {
		rig_kick(r, VQ_TX);
		rig_kick(r, VQ_RX);
		if (i % 50 == 0)
			usleep(1000);
	}
	if (vh_num(r->fd, VQ_TX, 64) != EPERM ||
	    vh_backend(r->fd, VQ_TX, -1) != EPERM || vh_reset(r->fd) != EPERM)
		return 2;
	if (vh_get_features(r->fd, &f))
		return 3;
	return vh_owner(r->fd) == EBUSY ? 0 : 4;
}

static int owner_with_heir(void *arg)
{
	struct shared *s = arg;
	struct rig r;
	pid_t pid;

	if (rig_up(&r, &modern))
		return 1;
	memcpy(s->dev, r.dev, IFNAMSIZ);
	pid = fork();
	if (!pid) {
		s->result = 10 + heir(&r, s);
		_exit(0);
	}
	for (;;) {
		flood(&r, 50);
		s->rounds++;
	}
}

TEST(dead_owner_with_an_heir)
{
	struct shared *s = share();
	unsigned int i, ms;

	ASSERT_NE(NULL, s);
	for (i = 0; i < 4; i++) {
		pid_t pid;

		memset(s, 0, sizeof(*s));
		pid = proc_start(owner_with_heir, s);
		ASSERT_LT(0, pid);
		ASSERT_TRUE(wait_rounds(s, 2));
		for (ms = 0; !s->helper && ms < 3000; ms++)
			usleep(1000);
		EXPECT_TRUE(proc_kill(pid, GONE));
		for (ms = 0; s->result < 10 && ms < 10000; ms++)
			usleep(1000);
		EXPECT_EQ(10, s->result);
		EXPECT_TRUE(link_gone(s->dev, GONE));
		EXPECT_TRUE(proc_workers_gone(pid, GONE));
	}
}

struct swapper {
	int slot;		/* the fd number that changes its meaning */
	int choice[3];
	volatile bool stop;
};

static void *swap_files(void *arg)
{
	struct swapper *w = arg;
	unsigned int i;

	for (i = 0; !w->stop; i++)
		dup2(w->choice[i % 3], w->slot);
	return NULL;
}

/* CVE-2023-1838: the fd means another file between two looks at it */
TEST(fd_changes_during_set_backend)
{
	struct swapper w = { 0 };
	uint64_t end = now_ms() + 15000;
	unsigned int i, good = 0, bad = 0;
	pthread_t thread;
	struct rig r;
	int p[2];

	ASSERT_EQ(0, rig_open(&r, &modern));
	ASSERT_TRUE(rig_configure(&r));
	ASSERT_EQ(0, pipe(p));
	w.choice[0] = r.be;
	w.choice[1] = p[0];
	w.choice[2] = packet_open(r.dev, FRAME_PROTO, true);
	w.slot = dup(r.be);
	ASSERT_LE(0, w.choice[2]);
	ASSERT_LE(0, w.slot);
	ASSERT_EQ(0, pthread_create(&thread, NULL, swap_files, &w));
	for (i = 0; i < 2000 * test_scale() || !good || !bad; i++) {
		int err = vh_backend(r.fd, i & 1, w.slot);

		if (err)
			bad++;
		else
			good++;
		ASSERT_TRUE(!err || err == ENOTSOCK) TH_LOG("errno %d", err);
		if (now_ms() > end)
			break;
		if (i % 16 == 0)
			ASSERT_EQ(0, vh_backend(r.fd, i & 1, -1));
	}
	w.stop = true;
	pthread_join(thread, NULL);
	EXPECT_LT(0, good);
	EXPECT_LT(0, bad);
	EXPECT_EQ(0, vh_backend(r.fd, 0, -1));
	EXPECT_EQ(0, vh_backend(r.fd, 1, -1));
	ASSERT_TRUE(rig_attach(&r));
	EXPECT_TRUE(rig_ping(&r));
	rig_close(&r);
}

/* Every frame is sent and received once, however often the queues stop */
TEST(detach_and_attach_under_traffic)
{
	enum { EACH = 40 };
	unsigned int rounds = 30 * test_scale(), i, j;
	unsigned int sent = 0, used = 0, host = 0, got = 0;
	uint8_t frame[600], in[1024];
	struct rig_rx rx;
	struct rig r;

	ASSERT_EQ(0, rig_up(&r, &modern));
	frame_make(frame, sizeof(frame), 2, r.mac);
	ASSERT_EQ(200, rig_rx_fill(&r, 200));
	rig_notify(&r, VQ_RX);
	for (i = 0; i < rounds; i++) {
		uint64_t end = now_ms() + 5000;

		for (j = 0; j < EACH; j++) {
			ASSERT_TRUE(rig_tx_add(&r, frame, sizeof(frame)));
			ASSERT_TRUE(rig_host_send(&r, frame, sizeof(frame)));
			if (j % 4 == 0)
				rig_notify(&r, VQ_TX);
			if (j == i % EACH) {
				ASSERT_EQ(0, vh_backend(r.fd, VQ_TX, -1));
				ASSERT_EQ(0, vh_backend(r.fd, VQ_RX, -1));
				ASSERT_TRUE(rig_attach(&r));
			}
		}
		rig_notify(&r, VQ_TX);
		sent += EACH;
		while ((used < sent || host < sent || got < sent) &&
		       now_ms() < end) {
			int n = rig_tx_reap(&r);

			ASSERT_LE(0, n);
			used += n;
			while ((n = rig_host_recv(&r, in, sizeof(in), 0)) > 0) {
				ASSERT_TRUE(frame_same(in, n, frame,
						       sizeof(frame), "tx"));
				host++;
			}
			while (rig_rx_wait(&r, &rx, 0)) {
				ASSERT_TRUE(frame_same(rx.frame, rx.len, frame,
						       sizeof(frame), "rx"));
				rig_put(&r, VQ_RX, rx.buf);
				got++;
			}
			rig_rx_fill(&r, 256);
			rig_notify(&r, VQ_RX);
		}
		ASSERT_EQ(sent, used) TH_LOG("round %u", i);
		ASSERT_EQ(sent, host) TH_LOG("round %u", i);
		ASSERT_EQ(sent, got) TH_LOG("round %u", i);
	}
	rig_close(&r);
}

TEST(tap_deleted_under_traffic)
{
	char name[IFNAMSIZ];
	unsigned int i;

	for (i = 0; i < 5; i++) {
		struct rig r;

		ASSERT_EQ(0, rig_up(&r, &modern));
		flood(&r, 100);
		ASSERT_EQ(0, link_del(r.dev));
		flood(&r, 100);
		usleep(20000);
		ASSERT_TRUE(rig_stop(&r));
		/* a new tap, the same device */
		close(r.be);
		close(r.host);
		name[0] = 0;
		r.be = tap_open(name, 12, 0);
		ASSERT_LE(0, r.be);
		ASSERT_EQ(0, link_up(name, 1500));
		r.host = packet_open(name, FRAME_PROTO, false);
		ASSERT_LE(0, r.host);
		rig_renew(&r, 0);
		ASSERT_TRUE(rig_start(&r));
		EXPECT_TRUE(rig_ping(&r)) TH_LOG("round %u", i);
		rig_close(&r);
	}
}

/* Link down drops frames but not the device */
TEST(link_down_and_up)
{
	struct rig r;
	unsigned int i;

	ASSERT_EQ(0, rig_up(&r, &modern));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(rig_ping(&r));
		ASSERT_EQ(0, link_down(r.dev));
		flood(&r, 20);
		ASSERT_EQ(0, link_up(r.dev, 0));
		usleep(20000);
		rig_tx_reap(&r);
		ASSERT_TRUE(rig_stop(&r));
		rig_renew(&r, 0);
		while (rig_host_recv(&r, (uint8_t[1024]){ 0 }, 1024, 0) > 0)
			;
		/* nothing waits in the tap: it was down */
		ASSERT_TRUE(rig_start(&r));
	}
	rig_close(&r);
}

/* The half of exec_of_the_owner that runs after the exec */
static void __attribute__((constructor)) after_exec(void)
{
	const char *s = getenv("VHOST_TEST_EXEC_FD");
	uint64_t f;
	int fd;

	if (!s)
		return;
	fd = atoi(s);
	if (vh_get_features(fd, &f))
		_exit(2);
	if (vh_num(fd, 0, 64) != EPERM || vh_backend(fd, 0, -1) != EPERM)
		_exit(3);
	if (vh_owner(fd) != EBUSY)
		_exit(4);
	close(fd);
	_exit(42);
}

static int exec_self(void *arg)
{
	char *argv[] = { "life", NULL };
	struct rig *r = arg;
	char num[16];

	if (rig_up(r, &modern) || !rig_ping(r))
		return 1;
	flood(r, 100);
	fcntl(r->fd, F_SETFD, 0);
	snprintf(num, sizeof(num), "%d", r->fd);
	setenv("VHOST_TEST_EXEC_FD", num, 1);
	execv("/proc/self/exe", argv);
	return 5;
}

TEST(exec_of_the_owner)
{
	struct rig r;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		pid_t pid = proc_start(exec_self, &r);

		ASSERT_LT(0, pid);
		EXPECT_EQ(42, proc_wait(pid, 10000));
		EXPECT_TRUE(proc_workers_gone(pid, GONE));
	}
}

TEST_HARNESS_MAIN
