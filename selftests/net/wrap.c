// SPDX-License-Identifier: GPL-2.0
/* Ring indices past 2^16, from bases near it and by going all the way */
#include "check.h"

#include "rig.h"

FIXTURE(wrap) {
	struct rig r;
};

FIXTURE_VARIANT(wrap) {
	uint64_t features;
	unsigned int num;
};

FIXTURE_VARIANT_ADD(wrap, flags_256) {
	.features = F_VERSION_1 | F_MRG_RXBUF, .num = 256,
};

FIXTURE_VARIANT_ADD(wrap, event_idx_256) {
	.features = F_VERSION_1 | F_MRG_RXBUF | F_EVENT_IDX, .num = 256,
};

FIXTURE_VARIANT_ADD(wrap, event_idx_2) {
	.features = F_VERSION_1 | F_EVENT_IDX, .num = 2,
};

FIXTURE_VARIANT_ADD(wrap, event_idx_32768) {
	.features = F_VERSION_1 | F_MRG_RXBUF | F_EVENT_IDX, .num = 32768,
};

FIXTURE_SETUP(wrap)
{
	struct rig_cfg cfg = {
		.features = variant->features, .num = variant->num,
		.buf = 256, .mem = 32 << 20, .base = 0xfff0,
	};

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
}

FIXTURE_TEARDOWN(wrap)
{
	rig_close(&self->r);
}

TEST_F(wrap, base_near_the_end)
{
	struct rig *r = &self->r;
	unsigned int i, b;

	for (i = 0; i < 40; i++)
		ASSERT_TRUE(rig_ping(r)) TH_LOG("frame %u", i);
	ASSERT_TRUE(rig_stop(r));
	ASSERT_EQ(0, vh_get_base(r->fd, VQ_TX, &b));
	EXPECT_EQ((0xfff0 + 40) & 0xffff, b);
	ASSERT_EQ(0, vh_get_base(r->fd, VQ_RX, &b));
	EXPECT_EQ((0xfff0 + 40) & 0xffff, b);
	ASSERT_TRUE(rig_start(r));
	EXPECT_TRUE(rig_ping(r));
}

/* A call for each batch, across every index there is */
TEST_F_TIMEOUT(wrap, once_around, 120)
{
	enum { BATCH = 64, TOTAL = 0x10000 + 300 };
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[VQ_TX];
	uint8_t frame[60], in[128];
	unsigned int sent = 0, got = 0;

	if (variant->num != 256)
		SKIP(return, "one ring size is enough for the long way");
	frame_make(frame, sizeof(frame), 1, NULL);
	while (sent < TOTAL) {
		unsigned int i;

		for (i = 0; i < BATCH; i++)
			ASSERT_TRUE(rig_tx_add(r, frame, sizeof(frame)));
		vdrv_call_after(&q->drv, BATCH - 1);
		rig_notify(r, VQ_TX);
		ASSERT_TRUE(rig_tx_wait(r, BATCH, 5000)) TH_LOG("%u", sent);
		ASSERT_TRUE(efd_wait(q->call, 3000)) TH_LOG("%u", sent);
		efd_take(q->call);
		sent += BATCH;
		while (rig_host_recv(r, in, sizeof(in), 0) == sizeof(frame))
			got++;
	}
	while (rig_host_recv(r, in, sizeof(in), got < sent ? 1000 : 10) ==
	       sizeof(frame))
		got++;
	EXPECT_EQ(sent, got);
	EXPECT_TRUE(rig_ping(r));
}

TEST_HARNESS_MAIN
