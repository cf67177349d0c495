// SPDX-License-Identifier: GPL-2.0
/*
 * Frames of every size, cut at random places, compared byte for byte in both
 * directions, over every backend and header layout.
 */
#include "check.h"

#include "rig.h"
#include "scatter.h"

#define BATCH		16
#define HEAD_MIN	14	/* shorter frames are dropped by the backend */
#define SLOT		(FRAME_MAX + 12 + 64 + SCATTER_MAX * SCATTER_GAP)
#define WAIT		5000

/* One chain with its memory */
struct slot {
	uint8_t *mem;
	struct vdrv_table table;
	struct scatter s;
};

FIXTURE(data) {
	struct rig r;
	struct slot slot[BATCH];
	uint8_t *want;
	uint8_t *got;
	uint32_t rnd;
	size_t max;
	bool indirect;
	bool dense;
};

FIXTURE_VARIANT(data) {
	enum rig_kind kind;
	uint64_t features;
	bool dense;
};

FIXTURE_VARIANT_ADD(data, modern) {
	.features = F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT | F_EVENT_IDX,
	.dense = true,
};

FIXTURE_VARIANT_ADD(data, legacy_10) { .features = 0 };
FIXTURE_VARIANT_ADD(data, legacy_mergeable) { .features = F_MRG_RXBUF };
FIXTURE_VARIANT_ADD(data, modern_no_mergeable) {
	.features = F_VERSION_1 | F_INDIRECT,
};

FIXTURE_VARIANT_ADD(data, modern_event_idx) {
	.features = F_VERSION_1 | F_EVENT_IDX,
};

FIXTURE_VARIANT_ADD(data, host_header_10) { .features = F_HOST_HDR };
FIXTURE_VARIANT_ADD(data, host_header_12) {
	.features = F_HOST_HDR | F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT,
};

FIXTURE_VARIANT_ADD(data, packet_10) { .kind = RIG_PACKET };
FIXTURE_VARIANT_ADD(data, packet_host_header) {
	.kind = RIG_PACKET,
	.features = F_HOST_HDR | F_VERSION_1 | F_MRG_RXBUF,
};

FIXTURE_VARIANT_ADD(data, macvtap) {
	.kind = RIG_MACVTAP,
	.features = F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT | F_EVENT_IDX,
};

FIXTURE_VARIANT_ADD(data, macvtap_10) { .kind = RIG_MACVTAP };

FIXTURE_SETUP(data)
{
	struct rig_cfg cfg = {
		.kind = variant->kind, .features = variant->features,
		.num = 1024, .mem = 32 << 20, .buf = 64,
		.mtu = variant->kind == RIG_TAP ? FRAME_MAX - 14 : 9000,
	};
	unsigned int i;
	int ret = rig_up(&self->r, &cfg);

	if (ret == 1) {
		rig_close(&self->r);
		SKIP(return, "this kernel has no such backend");
	}
	ASSERT_EQ(0, ret);
	self->max = self->r.cfg.mtu + 14;
	self->indirect = variant->features & F_INDIRECT;
	self->dense = variant->dense;
	self->rnd = 12345;
	self->want = malloc(FRAME_MAX + 1);
	self->got = malloc(2 * FRAME_MAX);
	ASSERT_TRUE(self->want && self->got);
	for (i = 0; i < BATCH; i++) {
		struct slot *s = &self->slot[i];

		s->mem = guest_alloc(&self->r.g, SLOT, 1);
		s->table.mem = guest_alloc(&self->r.g, 16 * SCATTER_MAX, 16);
		ASSERT_TRUE(s->mem && s->table.mem);
		s->table.addr = guest_addr(&self->r.g, s->table.mem);
	}
}

FIXTURE_TEARDOWN(data)
{
	rig_close(&self->r);
	free(self->want);
	free(self->got);
}

/*
 * Every size where paths change (small, page borders, the end), others in
 * steps; all of them at scale 10 and above.
 */
static size_t next_size(size_t size, size_t max, bool dense)
{
	size_t in_page = size % 4096, step;

	if (size == max)
		return max + 1;
	if (test_scale() >= 10)
		step = 1;
	else if (size < (dense ? 1700 : 130) || max - size < 20)
		step = 1;
	else if (dense && (in_page < 16 || in_page > 4096 - 400))
		step = size < 9000 ? 1 : 17;
	else
		step = dense ? 157 : 1009;
	return size + step > max ? max : size + step;
}

/* direct, chained, indirect, direct and then indirect: in turn, at random */
static int add_chain(struct rig *r, unsigned int q, struct slot *s,
		     bool indirect, uint32_t *rnd)
{
	struct vdrv_chain c = { .seg = s->s.seg, .token = s };
	struct vdrv *d = &r->q[q].drv;

	if (q == VQ_TX)
		c.out = s->s.n;
	else
		c.in = s->s.n;
	if (!indirect || frame_rand(rnd) % 3 == 0)
		return vdrv_add(d, &c);
	if (frame_rand(rnd) % 2)
		return vdrv_add_indirect(d, &c, 0, &s->table);
	return vdrv_add_indirect(d, &c, frame_rand(rnd) % s->s.n, &s->table);
}

static unsigned int pieces(uint32_t *rnd)
{
	uint32_t v = frame_rand(rnd);

	return v % 3 == 0 ? 1 : v % 3 == 1 ? 2 + v / 3 % 4 :
	       2 + v / 3 % (SCATTER_MAX - 2);
}

static bool send_batch(FIXTURE_DATA(data) *self, const size_t *size,
		       unsigned int n)
{
	struct rig *r = &self->r;
	unsigned int i, done = 0;
	struct vdrv_used u;
	uint64_t end = now_ms() + WAIT;

	for (i = 0; i < n; i++) {
		struct slot *s = &self->slot[i];
		uint8_t hdr[12] = { 0 };

		frame_make(self->want, size[i], size[i] + 7, NULL);
		scatter_make(&s->s, &r->g, s->mem, r->hdr + size[i],
			     pieces(&self->rnd), r->hdr, &self->rnd);
		scatter_put(&s->s, 0, hdr, r->hdr);
		scatter_put(&s->s, r->hdr, self->want, size[i]);
		if (add_chain(r, VQ_TX, s, self->indirect, &self->rnd) < 0)
			return false;
	}
	rig_notify(r, VQ_TX);
	while (done < n) {
		int ret = vdrv_reap(&r->q[VQ_TX].drv, &u);

		if (ret < 0 || (ret && u.len) || now_ms() > end) {
			fprintf(stderr, "# tx of %zu..: %u of %u used; %s\n",
				size[0], done, n, r->q[VQ_TX].drv.fault);
			return false;
		}
		if (!ret)
			usleep(100);
		done += ret;
	}
	for (i = 0; i < n; i++) {
		int len;

		if (size[i] < HEAD_MIN)
			continue;
		len = rig_host_recv(r, self->got, 2 * FRAME_MAX, WAIT);
		frame_make(self->want, size[i], size[i] + 7, NULL);
		if (len < 0 || !frame_same(self->got, len, self->want,
					   size[i], "tx")) {
			fprintf(stderr, "# tx of %zu bytes: got %d\n", size[i],
				len);
			return false;
		}
	}
	return true;
}

TEST_F_TIMEOUT(data, transmit, 120)
{
	size_t size = 1, batch[BATCH];
	unsigned int n = 0;

	while (size <= self->max) {
		batch[n++] = size;
		size = next_size(size, self->max, self->dense);
		if (n == BATCH || size > self->max) {
			ASSERT_TRUE(send_batch(self, batch, n));
			n = 0;
		}
	}
	/* nothing came twice, and no runt came at all */
	EXPECT_EQ(-1, rig_host_recv(&self->r, self->got, FRAME_MAX, 20));
}

static bool check_header(const struct rig *r, const uint8_t *hdr,
			 unsigned int buffers)
{
	unsigned int num = hdr[10] | hdr[11] << 8;

	if (hdr[1]) {
		fprintf(stderr, "# rx: gso_type %u\n", hdr[1]);
		return false;
	}
	if (r->cfg.features & F_MRG_RXBUF && num != buffers) {
		fprintf(stderr, "# rx: num_buffers %u, want %u\n", num,
			buffers);
		return false;
	}
	return true;
}

/*
 * One frame from the used ring into self->got, header first. Returns its
 * length with the header, 0 after a complaint. Chains follow each other in
 * the order in which they were posted.
 */
static size_t reap_frame(FIXTURE_DATA(data) *self, unsigned int *buffers)
{
	struct rig *r = &self->r;
	bool merge = r->cfg.features & F_MRG_RXBUF;
	uint64_t end = now_ms() + WAIT;
	unsigned int want = 1, n = 0;
	size_t len = 0;

	while (n < want || len < r->hdr) {
		struct vdrv_used u;
		struct slot *s;
		int ret = vdrv_reap(&r->q[VQ_RX].drv, &u);

		if (ret < 0 || now_ms() > end) {
			fprintf(stderr, "# rx: %u of %u used; %s\n", n, want,
				r->q[VQ_RX].drv.fault);
			return 0;
		}
		if (!ret) {
			usleep(100);
			continue;
		}
		s = u.token;
		scatter_get(&s->s, 0, self->got + len, u.len);
		len += u.len;
		n++;
		if (merge && len >= 12)
			want = self->got[10] | self->got[11] << 8;
		if (n < want && u.len != s->s.len) {
			fprintf(stderr, "# rx: buffer %u of %u not full\n", n,
				want);
			return 0;
		}
	}
	*buffers = n;
	return len;
}

static bool post(FIXTURE_DATA(data) *self, unsigned int i, size_t room)
{
	struct slot *s = &self->slot[i];
	struct rig *r = &self->r;

	memset(s->mem, 0xee, scatter_room(room, SCATTER_MAX));
	scatter_make(&s->s, &r->g, s->mem, room, pieces(&self->rnd), r->hdr,
		     &self->rnd);
	return add_chain(r, VQ_RX, s, self->indirect, &self->rnd) >= 0;
}

static bool one_frame(FIXTURE_DATA(data) *self, size_t size)
{
	struct rig *r = &self->r;
	unsigned int buffers = 0;
	size_t len = reap_frame(self, &buffers);

	if (!len)
		return false;
	frame_make(self->want, size, size + 3, r->mac);
	return check_header(r, self->got, buffers) &&
	       frame_same(self->got + r->hdr, len - r->hdr, self->want, size,
			  "rx");
}

static bool host_sends(FIXTURE_DATA(data) *self, size_t size)
{
	frame_make(self->want, size, size + 3, self->r.mac);
	if (rig_host_send(&self->r, self->want, size))
		return true;
	fprintf(stderr, "# host sends %zu bytes: %s\n", size, strerror(errno));
	return false;
}

TEST_F_TIMEOUT(data, receive, 120)
{
	size_t size = HEAD_MIN, batch[BATCH];
	unsigned int n = 0, i;

	while (size <= self->max) {
		/* room for the frame: exactly, or with a little to spare */
		ASSERT_TRUE(post(self, n, self->r.hdr + size +
				 (size & 1 ? frame_rand(&self->rnd) % 64 : 0)));
		batch[n++] = size;
		size = next_size(size, self->max, self->dense);
		if (n < BATCH && size <= self->max)
			continue;
		rig_notify(&self->r, VQ_RX);
		for (i = 0; i < n; i++)
			ASSERT_TRUE(host_sends(self, batch[i]));
		for (i = 0; i < n; i++)
			ASSERT_TRUE(one_frame(self, batch[i]))
				TH_LOG("size %zu", batch[i]);
		n = 0;
	}
}

/* Frames spread over several buffers of odd sizes */
TEST_F_TIMEOUT(data, receive_mergeable, 120)
{
	struct rig *r = &self->r;
	size_t size = HEAD_MIN;
	unsigned int i;

	if (!(variant->features & F_MRG_RXBUF))
		SKIP(return, "needs mergeable buffers");
	while (size <= self->max) {
		size_t left = r->hdr + size;

		for (i = 0; i < BATCH && left; i++) {
			size_t room = i == BATCH - 1 ? left :
				      1 + frame_rand(&self->rnd) % left;

			ASSERT_TRUE(post(self, i, room));
			left -= room;
		}
		rig_notify(r, VQ_RX);
		ASSERT_TRUE(host_sends(self, size));
		ASSERT_TRUE(one_frame(self, size)) TH_LOG("size %zu", size);
		/* exactly these buffers, no more and no less */
		ASSERT_EQ(0, r->q[VQ_RX].drv.outstanding);
		size = next_size(size, self->max, false);
	}
}

/* Without mergeable buffers a frame that does not fit is dropped whole */
TEST_F(data, too_long_for_the_buffer)
{
	struct rig *r = &self->r;

	if (variant->features & F_MRG_RXBUF)
		SKIP(return, "with mergeable buffers it waits for more");
	ASSERT_TRUE(post(self, 0, r->hdr + 200));
	ASSERT_TRUE(post(self, 1, r->hdr + 200));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(host_sends(self, 201));
	ASSERT_TRUE(host_sends(self, 1000));
	ASSERT_TRUE(host_sends(self, 200));
	ASSERT_TRUE(host_sends(self, 60));
	EXPECT_TRUE(one_frame(self, 200));
	EXPECT_TRUE(one_frame(self, 60));
}

TEST_HARNESS_MAIN
