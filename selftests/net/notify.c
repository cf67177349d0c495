// SPDX-License-Identifier: GPL-2.0
/*
 * Calls and kicks, counted. A device that always signals fails here, and so
 * does one that never does; likewise for one that always or never wants kicks.
 */
#include "check.h"

#include <sched.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)
#define QUIET	100	/* ms in which nothing may happen */

FIXTURE(notify) {
	struct rig r;
	struct rig_q *tx, *rx;
	uint8_t frame[60];
};

FIXTURE_VARIANT(notify) {
	uint64_t features;
};

FIXTURE_VARIANT_ADD(notify, flags) { .features = MODERN };
FIXTURE_VARIANT_ADD(notify, event_idx) { .features = MODERN | F_EVENT_IDX };
FIXTURE_VARIANT_ADD(notify, on_empty) { .features = MODERN | F_ON_EMPTY };
FIXTURE_VARIANT_ADD(notify, on_empty_event_idx) {
	.features = MODERN | F_ON_EMPTY | F_EVENT_IDX,
};

#define HAS(f) (variant->features & (f))

FIXTURE_SETUP(notify)
{
	struct rig_cfg cfg = { .features = variant->features,
			       .mem = 64 << 20 };

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
	self->tx = &self->r.q[VQ_TX];
	self->rx = &self->r.q[VQ_RX];
	frame_make(self->frame, sizeof(self->frame), 1, self->r.mac);
	/* the first signal after a start is always given: have it behind us */
	ASSERT_TRUE(rig_ping(&self->r));
	efd_wait(self->tx->call, 1000);
	efd_wait(self->rx->call, 1000);
	efd_take(self->tx->call);
	efd_take(self->rx->call);
}

FIXTURE_TEARDOWN(notify)
{
	rig_close(&self->r);
}

static bool add(FIXTURE_DATA(notify) *self, unsigned int n)
{
	while (n--)
		if (!rig_tx_add(&self->r, self->frame, sizeof(self->frame)))
			return false;
	return true;
}

static bool transmit(FIXTURE_DATA(notify) *self, unsigned int n)
{
	if (!add(self, n))
		return false;
	rig_notify(&self->r, VQ_TX);
	return rig_tx_wait(&self->r, n, 5000);
}

static uint64_t calls(const struct rig_q *q)
{
	usleep(QUIET * 1000 / 2);
	return efd_take(q->call);
}

TEST_F(notify, a_call_for_each_frame_when_asked)
{
	unsigned int i;

	for (i = 0; i < 50; i++) {
		vdrv_call_on(&self->tx->drv);
		ASSERT_TRUE(transmit(self, 1));
		ASSERT_TRUE(efd_wait(self->tx->call, 2000)) TH_LOG("%u", i);
		EXPECT_EQ(1, efd_take(self->tx->call)) TH_LOG("%u", i);
	}
	EXPECT_EQ(0, calls(self->tx));
}

TEST_F(notify, no_call_when_not_asked)
{
	unsigned int i;

	vdrv_call_off(&self->tx->drv);
	vdrv_call_off(&self->rx->drv);
	for (i = 0; i < 50; i++) {
		ASSERT_TRUE(transmit(self, 1));
		ASSERT_TRUE(rig_ping_rx(&self->r));
	}
	if (HAS(F_ON_EMPTY)) {
		/* an empty avail ring overrides what the driver asked for */
		EXPECT_EQ(50, calls(self->tx));
		EXPECT_EQ(50, calls(self->rx));
	} else {
		EXPECT_EQ(0, calls(self->tx));
		EXPECT_EQ(0, calls(self->rx));
	}
}

/* Many chains complete: at least one call, at most one for each batch */
TEST_F(notify, calls_are_batched)
{
	uint64_t n;

	vdrv_call_on(&self->tx->drv);
	ASSERT_TRUE(transmit(self, 100));
	n = calls(self->tx);
	EXPECT_LE(1, n);
	if (HAS(F_EVENT_IDX) && !HAS(F_ON_EMPTY)) {
		EXPECT_EQ(1, n);	/* the event index did not move */
	} else {
		EXPECT_GE(10, n);
	}
}

TEST_F(notify, event_index_is_exact)
{
	static const unsigned int ahead[] = { 0, 1, 2, 7, 30, 63, 64, 65, 99 };
	unsigned int i, j;

	if (!HAS(F_EVENT_IDX) || HAS(F_ON_EMPTY))
		SKIP(return, "needs the event index, and it alone");
	for (i = 0; i < sizeof(ahead) / sizeof(ahead[0]); i++) {
		vdrv_call_after(&self->tx->drv, ahead[i]);
		for (j = 0; j < ahead[i]; j++)
			ASSERT_TRUE(transmit(self, 1));
		EXPECT_EQ(0, calls(self->tx)) TH_LOG("ahead %u", ahead[i]);
		ASSERT_TRUE(transmit(self, 1));
		EXPECT_TRUE(efd_wait(self->tx->call, 2000))
			TH_LOG("ahead %u", ahead[i]);
		for (j = 0; j < 5; j++)
			ASSERT_TRUE(transmit(self, 1));
		EXPECT_EQ(1, calls(self->tx)) TH_LOG("ahead %u", ahead[i]);
	}
	/* in the middle of one big batch too */
	vdrv_call_after(&self->tx->drv, 50);
	ASSERT_TRUE(transmit(self, 100));
	EXPECT_EQ(1, calls(self->tx));
	vdrv_call_after(&self->tx->drv, 100);
	ASSERT_TRUE(transmit(self, 100));
	EXPECT_EQ(0, calls(self->tx));
}

TEST_F(notify, receive_calls)
{
	unsigned int i;

	EXPECT_EQ(100, rig_rx_fill(&self->r, 100));
	rig_notify(&self->r, VQ_RX);
	for (i = 0; i < 20; i++) {
		struct rig_rx rx;

		vdrv_call_on(&self->rx->drv);
		ASSERT_TRUE(rig_host_send(&self->r, self->frame, 60));
		ASSERT_TRUE(efd_wait(self->rx->call, 2000)) TH_LOG("%u", i);
		ASSERT_TRUE(rig_rx_wait(&self->r, &rx, 2000));
		EXPECT_EQ(1, efd_take(self->rx->call));
	}
	/* buffers remain, so that "on empty" has no say */
	vdrv_call_off(&self->rx->drv);
	for (i = 0; i < 20; i++) {
		struct rig_rx rx;

		ASSERT_TRUE(rig_host_send(&self->r, self->frame, 60));
		ASSERT_TRUE(rig_rx_wait(&self->r, &rx, 2000));
	}
	EXPECT_EQ(0, calls(self->rx));
}

/* An idle device wants to be kicked, and does nothing before */
TEST_F(notify, idle_device_needs_the_kick)
{
	unsigned int i;

	for (i = 0; i < 3; i++) {
		usleep(QUIET * 1000);
		EXPECT_TRUE(vdrv_wants_kick(&self->tx->drv));
		ASSERT_TRUE(add(self, 1));
		ASSERT_TRUE(vdrv_publish(&self->tx->drv));
		usleep(QUIET * 1000);
		EXPECT_EQ(0, rig_tx_reap(&self->r));
		rig_kick(&self->r, VQ_TX);
		EXPECT_TRUE(rig_tx_wait(&self->r, 1, 3000));
	}
}

/* Kick only when asked to: nothing may ever get stuck */
TEST_F_TIMEOUT(notify, kicks_on_demand_never_stall, 60)
{
	unsigned int n = 3000 * test_scale(), i;

	for (i = 0; i < n; i++) {
		while (!add(self, 1)) {
			uint64_t end = now_ms() + 5000;
			int got;

			while (!(got = rig_tx_reap(&self->r))) {
				ASSERT_GT(end, now_ms()) TH_LOG("at %u", i);
				usleep(100);
			}
			ASSERT_LT(0, got);
		}
		rig_notify(&self->r, VQ_TX);
		if (i % 61 == 0)
			usleep(300);	/* let it go idle now and then */
	}
	while (self->tx->drv.outstanding) {
		ASSERT_TRUE(rig_tx_wait(&self->r,
					self->tx->drv.outstanding, 5000));
	}
	EXPECT_LE(2, self->tx->drv.kicks_wanted);
}

/* A device at work says that it needs no kicks */
TEST_F(notify, busy_device_needs_none)
{
	enum { BIG = 60000, BURST = 120 };
	struct rig *r = &self->r;
	uint8_t *mem = guest_alloc(&r->g, BIG, 64);
	struct vdrv_seg seg = { guest_addr(&r->g, mem), BIG };
	struct vdrv_chain c = { .seg = &seg, .out = 1 };
	unsigned int i, wanted = 0;

	if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
		SKIP(return, "needs a second processor to watch from");
	ASSERT_NE(NULL, mem);
	for (i = 0; i < BURST; i++)
		ASSERT_LE(0, vdrv_add(&self->tx->drv, &c));
	ASSERT_TRUE(vdrv_publish(&self->tx->drv));
	rig_kick(r, VQ_TX);
	/* it has begun once the first is used */
	while (*(volatile uint16_t *)((uint16_t *)
	       self->tx->drv.part[VDRV_USED] + 1) ==
	       self->tx->drv.used_idx)
		sched_yield();
	for (i = 0; i < 20; i++) {
		ASSERT_LE(0, vdrv_add(&self->tx->drv, &c));
		wanted += vdrv_publish(&self->tx->drv);
	}
	EXPECT_GT(5, wanted);
	rig_kick(r, VQ_TX);
	EXPECT_TRUE(rig_tx_wait(r, BURST + 20, 10000));
	usleep(QUIET * 1000);
	EXPECT_TRUE(vdrv_wants_kick(&self->tx->drv));
}

/* Receive: out of buffers wants a kick, and the kick moves the waiting frame */
TEST_F(notify, receive_waits_for_buffers)
{
	struct rig_rx rx;
	unsigned int i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, self->rx->drv.outstanding);
		ASSERT_TRUE(rig_host_send(&self->r, self->frame, 60));
		usleep(QUIET * 1000);
		EXPECT_TRUE(vdrv_wants_kick(&self->rx->drv));
		ASSERT_EQ(1, rig_rx_fill(&self->r, 1));
		ASSERT_TRUE(vdrv_publish(&self->rx->drv));
		rig_kick(&self->r, VQ_RX);
		ASSERT_TRUE(rig_rx_wait(&self->r, &rx, 3000)) TH_LOG("%u", i);
		rig_put(&self->r, VQ_RX, rx.buf);
	}
}

/* Kicks without chains are harmless and cause no calls */
TEST_F(notify, spurious_kicks)
{
	unsigned int i;

	for (i = 0; i < 200; i++) {
		rig_kick(&self->r, VQ_TX);
		rig_kick(&self->r, VQ_RX);
	}
	EXPECT_EQ(0, calls(self->tx));
	EXPECT_EQ(0, calls(self->rx));
	EXPECT_TRUE(rig_ping(&self->r));
}

TEST_HARNESS_MAIN
