// SPDX-License-Identifier: GPL-2.0
/* Ring set-up ioctls: size, base, addresses, eventfds, busy loop, byte order */
#include "check.h"

#include <fcntl.h>
#include <sys/mman.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)

FIXTURE(vring) {
	struct rig r;
	int fd;
};

FIXTURE_SETUP(vring)
{
	struct rig_cfg cfg = { .features = MODERN, .num = 64 };

	ASSERT_EQ(0, rig_open(&self->r, &cfg));
	self->fd = self->r.fd;
}

FIXTURE_TEARDOWN(vring)
{
	rig_close(&self->r);
}

TEST_F(vring, index_and_pointer_of_each)
{
	static const struct {
		const unsigned long req;
		bool file;
	} t[] = {
		{ VHOST_SET_VRING_NUM, false },
		{ VHOST_SET_VRING_BASE, false },
		{ VHOST_GET_VRING_BASE, false },
		{ VHOST_SET_VRING_ADDR, false },
		{ VHOST_SET_VRING_KICK, true },
		{ VHOST_SET_VRING_CALL, true },
		{ VHOST_SET_VRING_ERR, true },
		{ VHOST_SET_VRING_BUSYLOOP_TIMEOUT, false },
		{ VHOST_GET_VRING_BUSYLOOP_TIMEOUT, false },
		{ VHOST_NET_SET_BACKEND, true },
	};
	static const unsigned int bad[] = { 2, 3, 255, 0x7fffffff, 0xffffffff };
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned int i, j;

	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, munmap(two + page, page));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		uint32_t arg[16] = { 0 };

		EXPECT_EQ(EFAULT, vh_ioctl(self->fd, t[i].req, NULL));
		/* the index is readable, the rest is not */
		EXPECT_EQ(EFAULT, vh_ioctl(self->fd, t[i].req,
					   two + page - 4))
			TH_LOG("%lx", t[i].req);
		if (t[i].file)
			arg[1] = -1;
		for (j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
			arg[0] = bad[j];
			EXPECT_EQ(ENOBUFS, vh_ioctl(self->fd, t[i].req, arg))
				TH_LOG("%lx index %u", t[i].req, bad[j]);
		}
	}
	munmap(two, page);
}

TEST_F(vring, num)
{
	static const unsigned int bad[] = {
		0, 3, 5, 255, 257, 32767, 32769, 65535, 65536, 0x10001,
		0x10100, 0x80000000, 0xffffffff,
	};
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		EXPECT_EQ(EINVAL, vh_num(self->fd, 0, bad[i]))
			TH_LOG("%u", bad[i]);
	for (i = 1; i <= 32768; i *= 2)
		EXPECT_EQ(0, vh_num(self->fd, 1, i)) TH_LOG("%u", i);
}

TEST_F(vring, base)
{
	unsigned int b;

	EXPECT_EQ(EINVAL, vh_base(self->fd, 0, 0x10000));
	EXPECT_EQ(EINVAL, vh_base(self->fd, 0, 0xffffffff));
	EXPECT_EQ(EINVAL, vh_base(self->fd, 0, 0x80008000));
	EXPECT_EQ(0, vh_base(self->fd, 0, 0xffff));
	EXPECT_EQ(0, vh_base(self->fd, 1, 0x1234));
	EXPECT_EQ(0, vh_get_base(self->fd, 0, &b));
	EXPECT_EQ(0xffff, b);
	EXPECT_EQ(EINVAL, vh_base(self->fd, 0, 0x10000));
	EXPECT_EQ(0, vh_get_base(self->fd, 0, &b));
	EXPECT_EQ(0xffff, b);
	EXPECT_EQ(0, vh_get_base(self->fd, 1, &b));
	EXPECT_EQ(0x1234, b);
}

TEST_F(vring, addr_flags_and_alignment)
{
	const struct vhost_vring_addr good = {
		.desc_user_addr = 0x10000, .avail_user_addr = 0x20000,
		.used_user_addr = 0x30000, .log_guest_addr = 0x40000,
	};
	struct vhost_vring_addr a;
	unsigned int i;

	EXPECT_EQ(0, vh_addr_raw(self->fd, &good));
	for (i = 1; i < 32; i++) {
		a = good;
		a.flags = 1u << i;
		EXPECT_EQ(EOPNOTSUPP, vh_addr_raw(self->fd, &a))
			TH_LOG("flag %u", i);
	}
	for (i = 1; i < 16; i++) {
		a = good;
		a.avail_user_addr += i;
		EXPECT_EQ(i % 2 ? EINVAL : 0, vh_addr_raw(self->fd, &a))
			TH_LOG("avail + %u", i);
		a = good;
		a.used_user_addr += i;
		EXPECT_EQ(i % 4 ? EINVAL : 0, vh_addr_raw(self->fd, &a))
			TH_LOG("used + %u", i);
		a = good;
		a.log_guest_addr += i;
		EXPECT_EQ(i % 4 ? EINVAL : 0, vh_addr_raw(self->fd, &a))
			TH_LOG("log + %u", i);
		a = good;
		a.desc_user_addr += i;
		EXPECT_EQ(EXPECT_DIFF(0, EINVAL,
				      "a descriptor table has to be 16-aligned"),
			  vh_addr_raw(self->fd, &a))
			TH_LOG("desc + %u", i);
	}
}

/* Addresses are looked at when the queue starts, and from then on */
TEST_F(vring, addr_out_of_reach)
{
	struct rig *r = &self->r;
	struct vdrv *d = &r->q[VQ_TX].drv;
	struct vhost_vring_addr good = {
		.index = VQ_TX,
		.desc_user_addr = user_addr(d->part[VDRV_DESC]),
		.avail_user_addr = user_addr(d->part[VDRV_AVAIL]),
		.used_user_addr = user_addr(d->part[VDRV_USED]),
	};
	const uint64_t kernel = 0xffff888000000000;
	struct vhost_vring_addr bad[3] = { good, good, good };
	unsigned int i;

	bad[0].desc_user_addr = kernel;
	bad[1].avail_user_addr = kernel;
	bad[2].used_user_addr = kernel;

	ASSERT_TRUE(rig_configure(r));
	for (i = 0; i < 3; i++) {
		EXPECT_EQ(0, vh_addr_raw(self->fd, &bad[i]));
		EXPECT_EQ(EFAULT, vh_backend(self->fd, VQ_TX, r->be));
	}
	EXPECT_EQ(0, vh_addr_raw(self->fd, &good));
	ASSERT_TRUE(rig_attach(r));
	ASSERT_TRUE(rig_ping(r));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(EINVAL, vh_addr_raw(self->fd, &bad[i]))
			TH_LOG("part %u", i);
	EXPECT_EQ(0, vh_addr_raw(self->fd, &good));
	EXPECT_TRUE(rig_ping(r));
}

/* A used ring that cannot be written is found at the attach */
TEST_F(vring, used_ring_unmapped_or_read_only)
{
	struct rig *r = &self->r;
	long page = sysconf(_SC_PAGESIZE);
	void *ro = mmap(NULL, page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	struct vdrv *d = &r->q[VQ_TX].drv;

	ASSERT_NE(MAP_FAILED, ro);
	ASSERT_TRUE(rig_configure(r));
	ASSERT_EQ(0, vh_addr(self->fd, VQ_TX, d->part[VDRV_DESC],
			     d->part[VDRV_AVAIL], ro));
	EXPECT_EQ(EFAULT, vh_backend(self->fd, VQ_TX, r->be));
	ASSERT_EQ(0, munmap(ro, page));
	EXPECT_EQ(EFAULT, vh_backend(self->fd, VQ_TX, r->be));
	/* still detached, and good addresses still do */
	EXPECT_EQ(0, vh_num(self->fd, VQ_TX, r->cfg.num));
	ASSERT_EQ(0, vh_ring(self->fd, VQ_TX, d));
	ASSERT_TRUE(rig_attach(r));
	EXPECT_TRUE(rig_ping(r));
}

TEST_F(vring, attached_queue_refuses_num_and_base)
{
	struct rig *r = &self->r;
	unsigned int q, b;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	for (q = 0; q < VQ_COUNT; q++) {
		EXPECT_EQ(EBUSY, vh_num(self->fd, q, 64));
		EXPECT_EQ(EBUSY, vh_num(self->fd, q, 0));
		EXPECT_EQ(EBUSY, vh_base(self->fd, q, 0));
		EXPECT_EQ(EBUSY, vh_base(self->fd, q, 0x10000));
		/* reading the base of a live queue is allowed */
		EXPECT_EQ(0, vh_get_base(self->fd, q, &b));
		EXPECT_EQ(1, b);
	}
	EXPECT_TRUE(rig_ping(r));
	EXPECT_EQ(0, vh_get_base(self->fd, VQ_TX, &b));
	EXPECT_EQ(2, b);
}

TEST_F(vring, base_follows_what_was_consumed)
{
	struct rig *r = &self->r;
	unsigned int b, i;

	ASSERT_TRUE(rig_start(r));
	for (i = 1; i < 100; i++)
		ASSERT_TRUE(rig_ping_tx(r));
	ASSERT_TRUE(rig_stop(r));
	ASSERT_EQ(0, vh_get_base(self->fd, VQ_TX, &b));
	EXPECT_EQ(99, b);
	ASSERT_EQ(0, vh_get_base(self->fd, VQ_RX, &b));
	EXPECT_EQ(0, b);
	/* posted but unused buffers are not consumed */
	ASSERT_TRUE(rig_attach(r));
	EXPECT_EQ(5, rig_rx_fill(r, 5));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(rig_ping_rx(r));
	ASSERT_EQ(0, vh_backend(self->fd, VQ_RX, -1));
	ASSERT_EQ(0, vh_get_base(self->fd, VQ_RX, &b));
	EXPECT_EQ(1, b);
}

TEST_F(vring, event_files)
{
	static int (*const set[])(int, unsigned int, int) = {
		vh_kick, vh_call, vh_err
	};
	int p[2], null = open("/dev/null", O_RDWR);
	int efd = efd_new(0);
	unsigned int i, q;

	ASSERT_EQ(0, pipe(p));
	for (i = 0; i < 3; i++) {
		for (q = 0; q < VQ_COUNT; q++) {
			EXPECT_EQ(EBADF, set[i](self->fd, q, 9999));
			EXPECT_EQ(EBADF, set[i](self->fd, q, -2));
			EXPECT_EQ(EBADF, set[i](self->fd, q, 0x7fffffff));
			EXPECT_EQ(EINVAL, set[i](self->fd, q, p[0]));
			EXPECT_EQ(EINVAL, set[i](self->fd, q, null));
			EXPECT_EQ(EINVAL, set[i](self->fd, q, self->fd));
			EXPECT_EQ(0, set[i](self->fd, q, efd));
			EXPECT_EQ(0, set[i](self->fd, q, efd));
			EXPECT_EQ(0, set[i](self->fd, q, -1));
			EXPECT_EQ(0, set[i](self->fd, q, -1));
		}
	}
	close(p[0]);
	close(p[1]);
	close(null);
	close(efd);
}

/* After a refusal the old eventfds are still in their places */
TEST_F(vring, refused_event_file_changes_nothing)
{
	struct rig *r = &self->r;
	unsigned int q;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	for (q = 0; q < VQ_COUNT; q++) {
		EXPECT_EQ(EBADF, vh_kick(self->fd, q, 9999));
		EXPECT_EQ(EBADF, vh_call(self->fd, q, 9999));
		EXPECT_EQ(EBADF, vh_err(self->fd, q, 9999));
		efd_take(r->q[q].call);
	}
	EXPECT_TRUE(rig_ping(r));
	EXPECT_TRUE(efd_wait(r->q[VQ_TX].call, 2000));
	EXPECT_TRUE(efd_wait(r->q[VQ_RX].call, 2000));
}

/* QEMU swaps the call eventfd on every mask and unmask, under traffic */
TEST_F(vring, swap_call_and_kick_live)
{
	struct rig *r = &self->r;
	int other = efd_new(0), kick = efd_new(0), i;
	int old = r->q[VQ_TX].kick;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping_tx(r));
	for (i = 0; i < 20; i++) {
		int now = i & 1 ? r->q[VQ_TX].call : other;
		int not = i & 1 ? other : r->q[VQ_TX].call;

		ASSERT_EQ(0, vh_call(self->fd, VQ_TX, now));
		efd_take(now);
		efd_take(not);
		ASSERT_TRUE(rig_ping_tx(r));
		EXPECT_TRUE(efd_wait(now, 2000)) TH_LOG("swap %d", i);
		EXPECT_FALSE(efd_wait(not, 0)) TH_LOG("swap %d", i);
	}
	ASSERT_EQ(0, vh_call(self->fd, VQ_TX, -1));
	EXPECT_TRUE(rig_ping_tx(r));

	ASSERT_EQ(0, vh_kick(self->fd, VQ_TX, kick));
	r->q[VQ_TX].kick = kick;
	EXPECT_TRUE(rig_ping_tx(r));
	r->q[VQ_TX].kick = old;
	close(kick);
	close(other);
}

TEST_F(vring, busyloop)
{
	static const unsigned int v[] = { 0, 1, 50, 0x7fffffff, 0xffffffff };
	struct vhost_vring_state s;
	unsigned int i, q;

	for (q = 0; q < VQ_COUNT; q++) {
		for (i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
			s = (struct vhost_vring_state){ q, v[i] };
			EXPECT_EQ(0, vh_ioctl(self->fd,
					VHOST_SET_VRING_BUSYLOOP_TIMEOUT, &s));
			s.num = 77;
			EXPECT_EQ(0, vh_ioctl(self->fd,
					VHOST_GET_VRING_BUSYLOOP_TIMEOUT, &s));
			EXPECT_EQ(v[i], s.num);
		}
		s = (struct vhost_vring_state){ q, 50 };
		EXPECT_EQ(0, vh_ioctl(self->fd,
				      VHOST_SET_VRING_BUSYLOOP_TIMEOUT, &s));
	}
	ASSERT_TRUE(rig_start(&self->r));
	for (i = 0; i < 20; i++)
		ASSERT_TRUE(rig_ping(&self->r));
}

/* Debian has no cross-endian legacy support, and neither have we */
TEST_F(vring, byte_order_is_not_supported)
{
	struct vhost_vring_state s = { 0, 1 };

	EXPECT_EQ(ENOTTY, vh_ioctl(self->fd, VHOST_SET_VRING_ENDIAN, &s));
	EXPECT_EQ(ENOTTY, vh_ioctl(self->fd, VHOST_GET_VRING_ENDIAN, &s));
}

TEST(every_ring_size_moves_frames)
{
	unsigned int num;

	for (num = 1; num <= 32768; num *= num < 8 ? 2 : 16) {
		struct rig_cfg cfg = { .features = MODERN, .num = num,
				       .mem = 16 << 20, .buf = 512 };
		struct rig r;
		unsigned int i;

		if (num > 1000)
			cfg.buf = 64 + 160 + 12;
		ASSERT_EQ(0, rig_up(&r, &cfg)) TH_LOG("size %u", num);
		for (i = 0; i < 10; i++)
			ASSERT_TRUE(rig_ping(&r)) TH_LOG("size %u", num);
		rig_close(&r);
	}
}

TEST_HARNESS_MAIN
