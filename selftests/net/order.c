// SPDX-License-Identifier: GPL-2.0
/* The orders in which real clients set a device up, stop and restart it */
#include "check.h"

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)

FIXTURE(order) {
	struct rig r;
	int fd;
};

FIXTURE_SETUP(order)
{
	struct rig_cfg cfg = { .features = MODERN };

	ASSERT_EQ(0, rig_open(&self->r, &cfg));
	self->fd = self->r.fd;
}

FIXTURE_TEARDOWN(order)
{
	rig_close(&self->r);
}

static bool one_queue(struct rig *r, unsigned int q, unsigned int base)
{
	return !vh_num(r->fd, q, r->cfg.num) && !vh_base(r->fd, q, base) &&
	       !vh_ring(r->fd, q, &r->q[q].drv);
}

/* QEMU: start, stop, start again on one file, indices handed over */
TEST_F(order, qemu_stop_and_cont)
{
	struct rig *r = &self->r;
	unsigned int i, j, q, base;

	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(rig_start(r));
		for (j = 0; j < 7; j++)
			ASSERT_TRUE(rig_ping(r)) TH_LOG("round %u", i);
		ASSERT_TRUE(rig_stop(r));
		for (q = 0; q < VQ_COUNT; q++) {
			ASSERT_EQ(0, vh_get_base(self->fd, q, &base));
			EXPECT_EQ((i + 1) * 7, base);
		}
	}
}

/* kvmtool: features come last, when the queues are attached but unused */
TEST_F(order, kvmtool)
{
	struct rig *r = &self->r;
	unsigned int q, i;
	uint64_t f;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, vh_mem_guest(self->fd, &r->g));
		ASSERT_EQ(0, vh_get_features(self->fd, &f));
		for (q = 0; q < VQ_COUNT; q++) {
			ASSERT_TRUE(one_queue(r, q, 0));
			ASSERT_EQ(0, vh_call(self->fd, q, r->q[q].call));
			ASSERT_EQ(0, vh_backend(self->fd, q, r->be));
		}
		ASSERT_EQ(0, vh_features(self->fd, MODERN));
		for (q = 0; q < VQ_COUNT; q++)
			ASSERT_EQ(0, vh_kick(self->fd, q, r->q[q].kick));
		for (q = 0; q < 5; q++)
			ASSERT_TRUE(rig_ping(r)) TH_LOG("round %u", i);
		ASSERT_EQ(0, vh_reset(self->fd));
		ASSERT_EQ(0, vh_owner(self->fd));
		rig_renew(r, 0);
	}
}

/* DPDK: guest addresses are its own; memory hot-add without new bases */
TEST_F(order, dpdk)
{
	struct rig *r = &self->r;
	struct vh_region v[2];
	unsigned int q, i;

	r->g.base = user_addr(r->g.mem);
	v[0] = (struct vh_region){ r->g.base, r->g.size, r->g.base };
	/* a reserved range with no memory behind it is none of vhost's business */
	v[1] = (struct vh_region){ r->g.base + (1ull << 36), 1ull << 32,
				   r->g.base + (1ull << 36) };
	for (q = 0; q < VQ_COUNT; q++)
		ASSERT_EQ(0, vh_call(self->fd, q, r->q[q].call));
	ASSERT_EQ(0, vh_features(self->fd, MODERN));
	ASSERT_EQ(0, vh_mem(self->fd, v, 1));
	for (q = 0; q < VQ_COUNT; q++) {
		ASSERT_TRUE(one_queue(r, q, 0));
		ASSERT_EQ(0, vh_kick(self->fd, q, r->q[q].kick));
	}
	ASSERT_TRUE(rig_attach(r));
	ASSERT_TRUE(rig_ping(r));

	/* some buffers stay with the device over the change */
	EXPECT_EQ(20, rig_rx_fill(r, 20));
	rig_notify(r, VQ_RX);
	for (i = 0; i < 10; i++) {
		ASSERT_TRUE(rig_ping(r));
		for (q = 0; q < VQ_COUNT; q++)
			ASSERT_EQ(0, vh_backend(self->fd, q, -1));
		ASSERT_EQ(0, vh_mem(self->fd, v, 1 + (i & 1)));
		ASSERT_TRUE(rig_attach(r));
		ASSERT_TRUE(rig_ping(r)) TH_LOG("round %u", i);
	}
}

/* RING_RESET: one queue goes and comes back, the other never stops */
TEST_F(order, reset_one_queue)
{
	struct rig *r = &self->r;
	unsigned int i, q;

	ASSERT_TRUE(rig_start(r));
	for (i = 0; i < 10; i++) {
		struct vdrv *d;

		q = i & 1;
		d = &r->q[q].drv;
		ASSERT_TRUE(rig_ping(r)) TH_LOG("round %u", i);
		ASSERT_EQ(0, vh_backend(self->fd, q, -1));
		ASSERT_TRUE(q == VQ_TX ? rig_ping_rx(r) : rig_ping_tx(r));
		ASSERT_EQ(0, d->outstanding);
		vdrv_reset(d, 0);
		ASSERT_TRUE(one_queue(r, q, 0));
		ASSERT_EQ(0, vh_kick(self->fd, q, r->q[q].kick));
		ASSERT_EQ(0, vh_backend(self->fd, q, r->be));
		ASSERT_TRUE(rig_ping(r)) TH_LOG("round %u", i);
	}
}

/* Chains published before the attach are served without another kick */
TEST_F(order, attach_looks_at_the_ring)
{
	struct rig *r = &self->r;
	uint8_t frame[64], in[128];
	struct rig_rx rx;
	unsigned int i;

	ASSERT_TRUE(rig_configure(r));
	for (i = 0; i < VQ_COUNT; i++)
		efd_take(r->q[i].kick);
	frame_make(frame, sizeof(frame), 1, r->mac);
	for (i = 0; i < 3; i++)
		ASSERT_TRUE(rig_tx_add(r, frame, sizeof(frame)));
	vdrv_publish(&r->q[VQ_TX].drv);
	EXPECT_EQ(4, rig_rx_fill(r, 4));
	vdrv_publish(&r->q[VQ_RX].drv);
	ASSERT_TRUE(rig_attach(r));
	EXPECT_TRUE(rig_tx_wait(r, 3, 3000));
	for (i = 0; i < 3; i++)
		EXPECT_EQ(64, rig_host_recv(r, in, sizeof(in), 3000));
	ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	EXPECT_TRUE(rig_rx_wait(r, &rx, 3000));
}

/* Frames that came while the queue was detached are not lost */
TEST_F(order, frames_wait_for_the_attach)
{
	struct rig *r = &self->r;
	uint8_t frame[64];
	struct rig_rx rx;
	unsigned int i;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	EXPECT_EQ(8, rig_rx_fill(r, 8));
	rig_notify(r, VQ_RX);
	ASSERT_EQ(0, vh_backend(self->fd, VQ_RX, -1));
	for (i = 0; i < 5; i++) {
		frame_make(frame, sizeof(frame), i, r->mac);
		ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	}
	usleep(50000);
	EXPECT_FALSE(rig_rx_wait(r, &rx, 0));
	ASSERT_EQ(0, vh_backend(self->fd, VQ_RX, r->be));
	for (i = 0; i < 5; i++) {
		ASSERT_TRUE(rig_rx_wait(r, &rx, 3000)) TH_LOG("frame %u", i);
		frame_make(frame, sizeof(frame), i, r->mac);
		EXPECT_TRUE(frame_same(rx.frame, rx.len, frame, sizeof(frame),
				       "waited"));
	}
}

/* Everything works without a call and without an error eventfd */
TEST_F(order, polling_driver)
{
	struct rig *r = &self->r;
	unsigned int q, i;

	ASSERT_TRUE(rig_configure(r));
	for (q = 0; q < VQ_COUNT; q++) {
		ASSERT_EQ(0, vh_call(self->fd, q, -1));
		ASSERT_EQ(0, vh_err(self->fd, q, -1));
	}
	ASSERT_TRUE(rig_attach(r));
	for (i = 0; i < 20; i++)
		ASSERT_TRUE(rig_ping(r));
}

TEST_HARNESS_MAIN
