// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed rings, one defect each: the error eventfd fires, nothing is used,
 * the other queue goes on, and an attach with a sound ring works again.
 */
#include "check.h"

#include <linux/virtio_ring.h>

#include "rig.h"

#define NUM	256
#define W	VRING_DESC_F_WRITE
#define N	VRING_DESC_F_NEXT
#define I	VRING_DESC_F_INDIRECT
#define LEN	100	/* bytes of a sound buffer, header and all */

/* What a defect gets to work with */
struct stage {
	struct vring_desc *d;	/* descriptor table */
	struct vring_desc *t;	/* an indirect table */
	uint64_t at;		/* guest address of that table */
	uint64_t buf;		/* a sound buffer of LEN bytes */
	uint64_t end;		/* first address after guest memory */
	uint16_t flag;		/* what a sound descriptor says here */
	uint16_t head;		/* published as head, 0 if untouched */
	uint16_t jump;		/* published chains, 1 if untouched */
};

struct defect {
	const char *what;
	void (*make)(struct stage *s);
	/*
	 * In-tree looks at the same head again after a kick. Not so where it
	 * had taken the head already, or cached a wrong avail index.
	 */
	bool intree_retries;
	/* In-tree reads an indirect table in order, whatever `next` says */
	bool intree_takes;
};

static void set(struct vring_desc *d, uint64_t addr, uint32_t len,
		uint16_t flags, uint16_t next)
{
	*d = (struct vring_desc){ addr, len, flags, next };
}

static void head_is_num(struct stage *s) { s->head = NUM; }
static void head_is_max(struct stage *s) { s->head = 0xffff; }
static void avail_jump(struct stage *s) { s->jump = NUM + 1; }
static void avail_jump_half(struct stage *s) { s->jump = 0x8000; }

static void next_is_num(struct stage *s)
{
	set(s->d, s->buf, 50, s->flag | N, NUM);
}

static void next_is_max(struct stage *s)
{
	set(s->d, s->buf, 50, s->flag | N, 0xffff);
}

static void loop_of_one(struct stage *s)
{
	set(s->d, s->buf, 1, s->flag | N, 0);
}

static void loop_of_two(struct stage *s)
{
	set(&s->d[0], s->buf, 1, s->flag | N, 1);
	set(&s->d[1], s->buf, 1, s->flag | N, 0);
}

static void unmapped(struct stage *s)
{
	set(s->d, s->end + 0x100000, LEN, s->flag, 0);
}

static void unmapped_null(struct stage *s)
{
	set(s->d, 0, LEN, s->flag, 0);
}

static void beyond_the_end(struct stage *s)
{
	set(s->d, s->end - 50, LEN, s->flag, 0);
}

static void wraps(struct stage *s)
{
	set(s->d, ~0ull - 10, LEN, s->flag, 0);
}

static void wraps_into_memory(struct stage *s)
{
	set(s->d, s->end - 16, 0xffffffff, s->flag, 0);
}

static void second_unmapped(struct stage *s)
{
	set(&s->d[0], s->buf, 20, s->flag | N, 1);
	set(&s->d[1], s->end + 8, LEN, s->flag, 0);
}

static void other_way(struct stage *s)
{
	set(s->d, s->buf, LEN, s->flag ^ W, 0);
}

static void read_after_write(struct stage *s)
{
	set(&s->d[0], s->buf, 50, W | N, 1);
	set(&s->d[1], s->buf + 50, 50, 0, 0);
}

static void both_ways(struct stage *s)
{
	set(&s->d[0], s->buf, 50, N, 1);
	set(&s->d[1], s->buf + 50, 50, W, 0);
}

static void table_length_odd(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 17, I, 0);
}

static void table_length_short(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 15, I, 0);
}

static void table_length_zero(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 0, I, 0);
}

static void table_too_long(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 16 * 65537, I, 0);
}

static void table_nested(struct stage *s)
{
	set(&s->t[0], s->at + 16, 16, I, 0);
	set(&s->t[1], s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_unmapped(struct stage *s)
{
	set(s->d, s->end + 64, 16, I, 0);
}

static void table_wraps(struct stage *s)
{
	set(s->d, ~0ull - 15, 64, I, 0);
}

static void table_next_outside(struct stage *s)
{
	set(&s->t[0], s->buf, 50, s->flag | N, 2);
	set(&s->t[1], s->buf, 50, s->flag, 0);
	set(&s->t[2], s->buf, 50, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_next_missing(struct stage *s)
{
	set(&s->t[0], s->buf, 50, s->flag | N, 1);
	set(&s->t[1], s->buf, 50, s->flag | N, 2);
	set(&s->t[2], s->buf, 50, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_loop(struct stage *s)
{
	set(&s->t[0], s->buf, 1, s->flag | N, 1);
	set(&s->t[1], s->buf, 1, s->flag | N, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_entry_unmapped(struct stage *s)
{
	set(s->t, s->end + 8, LEN, s->flag, 0);
	set(s->d, s->at, 16, I, 0);
}

static void table_read_after_write(struct stage *s)
{
	set(&s->t[0], s->buf, 50, W | N, 1);
	set(&s->t[1], s->buf + 50, 50, 0, 0);
	set(s->d, s->at, 32, I, 0);
}

#define ROW(f, retries) { #f, f, retries, false }

static const struct defect defects[] = {
	ROW(head_is_num, true),
	ROW(head_is_max, true),
	ROW(avail_jump, false),
	ROW(avail_jump_half, false),
	ROW(next_is_num, true),
	ROW(next_is_max, true),
	ROW(loop_of_one, true),
	ROW(loop_of_two, true),
	ROW(unmapped, true),
	ROW(unmapped_null, true),
	ROW(beyond_the_end, true),
	ROW(wraps, true),
	ROW(wraps_into_memory, true),
	ROW(second_unmapped, true),
	ROW(other_way, false),
	ROW(read_after_write, true),
	ROW(both_ways, false),
	ROW(table_length_odd, true),
	ROW(table_length_short, true),
	ROW(table_length_zero, true),
	ROW(table_too_long, true),
	ROW(table_nested, true),
	ROW(table_unmapped, true),
	ROW(table_wraps, true),
	{ "table_next_outside", table_next_outside, false, true },
	ROW(table_next_missing, true),
	ROW(table_loop, true),
	ROW(table_entry_unmapped, true),
	ROW(table_read_after_write, true),
};

#define DEFECTS (sizeof(defects) / sizeof(defects[0]))

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
	self->table = guest_alloc(&self->r.g, 16 * 65537, 64);
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

static bool recovers(FIXTURE_DATA(ring) *self, unsigned int q, unsigned int base)
{
	struct rig *r = &self->r;
	struct rig_rx rx;

	if (!restart(r, base))
		return false;
	if (q == VQ_RX) {
		rig_rx_fill(r, 16);
		rig_notify(r, VQ_RX);
		while (rig_rx_wait(r, &rx, 60))
			rig_put(r, VQ_RX, rx.buf);
	}
	/* and once more, for rings without a buffer left in them */
	return rig_ping(r) && !efd_wait(r->q[q].err, 0) && restart(r, base);
}

TEST_F_TIMEOUT(ring, each_defect, 120)
{
	struct rig *r = &self->r;
	struct rig_q *q = &r->q[variant->q];
	unsigned int i;

	for (i = 0; i < DEFECTS; i++) {
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
		efd_take(q->call);
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
		EXPECT_EQ(before, used_idx(&q->drv))
			TH_LOG("%s: used", defects[i].what);
		EXPECT_EQ(0, efd_take(q->call))
			TH_LOG("%s: call", defects[i].what);
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
