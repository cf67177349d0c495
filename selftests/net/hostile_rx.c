// SPDX-License-Identifier: GPL-2.0
/*
 * Old holes of vhost_net and what must happen instead: descriptors across
 * memory regions, crumbs for buffers, too few of them, chains without headers.
 */
#include "check.h"

#include <linux/if_ether.h>

#include "proc.h"
#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT)

/* CVE-2013-0311: guest-contiguous regions that are apart in our memory */
TEST(descriptor_across_regions)
{
	enum { SEAM = 4 << 20, HOLE = 1 << 20, HALF = 40 };
	struct rig_cfg cfg = { .features = MODERN };
	uint8_t frame[80 - 12], in[256], *lo, *hi;
	struct vdrv_seg seg;
	struct vdrv_chain c = { .seg = &seg, .out = 1 };
	struct vdrv_used u;
	struct vh_region v[2];
	struct rig r;
	unsigned int i;

	ASSERT_EQ(0, rig_open(&r, &cfg));
	ASSERT_GT(SEAM, r.g.used);
	v[0] = (struct vh_region){ r.g.base, SEAM, user_addr(r.g.mem) };
	v[1] = (struct vh_region){ r.g.base + SEAM, r.g.size - SEAM - HOLE,
				   user_addr(r.g.mem) + SEAM + HOLE };
	ASSERT_TRUE(rig_configure(&r));
	ASSERT_EQ(0, vh_mem(r.fd, v, 2));
	ASSERT_TRUE(rig_attach(&r));
	lo = r.g.mem + SEAM - HALF;
	hi = r.g.mem + SEAM + HOLE;
	seg = (struct vdrv_seg){ r.g.base + SEAM - HALF, 2 * HALF };

	frame_make(frame, sizeof(frame), 9, NULL);
	memset(r.g.mem + SEAM, 0xaa, HOLE);
	memset(lo, 0, 12);
	memcpy(lo + 12, frame, HALF - 12);
	memcpy(hi, frame + HALF - 12, HALF);
	ASSERT_LE(0, vdrv_add(&r.q[VQ_TX].drv, &c));
	rig_notify(&r, VQ_TX);
	ASSERT_EQ((int)sizeof(frame), rig_host_recv(&r, in, sizeof(in), 3000));
	EXPECT_TRUE(frame_same(in, sizeof(frame), frame, sizeof(frame), "tx"));

	frame_make(frame, sizeof(frame), 10, r.mac);
	memset(lo, 0x55, HALF);
	memset(hi, 0x55, 2 * HALF);
	c = (struct vdrv_chain){ .seg = &seg, .in = 1 };
	ASSERT_LE(0, vdrv_add(&r.q[VQ_RX].drv, &c));
	rig_notify(&r, VQ_RX);
	ASSERT_TRUE(rig_host_send(&r, frame, sizeof(frame)));
	for (i = 0; i < 3000 && !vdrv_reap(&r.q[VQ_RX].drv, &u); i++)
		usleep(1000);
	ASSERT_GT(3000, i);
	EXPECT_EQ(2 * HALF, u.len);
	EXPECT_EQ(0, memcmp(lo + 12, frame, HALF - 12));
	EXPECT_EQ(0, memcmp(hi, frame + HALF - 12, HALF));
	for (i = 0; i < HOLE; i++)
		if (r.g.mem[SEAM + i] != 0xaa)
			break;
	EXPECT_EQ(HOLE, i);
	for (i = HALF; i < 2 * HALF; i++)
		EXPECT_EQ(0x55, hi[i]);
	rig_close(&r);
}

FIXTURE(crumbs) {
	struct rig r;
	uint8_t *mem;
	uint8_t got[2048];
	size_t len;
};

FIXTURE_SETUP(crumbs)
{
	struct rig_cfg cfg = { .features = MODERN, .num = 4096, .buf = 256 };

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
	self->mem = guest_alloc(&self->r.g, 8192, 64);
	ASSERT_NE(NULL, self->mem);
}

FIXTURE_TEARDOWN(crumbs)
{
	rig_close(&self->r);
}

/* buffers of one byte each, from @at on */
static bool post_crumbs(FIXTURE_DATA(crumbs) *self, unsigned int n,
			unsigned int at)
{
	struct rig *r = &self->r;
	unsigned int i;

	for (i = 0; i < n; i++) {
		struct vdrv_seg seg = { guest_addr(&r->g, self->mem) + at + i,
					1 };
		struct vdrv_chain c = { .seg = &seg, .in = 1 };

		if (vdrv_add(&r->q[VQ_RX].drv, &c) < 0)
			return false;
	}
	return true;
}

static unsigned int reap_all(struct rig *r, unsigned int n, int ms)
{
	struct vdrv_used u;
	unsigned int done = 0;
	int ret = 0;

	for (; ms > 0 && done < n; ms--) {
		while ((ret = vdrv_reap(&r->q[VQ_RX].drv, &u)) > 0)
			done++;
		if (ret < 0)
			break;
		usleep(1000);
	}
	if (ret < 0)
		fprintf(stderr, "# %s\n", r->q[VQ_RX].drv.fault);
	return ret < 0 ? 0 : done;
}

TEST_F(crumbs, one_byte_buffers)
{
	struct rig *r = &self->r;
	uint8_t frame[60];

	frame_make(frame, sizeof(frame), 4, r->mac);
	ASSERT_TRUE(post_crumbs(self, 72, 0));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	ASSERT_EQ(72, reap_all(r, 72, 3000));
	EXPECT_EQ(72, self->mem[10] | self->mem[11] << 8);
	EXPECT_TRUE(frame_same(self->mem + 12, 60, frame, 60, "crumbs"));
}

/* CVE-2018-16880: many frames in the batch, then one of 1000 buffers */
TEST_F(crumbs, large_head_count_behind_a_batch)
{
	struct rig *r = &self->r;
	uint8_t frame[1000 - 12];
	struct rig_rx rx;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		frame_make(frame, 60, i, r->mac);
		ASSERT_TRUE(rig_host_send(r, frame, 60));
	}
	frame_make(frame, sizeof(frame), 99, r->mac);
	ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	ASSERT_EQ(64, rig_rx_fill(r, 64));
	ASSERT_TRUE(post_crumbs(self, 1000, 0));
	rig_notify(r, VQ_RX);
	for (i = 0; i < 64; i++) {
		ASSERT_TRUE(rig_rx_wait(r, &rx, 3000)) TH_LOG("frame %u", i);
		rig_put(r, VQ_RX, rx.buf);
	}
	ASSERT_EQ(1000, reap_all(r, 1000, 5000));
	EXPECT_EQ(1000, self->mem[10] | self->mem[11] << 8);
	EXPECT_TRUE(frame_same(self->mem + 12, sizeof(frame), frame,
			       sizeof(frame), "1000 crumbs"));
	EXPECT_TRUE(rig_ping(r));
}

/* CVE-2014-0077: a frame that needs more buffers than can be counted */
TEST_F(crumbs, too_many_buffers_for_one_frame)
{
	struct rig *r = &self->r;
	uint8_t frame[1500];
	struct rig_rx rx;
	unsigned int i;

	memset(self->mem, 0x55, 8192);
	frame_make(frame, sizeof(frame), 4, r->mac);
	ASSERT_TRUE(post_crumbs(self, 3000, 0));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	usleep(300000);
	/* whatever became of the frame, nothing went past the buffers */
	for (i = 3000; i < 8192; i++)
		ASSERT_EQ(0x55, self->mem[i]);
	EXPECT_TRUE(rig_ping_tx(r));
	reap_all(r, 3000, 1);
	EXPECT_EQ(0, r->q[VQ_RX].drv.fault[0]);

	ASSERT_TRUE(rig_stop(r));
	rig_renew(r, 0);
	ASSERT_TRUE(rig_start(r));
	rig_rx_fill(r, 64);
	rig_notify(r, VQ_RX);
	for (i = 0; i < 64 && rig_rx_wait(r, &rx, 200); i++)
		rig_put(r, VQ_RX, rx.buf);
	EXPECT_TRUE(rig_ping(r));
}

/*
 * CVE-2026-74356: fewer bytes posted than the frame needs. The worker has to
 * sleep until there are more, then deliver.
 */
TEST_F(crumbs, too_few_buffers_do_not_spin)
{
	struct rig *r = &self->r;
	uint8_t frame[500];
	uint64_t before, spent;
	unsigned int n;

	if (is_intree() && (kernel_before_fix(6, 12, 97) ||
			    kernel_before_fix(6, 1, 191)))
		SKIP(return, "this in-tree vhost_net still has CVE-2026-74356");
	frame_make(frame, sizeof(frame), 4, r->mac);
	ASSERT_TRUE(post_crumbs(self, 100, 0));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(rig_host_send(r, frame, sizeof(frame)));
	usleep(200000);
	before = proc_worker_ms(getpid(), &n);
	EXPECT_LE(1, n);
	usleep(1000000);
	spent = proc_worker_ms(getpid(), &n) - before;
	EXPECT_GT(200, spent) TH_LOG("the worker ran %llu ms of 1000",
				     (unsigned long long)spent);
	EXPECT_EQ(0, reap_all(r, 1, 10));
	ASSERT_TRUE(post_crumbs(self, 412, 100));
	rig_notify(r, VQ_RX);
	EXPECT_EQ(512, reap_all(r, 512, 3000));
	EXPECT_TRUE(frame_same(self->mem + 12, sizeof(frame), frame,
			       sizeof(frame), "late buffers"));
}

/* Chains too short for a header are dropped; the next frame goes through */
TEST(chain_shorter_than_a_header)
{
	static const uint64_t features[] = { 0, MODERN };
	unsigned int i, len;

	if (EXPECT_DIFF(true, false,
			"a chain without a whole header is dropped and counted; in-tree retries it for ever"))
		SKIP(return, "in-tree retries such a chain for ever");
	for (i = 0; i < 2; i++) {
		struct rig_cfg cfg = { .features = features[i] };
		struct rig r;

		ASSERT_EQ(0, rig_up(&r, &cfg));
		for (len = 1; len <= r.hdr; len++) {
			void *b = rig_get(&r, VQ_TX);
			struct vdrv_seg seg = { guest_addr(&r.g, b), len };
			struct vdrv_chain c = { .seg = &seg, .out = 1,
						.token = b };

			memset(b, 0, 64);
			ASSERT_LE(0, vdrv_add(&r.q[VQ_TX].drv, &c));
			rig_notify(&r, VQ_TX);
			ASSERT_TRUE(rig_tx_wait(&r, 1, 3000))
				TH_LOG("length %u", len);
			ASSERT_TRUE(rig_ping(&r)) TH_LOG("length %u", len);
		}
		rig_close(&r);
	}
}

TEST_HARNESS_MAIN
