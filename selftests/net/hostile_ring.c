// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed rings, one defect each: the error eventfd fires, nothing is used,
 * the other queue goes on, and an attach with a sound ring works again.
 */
#include "check.h"

#include "defect.h"
#include "rig.h"

#define NUM	DEFECT_RING
#define LEN	DEFECT_LEN
#define W	VRING_DESC_F_WRITE
#define N	VRING_DESC_F_NEXT
#define I	VRING_DESC_F_INDIRECT
#define set	defect_set

FIXTURE(ring) {
	struct rig r;
	uint8_t *buf;
	struct vring_desc *table;
	uint8_t frame[60];
};

FIXTURE_VARIANT(ring) {
	unsigned int q;
	uint64_t features;
};

FIXTURE_VARIANT_ADD(ring, tx) {
	.q = VQ_TX,
	.features = F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT | F_EVENT_IDX,
};

FIXTURE_VARIANT_ADD(ring, rx) {
	.q = VQ_RX, .features = F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT,
};

FIXTURE_VARIANT_ADD(ring, rx_no_mergeable) {
	.q = VQ_RX, .features = F_INDIRECT | F_EVENT_IDX,
};

FIXTURE_SETUP(ring)
{
	struct rig_cfg cfg = { .features = variant->features, .num = NUM };

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
	self->buf = guest_alloc(&self->r.g, 4096, 64);
	self->table = guest_alloc(&self->r.g, 16 * DEFECT_TABLE, 64);
	ASSERT_TRUE(self->buf && self->table);
	frame_make(self->frame, sizeof(self->frame), 1, self->r.mac);
}

FIXTURE_TEARDOWN(ring)
{
	rig_close(&self->r);
}

static bool other_queue_works(struct rig *r, unsigned int q)
{
	return q == VQ_TX ? rig_ping_rx(r) : rig_ping_tx(r);
}

/* Publish what @s describes as the next chain, behind the driver's back */
static void publish(struct vdrv *d, const struct stage *s)
{
	struct vring_avail *a = d->part[VDRV_AVAIL];

	a->ring[d->published & (NUM - 1)] = s->head;
	__atomic_store_n(&a->idx, d->published + s->jump, __ATOMIC_RELEASE);
}

static uint16_t used_idx(const struct vdrv *d)
{
	return *(volatile uint16_t *)((uint16_t *)d->part[VDRV_USED] + 1);
}

static bool wait_used(const struct vdrv *d, uint16_t idx, int ms)
{
	for (; ms > 0 && used_idx(d) != idx; ms--)
		usleep(1000);
	return used_idx(d) == idx;
}

/* A receive queue looks at its buffers when a frame comes */
static void provoke(FIXTURE_DATA(ring) *self, unsigned int q)
{
	if (q == VQ_RX)
		rig_host_send(&self->r, self->frame, sizeof(self->frame));
	rig_kick(&self->r, q);
}

/* Frames that the host sent to a broken queue may still come */
static bool restart(struct rig *r, unsigned int base)
{
	if (!rig_stop(r))
		return false;
	rig_renew(r, base);
	return rig_start(r);
}

/* Receive until a marker comes that was sent behind all other frames */
static bool drain(struct rig *r)
{
	uint8_t mark[90];
	struct rig_rx rx;
	bool last;

	frame_make(mark, sizeof(mark), ++r->seq, r->mac);
	if (!rig_host_send(r, mark, sizeof(mark)))
		return false;
	do {
		if (!rig_rx_wait(r, &rx, 3000))
			return false;
		last = rx.len == sizeof(mark) &&
		       !memcmp(rx.frame, mark, sizeof(mark));
		rig_put(r, VQ_RX, rx.buf);
	} while (!last);
	return true;
}

static bool recovers(FIXTURE_DATA(ring) *self, unsigned int q, unsigned int base)
{
	struct rig *r = &self->r;

	if (!restart(r, base))
		return false;
	if (q == VQ_RX) {
		rig_rx_fill(r, 16);
		rig_notify(r, VQ_RX);
		if (!drain(r))
			return false;
	}
	/* and once more, for rings without a buffer left in them */
	return rig_ping(r) && !efd_wait(r->q[q].err, 0) && restart(r, base);
}

/* In-tree once kept a refused avail index and went by it at the next kick */
static bool caches_bad_avail(void)
{
	return is_intree() && kernel_before_fix(6, 12, 97);
}

TEST_F_TIMEOUT(ring, each_defect, 120)
{
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	unsigned int i;

	for (i = 0; i < defect_count; i++) {
		struct stage s = {
			.d = q->drv.part[VDRV_DESC], .t = self->table,
			.at = guest_addr(&r->g, self->table),
			.buf = guest_addr(&r->g, self->buf),
			.end = r->g.base + r->g.size,
			.flag = variant->q == VQ_RX ? W : 0,
			.jump = 1,
		};
		uint16_t before = used_idx(&q->drv);
		bool retried;

		/* sound, but for what the defect changes */
		set(s.d, s.buf, LEN, s.flag, 0);
		memset(self->table, 0, 64);
		efd_take(q->err);
		defects[i].make(&s);
		publish(&q->drv, &s);
		provoke(self, variant->q);
		if (defects[i].intree_takes &&
		    EXPECT_DIFF(true, false,
				"`next` in an indirect table is followed and checked; in-tree reads the table in order")) {
			EXPECT_TRUE(wait_used(&q->drv, before + 1, 3000))
				TH_LOG("%s: not taken", defects[i].what);
			ASSERT_TRUE(recovers(self, variant->q, i * 1000));
			while (rig_host_recv(r, (uint8_t[256]){ 0 }, 256, 0) > 0)
				;
			continue;
		}
		ASSERT_TRUE(efd_wait(q->err, 3000))
			TH_LOG("%s: no error event", defects[i].what);
		if (s.jump == 1 || !caches_bad_avail())
			EXPECT_EQ(before, used_idx(&q->drv))
				TH_LOG("%s: used", defects[i].what);
		EXPECT_TRUE(other_queue_works(r, variant->q))
			TH_LOG("%s: other queue", defects[i].what);

		/* repaired under the device's feet */
		if (s.jump == 1 && (defects[i].intree_retries || !is_intree())) {
			set(s.d, s.buf, LEN, s.flag, 0);
			s.head = 0;
			publish(&q->drv, &s);
			provoke(self, variant->q);
			retried = wait_used(&q->drv, before + 1,
					    is_intree() ? 3000 : 100);
			EXPECT_EQ(EXPECT_DIFF(true, false,
					      "a malformed ring stays broken until it is attached again"),
				  retried)
				TH_LOG("%s: retried", defects[i].what);
		}
		ASSERT_TRUE(recovers(self, variant->q, i * 1000))
			TH_LOG("%s: does not recover", defects[i].what);
		while (rig_host_recv(r, (uint8_t[256]){ 0 }, 256, 0) > 0)
			;
	}
}

/* INDIRECT and NEXT in one descriptor */
TEST_F(ring, indirect_and_next)
{
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	struct vring_desc *d = q->drv.part[VDRV_DESC];
	struct stage s = { .jump = 1 };
	uint16_t flag = variant->q == VQ_RX ? W : 0;
	uint16_t before = used_idx(&q->drv);
	uint64_t buf = guest_addr(&r->g, self->buf);

	set(self->table, buf, 50, flag, 0);
	set(&d[0], guest_addr(&r->g, self->table), 16, I | N, 1);
	set(&d[1], buf + 50, 50, flag, 0);
	publish(&q->drv, &s);
	provoke(self, variant->q);
	EXPECT_EQ(EXPECT_DIFF(true, false,
			      "INDIRECT with NEXT is forbidden by the specification"),
		  wait_used(&q->drv, before + 1, is_intree() ? 3000 : 200));
	EXPECT_EQ(EXPECT_DIFF(false, true,
			      "INDIRECT with NEXT is forbidden by the specification"),
		  efd_wait(q->err, is_intree() ? 0 : 3000));
	EXPECT_TRUE(recovers(self, variant->q, 0));
}

/* A table whose chain does not follow the order of its entries */
TEST_F(ring, indirect_table_out_of_order)
{
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	struct stage s = { .jump = 1 };
	uint16_t before = used_idx(&q->drv);
	uint64_t buf = guest_addr(&r->g, self->buf);
	uint8_t in[256];
	int n;

	if (variant->q != VQ_TX)
		SKIP(return, "transmit shows the order");
	memset(self->buf, 0, 12);
	memcpy(self->buf + 12, self->frame, sizeof(self->frame));
	set(&self->table[0], buf, 30, N, 2);
	set(&self->table[1], buf + 50, 12 + 60 - 50, 0, 0);
	set(&self->table[2], buf + 30, 20, N, 1);
	set(q->drv.part[VDRV_DESC], guest_addr(&r->g, self->table), 48, I, 0);
	publish(&q->drv, &s);
	provoke(self, VQ_TX);
	ASSERT_TRUE(wait_used(&q->drv, before + 1, 3000));
	n = rig_host_recv(r, in, sizeof(in),
			  EXPECT_DIFF(0, 3000,
				      "`next` in an indirect table is followed and checked; in-tree reads the table in order"));
	if (EXPECT_DIFF(false, true,
			"`next` in an indirect table is followed and checked; in-tree reads the table in order"))
		EXPECT_TRUE(n == 60 && frame_same(in, n, self->frame, 60,
						  "out of order"));
}

/* Long chains: 1024 descriptors are fine, 1100 are too many */
TEST_F(ring, long_tables)
{
	static const struct {
		unsigned int n;
		bool good;
	} t[] = { { 1000, true }, { 1024, true }, { 1100, false },
		  { 65536, false } };
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	struct vring_desc *d = q->drv.part[VDRV_DESC];
	uint16_t flag = variant->q == VQ_RX ? W : 0;
	unsigned int i, j;

	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		struct stage s = { .jump = 1 };
		uint16_t before = used_idx(&q->drv);
		uint64_t buf = guest_addr(&r->g, self->buf);

		for (j = 0; j < t[i].n; j++)
			set(&self->table[j], buf + j % 4096, 1,
			    flag | (j + 1 < t[i].n ? N : 0), j + 1);
		set(d, guest_addr(&r->g, self->table), 16 * t[i].n, I, 0);
		publish(&q->drv, &s);
		provoke(self, variant->q);
		if (t[i].good) {
			EXPECT_TRUE(wait_used(&q->drv, before + 1, 3000))
				TH_LOG("%u", t[i].n);
		} else {
			EXPECT_TRUE(efd_wait(q->err, 3000))
				TH_LOG("%u", t[i].n);
		}
		ASSERT_TRUE(recovers(self, variant->q, 0)) TH_LOG("%u", t[i].n);
		while (rig_host_recv(r, (uint8_t[2048]){ 0 }, 2048, 0) > 0)
			;
	}
}

/* Zero-length descriptors inside a chain carry nothing and do no harm */
TEST_F(ring, zero_length_pieces)
{
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	struct vring_desc *d = q->drv.part[VDRV_DESC];
	uint16_t flag = variant->q == VQ_RX ? W : 0;
	uint16_t before = used_idx(&q->drv);
	uint64_t buf = guest_addr(&r->g, self->buf);
	struct stage s = { .jump = 1 };
	unsigned int i;

	for (i = 0; i < 20; i++)
		set(&d[i], buf + i * 5, i % 3 == 1 ? 0 : 10,
		    flag | (i < 19 ? N : 0), i + 1);
	publish(&q->drv, &s);
	provoke(self, variant->q);
	EXPECT_TRUE(wait_used(&q->drv, before + 1, 3000));
	EXPECT_FALSE(efd_wait(q->err, 0));
	EXPECT_TRUE(recovers(self, variant->q, 0));
}

TEST_HARNESS_MAIN
