// SPDX-License-Identifier: GPL-2.0
/* NET_SET_BACKEND: which files are backends, when, and what a refusal leaves */
#include "check.h"

#include <fcntl.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)

FIXTURE(backend) {
	struct rig r;
	int fd;
};

FIXTURE_SETUP(backend)
{
	struct rig_cfg cfg = { .features = MODERN };

	ASSERT_EQ(0, rig_open(&self->r, &cfg));
	self->fd = self->r.fd;
}

FIXTURE_TEARDOWN(backend)
{
	rig_close(&self->r);
}

struct wrong {
	const char *what;
	int fd;
	int err;
};

#define WRONG_MAX 32

static unsigned int wrong_files(struct wrong *w, int self)
{
	unsigned int n = 0;
	int p[2] = { -1, -1 };

	if (pipe(p))
		return 0;
	w[n++] = (struct wrong){ "pipe, read end", p[0], ENOTSOCK };
	w[n++] = (struct wrong){ "pipe, write end", p[1], ENOTSOCK };
	w[n++] = (struct wrong){ "not open", 9999, ENOTSOCK };
	w[n++] = (struct wrong){ "-2", -2, ENOTSOCK };
	w[n++] = (struct wrong){ "INT_MIN", (int)0x80000000, ENOTSOCK };
	w[n++] = (struct wrong){ "INT_MAX", 0x7fffffff, ENOTSOCK };
	w[n++] = (struct wrong){ "/dev/null", open("/dev/null", O_RDWR),
				 ENOTSOCK };
	w[n++] = (struct wrong){ "directory", open("/", O_RDONLY), ENOTSOCK };
	w[n++] = (struct wrong){ "O_PATH", open("/dev/null", O_PATH),
				 ENOTSOCK };
	w[n++] = (struct wrong){ "memfd", memfd_create("x", 0), ENOTSOCK };
	w[n++] = (struct wrong){ "eventfd", efd_new(0), ENOTSOCK };
	w[n++] = (struct wrong){ "epoll", epoll_create1(0), ENOTSOCK };
	w[n++] = (struct wrong){ "the vhost file", self, ENOTSOCK };
	w[n++] = (struct wrong){ "AF_UNIX stream",
			socket(AF_UNIX, SOCK_STREAM, 0), ENOTSOCK };
	w[n++] = (struct wrong){ "AF_UNIX datagram",
			socket(AF_UNIX, SOCK_DGRAM, 0), ENOTSOCK };
	w[n++] = (struct wrong){ "TCP", socket(AF_INET, SOCK_STREAM, 0),
				 ENOTSOCK };
	w[n++] = (struct wrong){ "UDP", socket(AF_INET, SOCK_DGRAM, 0),
				 ENOTSOCK };
	w[n++] = (struct wrong){ "AF_INET raw",
			socket(AF_INET, SOCK_RAW, 255), ENOTSOCK };
	w[n++] = (struct wrong){ "AF_NETLINK",
			socket(AF_NETLINK, SOCK_RAW, 0), ENOTSOCK };
	w[n++] = (struct wrong){ "AF_PACKET datagram",
			socket(AF_PACKET, SOCK_DGRAM, 0), ENOTSOCK };
	w[n++] = (struct wrong){ "tun file without a device",
			open("/dev/net/tun", O_RDWR), EINVAL };
	return n;
}

static void close_wrong(struct wrong *w, unsigned int n, int self)
{
	while (n--)
		if (w[n].fd > 2 && w[n].fd != self && w[n].fd < 9999)
			close(w[n].fd);
}

TEST_F(backend, wrong_files)
{
	struct rig *r = &self->r;
	struct wrong w[WRONG_MAX];
	unsigned int n = wrong_files(w, self->fd), i, q;

	ASSERT_LT(20, n);
	ASSERT_TRUE(rig_configure(r));
	for (i = 0; i < n; i++) {
		ASSERT_NE(-1, w[i].fd) TH_LOG("%s", w[i].what);
		for (q = 0; q < VQ_COUNT; q++) {
			EXPECT_EQ(w[i].err, vh_backend(self->fd, q, w[i].fd))
				TH_LOG("%s", w[i].what);
			/* no backend came of it */
			EXPECT_EQ(0, vh_num(self->fd, q, r->cfg.num))
				TH_LOG("%s", w[i].what);
		}
	}
	close_wrong(w, n, self->fd);
	ASSERT_TRUE(rig_attach(r));
	EXPECT_TRUE(rig_ping(r));
}

TEST_F(backend, wrong_files_while_attached)
{
	struct rig *r = &self->r;
	struct wrong w[WRONG_MAX];
	unsigned int n = wrong_files(w, self->fd), i, q;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	for (i = 0; i < n; i++) {
		if (w[i].err == EINVAL)
			continue;	/* the test below */
		for (q = 0; q < VQ_COUNT; q++) {
			EXPECT_EQ(w[i].err, vh_backend(self->fd, q, w[i].fd))
				TH_LOG("%s", w[i].what);
			EXPECT_EQ(EBUSY, vh_num(self->fd, q, 256));
		}
	}
	EXPECT_TRUE(rig_ping(r));
	close_wrong(w, n, self->fd);
}

TEST_F(backend, dead_tun_while_attached)
{
	struct rig *r = &self->r;
	int tun = open("/dev/net/tun", O_RDWR);

	ASSERT_LE(0, tun);
	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	EXPECT_EQ(EINVAL, vh_backend(self->fd, VQ_TX, tun));
	EXPECT_EQ(EBUSY, vh_num(self->fd, VQ_TX, 256));
	EXPECT_TRUE(rig_ping(r));
	close(tun);
}

TEST_F(backend, needs_memory_and_rings)
{
	struct rig *r = &self->r;
	unsigned int q;

	for (q = 0; q < VQ_COUNT; q++)
		EXPECT_EQ(EFAULT, vh_backend(self->fd, q, r->be));
	/* an index is looked at before the memory */
	EXPECT_EQ(ENOBUFS, vh_backend(self->fd, 2, r->be));
	EXPECT_EQ(ENOBUFS, vh_backend(self->fd, 0xffffffff, -1));
	ASSERT_TRUE(rig_configure(r));
	EXPECT_EQ(ENOBUFS, vh_backend(self->fd, 2, r->be));
	/* no features at all is a legacy device */
	EXPECT_EQ(0, vh_features(self->fd, 0));
	EXPECT_EQ(0, vh_backend(self->fd, VQ_TX, r->be));
}

TEST_F(backend, detach_without_attach)
{
	struct rig *r = &self->r;
	unsigned int q, i;

	for (q = 0; q < VQ_COUNT; q++)
		EXPECT_EQ(EXPECT_DIFF(EFAULT, 0,
				      "a detach never fails, even before a memory table"),
			  vh_backend(self->fd, q, -1));
	ASSERT_TRUE(rig_configure(r));
	for (i = 0; i < 3; i++)
		for (q = 0; q < VQ_COUNT; q++)
			EXPECT_EQ(0, vh_backend(self->fd, q, -1));
	ASSERT_TRUE(rig_attach(r));
	EXPECT_TRUE(rig_ping(r));
}

TEST_F(backend, same_file_again_is_no_change)
{
	struct rig *r = &self->r;
	unsigned int i;

	ASSERT_TRUE(rig_start(r));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(rig_attach(r));
		ASSERT_TRUE(rig_ping(r));
	}
}

TEST_F(backend, replace_live)
{
	struct rig *r = &self->r;
	char name[IFNAMSIZ] = "";
	int other, host, old_be = r->be, old_host = r->host, i;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	other = tap_open(name, 12, 0);
	ASSERT_LE(0, other);
	ASSERT_EQ(0, link_up(name, 1500));
	host = packet_open(name, FRAME_PROTO, false);
	ASSERT_LE(0, host);
	for (i = 0; i < 6; i++) {
		r->be = i & 1 ? old_be : other;
		r->host = i & 1 ? old_host : host;
		ASSERT_TRUE(rig_attach(r)) TH_LOG("round %d", i);
		ASSERT_TRUE(rig_ping(r)) TH_LOG("round %d", i);
	}
	close(other);
	close(host);
}

TEST_F(backend, tap_closed_by_us_lives_on)
{
	struct rig *r = &self->r;

	ASSERT_TRUE(rig_start(r));
	close(r->be);
	r->be = -1;
	/* vhost holds the file: the device is there and works */
	EXPECT_TRUE(rig_ping(r));
	ASSERT_TRUE(rig_stop(r));
	EXPECT_EQ(0, if_nametoindex(r->dev));
}

TEST_F(backend, unbound_packet_socket)
{
	int s = socket(AF_PACKET, SOCK_RAW, 0);

	ASSERT_LE(0, s);
	ASSERT_TRUE(rig_configure(&self->r));
	EXPECT_EQ(0, vh_backend(self->fd, VQ_RX, s));
	EXPECT_EQ(0, vh_backend(self->fd, VQ_TX, s));
	close(s);
	EXPECT_EQ(0, vh_backend(self->fd, VQ_RX, -1));
	EXPECT_EQ(0, vh_backend(self->fd, VQ_TX, -1));
}

/* One direction alone is a legal configuration */
TEST_F(backend, one_queue_only)
{
	struct rig *r = &self->r;

	ASSERT_TRUE(rig_configure(r));
	ASSERT_EQ(0, vh_backend(self->fd, VQ_TX, r->be));
	EXPECT_TRUE(rig_ping_tx(r));
	ASSERT_EQ(0, vh_backend(self->fd, VQ_TX, -1));
	ASSERT_EQ(0, vh_backend(self->fd, VQ_RX, r->be));
	EXPECT_TRUE(rig_ping_rx(r));
}

/* Multiqueue: one vhost file for each queue pair of one tap */
TEST(multiqueue_tap)
{
	struct rig_cfg cfg = { .features = MODERN };
	struct rig r[2];
	char name[IFNAMSIZ];
	int tap[2], i;

	for (i = 0; i < 2; i++) {
		ASSERT_EQ(0, rig_open(&r[i], &cfg));
		close(r[i].be);
		close(r[i].host);
	}
	link_name(name, "vq");
	for (i = 0; i < 2; i++) {
		tap[i] = tap_open(name, 12, IFF_MULTI_QUEUE);
		ASSERT_LE(0, tap[i]);
		r[i].be = tap[i];
	}
	ASSERT_EQ(0, link_up(name, 1500));
	for (i = 0; i < 2; i++) {
		r[i].host = packet_open(name, FRAME_PROTO, false);
		ASSERT_LE(0, r[i].host);
		ASSERT_TRUE(rig_start(&r[i]));
	}
	for (i = 0; i < 10; i++) {
		ASSERT_TRUE(rig_ping_tx(&r[i & 1]));
		/* the other host socket saw the frame too */
		uint8_t b[256];

		ASSERT_LT(0, rig_host_recv(&r[!(i & 1)], b, sizeof(b), 2000));
	}
	for (i = 0; i < 2; i++)
		rig_close(&r[i]);
}

TEST_HARNESS_MAIN
