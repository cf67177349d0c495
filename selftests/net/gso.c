// SPDX-License-Identifier: GPL-2.0
/* Large TCP frames and checksum offload: what the vnet header says arrives */
#include "check.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_tun.h>
#include <linux/virtio_net.h>
#include <poll.h>
#include <sys/socket.h>

#include "rig.h"
#include "scatter.h"

#define HEADERS		54	/* Ethernet, IPv4, TCP without options */
#define MSS		1400
#define MAX		(HEADERS + 60000)
#define WAIT		5000

FIXTURE(gso) {
	struct rig r;
	int host;		/* IPv4 frames, with their vnet headers */
	uint8_t *mem;
	uint8_t *frame;
	uint8_t *got;
	uint32_t rnd;
};

FIXTURE_VARIANT(gso) {
	uint64_t features;
};

FIXTURE_VARIANT_ADD(gso, header_12) {
	.features = F_VERSION_1 | F_MRG_RXBUF | F_INDIRECT | F_EVENT_IDX,
};

FIXTURE_VARIANT_ADD(gso, header_10) { .features = F_INDIRECT };

FIXTURE_SETUP(gso)
{
	struct rig_cfg cfg = { .features = variant->features, .num = 1024,
			       .mem = 16 << 20 };

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
	self->host = packet_open(self->r.dev, ETH_P_ALL, true);
	ASSERT_LE(0, self->host);
	self->rnd = 77;
	self->frame = malloc(MAX + 64);
	self->got = malloc(2 * MAX);
	ASSERT_TRUE(self->frame && self->got);
	self->mem = guest_alloc(&self->r.g, scatter_room(MAX + 64, SCATTER_MAX),
				1);
	ASSERT_NE(NULL, self->mem);
}

FIXTURE_TEARDOWN(gso)
{
	close(self->host);
	rig_close(&self->r);
	free(self->frame);
	free(self->got);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static uint32_t sum16(const uint8_t *p, size_t len, uint32_t sum)
{
	for (; len > 1; p += 2, len -= 2)
		sum += p[0] << 8 | p[1];
	if (len)
		sum += p[0] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* A TCP segment from and to nobody, its checksum left to the device */
static void tcp_frame(uint8_t *f, size_t payload)
{
	size_t ip_len = 40 + payload;
	uint8_t *ip = f + 14, *tcp = f + 34;

	frame_make(f, HEADERS + payload, 5, NULL);
	put16(f + 12, ETH_P_IP);
	memset(ip, 0, 40);
	ip[0] = 0x45;
	put16(ip + 2, ip_len);
	put16(ip + 6, 0x4000);
	ip[8] = 64;
	ip[9] = IPPROTO_TCP;
	memcpy(ip + 12, (uint8_t[]){ 192, 0, 2, 1, 192, 0, 2, 2 }, 8);
	put16(ip + 10, ~fold(sum16(ip, 20, 0)));
	put16(tcp, 4000);
	put16(tcp + 2, 5000);
	put16(tcp + 6, 1);
	tcp[12] = 0x50;
	tcp[13] = 0x10;
	put16(tcp + 14, 0xffff);
	/* pseudo header only: NEEDS_CSUM */
	put16(tcp + 16, fold(sum16(ip + 12, 8, 0) + IPPROTO_TCP +
			     (uint32_t)(20 + payload)));
}

static struct virtio_net_hdr header(size_t payload)
{
	struct virtio_net_hdr h = {
		.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_start = 34,
		.csum_offset = 16,
	};

	if (payload > MSS) {
		h.gso_type = VIRTIO_NET_HDR_GSO_TCPV4;
		h.gso_size = MSS;
		h.hdr_len = HEADERS;
	}
	return h;
}

static bool guest_sends(FIXTURE_DATA(gso) *self, size_t payload,
			const struct virtio_net_hdr *h)
{
	struct rig *r = &self->r;
	struct scatter s;
	struct vdrv_chain c = { .seg = s.seg };
	uint8_t hdr[12] = { 0 };
	struct vdrv_used u;
	uint64_t end = now_ms() + WAIT;
	int ret;

	memcpy(hdr, h, sizeof(*h));
	scatter_make(&s, &r->g, self->mem, r->hdr + HEADERS + payload,
		     1 + frame_rand(&self->rnd) % SCATTER_MAX, r->hdr,
		     &self->rnd);
	scatter_put(&s, 0, hdr, r->hdr);
	scatter_put(&s, r->hdr, self->frame, HEADERS + payload);
	c.out = s.n;
	if (vdrv_add(&r->q[VQ_TX].drv, &c) < 0)
		return false;
	rig_notify(r, VQ_TX);
	while (!(ret = vdrv_reap(&r->q[VQ_TX].drv, &u)) && now_ms() < end)
		usleep(100);
	return ret == 1;
}

/* The next TCP frame on the host's side; other protocols are not ours */
static int host_gets(FIXTURE_DATA(gso) *self, int ms)
{
	struct pollfd p = { .fd = self->host, .events = POLLIN };
	uint64_t end = now_ms() + ms;
	ssize_t n;

	do {
		n = recv(self->host, self->got, 2 * MAX, MSG_DONTWAIT);
		if (n < 0)
			poll(&p, 1, 50);
		else if (n > 10 + HEADERS && self->got[10 + 12] == 8 &&
			 self->got[10 + 13] == 0 && self->got[10 + 23] == 6)
			return n;
	} while (now_ms() < end);
	return -1;
}

static const size_t payloads[] = {
	1, 100, MSS, MSS + 1, 2 * MSS, 3900, 4096, 10000, 32768, 40001, 60000
};

#define PAYLOADS (sizeof(payloads) / sizeof(payloads[0]))

TEST_F(gso, transmit)
{
	unsigned int i;

	for (i = 0; i < PAYLOADS; i++) {
		size_t len = HEADERS + payloads[i];
		struct virtio_net_hdr h = header(payloads[i]), g;
		int n;

		tcp_frame(self->frame, payloads[i]);
		ASSERT_TRUE(guest_sends(self, payloads[i], &h));
		n = host_gets(self, WAIT);
		ASSERT_LT(10, n) TH_LOG("payload %zu", payloads[i]);
		memcpy(&g, self->got, sizeof(g));
		EXPECT_EQ(h.gso_type, g.gso_type);
		EXPECT_EQ(h.gso_size, g.gso_size);
		EXPECT_EQ(VIRTIO_NET_HDR_F_NEEDS_CSUM, g.flags);
		EXPECT_EQ(34, g.csum_start);
		EXPECT_EQ(16, g.csum_offset);
		EXPECT_TRUE(frame_same(self->got + 10, n - 10, self->frame,
				       len, "gso tx"));
	}
}

/* Guests do not get to make the host read beyond the frame */
TEST_F(gso, bad_headers_are_dropped)
{
	static const struct virtio_net_hdr bad[] = {
		{ .gso_type = 0x7f, .gso_size = MSS, .hdr_len = HEADERS },
		{ .gso_type = VIRTIO_NET_HDR_GSO_TCPV4, .gso_size = 0,
		  .hdr_len = HEADERS },
		{ .gso_type = VIRTIO_NET_HDR_GSO_TCPV6, .gso_size = MSS,
		  .hdr_len = HEADERS, .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
		  .csum_start = 34, .csum_offset = 0xfff0 },
	};
	struct virtio_net_hdr h = header(100);
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		tcp_frame(self->frame, 10000);
		ASSERT_TRUE(guest_sends(self, 10000, &bad[i]))
			TH_LOG("row %u", i);
		EXPECT_EQ(-1, host_gets(self, 50)) TH_LOG("row %u", i);
	}
	/* and the queue goes on */
	tcp_frame(self->frame, 100);
	ASSERT_TRUE(guest_sends(self, 100, &h));
	EXPECT_LT(10, host_gets(self, WAIT));
}

/*
 * A checksum to be put beyond the end of a frame that fits a page: in-tree
 * puts the chain back and retries it for ever, so this one is ours alone.
 */
TEST_F(gso, checksum_beyond_the_frame)
{
	static const struct virtio_net_hdr bad[] = {
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 34,
		  .csum_offset = 200 },
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 0xffff,
		  .csum_offset = 0xffff },
		{ .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .csum_start = 0xfffe,
		  .csum_offset = 1 },
	};
	struct virtio_net_hdr h = header(100);
	unsigned int i;

	if (EXPECT_DIFF(true, false,
			"a checksum position beyond the frame is dropped and counted; in-tree retries for ever"))
		SKIP(return, "in-tree retries such a chain for ever");
	tcp_frame(self->frame, 100);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		ASSERT_TRUE(guest_sends(self, 100, &bad[i]))
			TH_LOG("row %u", i);
		EXPECT_EQ(-1, host_gets(self, 50)) TH_LOG("row %u", i);
	}
	ASSERT_TRUE(guest_sends(self, 100, &h));
	EXPECT_LT(10, host_gets(self, WAIT));
}

/* Post one chain of @room bytes for the whole frame */
static bool post(FIXTURE_DATA(gso) *self, struct scatter *s, uint8_t *mem,
		 size_t room)
{
	struct vdrv_chain c = { .seg = s->seg, .token = s };

	scatter_make(s, &self->r.g, mem, room,
		     1 + frame_rand(&self->rnd) % SCATTER_MAX, self->r.hdr,
		     &self->rnd);
	c.in = s->n;
	return vdrv_add(&self->r.q[VQ_RX].drv, &c) >= 0;
}

static int reap(FIXTURE_DATA(gso) *self, int ms)
{
	uint64_t end = now_ms() + ms;
	struct vdrv_used u;
	int ret;

	while (!(ret = vdrv_reap(&self->r.q[VQ_RX].drv, &u)) &&
	       now_ms() < end)
		usleep(100);
	if (ret != 1)
		return -1;
	scatter_get(u.token, 0, self->got, u.len);
	return u.len;
}

static bool host_sends(FIXTURE_DATA(gso) *self, size_t payload)
{
	struct virtio_net_hdr h = header(payload);
	ssize_t n = sizeof(h) + HEADERS + payload;
	uint8_t *b = malloc(n);
	bool ok;

	tcp_frame(self->frame, payload);
	memcpy(b, &h, sizeof(h));
	memcpy(b + sizeof(h), self->frame, HEADERS + payload);
	ok = send(self->host, b, n, 0) == n;
	if (!ok)
		fprintf(stderr, "# host sends: %s\n", strerror(errno));
	free(b);
	return ok;
}

TEST_F(gso, receive_with_offload)
{
	struct rig *r = &self->r;
	struct scatter s;
	unsigned int i;

	ASSERT_EQ(0, tap_offload(r->be, TUN_F_CSUM | TUN_F_TSO4));
	for (i = 0; i < PAYLOADS; i++) {
		struct virtio_net_hdr g;
		size_t len = HEADERS + payloads[i];
		int n;

		ASSERT_TRUE(post(self, &s, self->mem, r->hdr + len));
		rig_notify(r, VQ_RX);
		ASSERT_TRUE(host_sends(self, payloads[i]));
		n = reap(self, WAIT);
		ASSERT_EQ((int)(r->hdr + len), n)
			TH_LOG("payload %zu", payloads[i]);
		memcpy(&g, self->got, sizeof(g));
		EXPECT_EQ(payloads[i] > MSS ? VIRTIO_NET_HDR_GSO_TCPV4 : 0,
			  g.gso_type);
		EXPECT_EQ(payloads[i] > MSS ? MSS : 0, g.gso_size);
		EXPECT_EQ(VIRTIO_NET_HDR_F_NEEDS_CSUM, g.flags);
		EXPECT_EQ(34, g.csum_start);
		EXPECT_EQ(16, g.csum_offset);
		if (r->cfg.features & F_MRG_RXBUF)
			EXPECT_EQ(1, self->got[10] | self->got[11] << 8);
		EXPECT_TRUE(frame_same(self->got + r->hdr, n - r->hdr,
				       self->frame, len, "gso rx"));
	}
}

/* Without the offload the host cuts the frame; all pieces arrive, checked */
TEST_F(gso, receive_without_offload)
{
	enum { PIECES = 10, ROOM = 12 + HEADERS + MSS };
	struct rig *r = &self->r;
	struct scatter s[PIECES];
	size_t payload = PIECES * MSS - 300, at = 0;
	unsigned int i;

	ASSERT_EQ(0, tap_offload(r->be, 0));
	for (i = 0; i < PIECES; i++)
		ASSERT_TRUE(post(self, &s[i], self->mem +
				 i * scatter_room(ROOM, SCATTER_MAX), ROOM));
	rig_notify(r, VQ_RX);
	ASSERT_TRUE(host_sends(self, payload));
	for (i = 0; i < PIECES; i++) {
		int n = reap(self, WAIT);
		uint8_t *f = self->got + r->hdr;
		size_t len;

		ASSERT_LT((int)r->hdr + HEADERS, n) TH_LOG("piece %u", i);
		EXPECT_EQ(0, self->got[0]);	/* no checksum left to do */
		EXPECT_EQ(0, self->got[1]);	/* nothing left to cut */
		len = n - r->hdr - HEADERS;
		ASSERT_LE(len, MSS);
		EXPECT_TRUE(frame_same(f + HEADERS, len, self->frame + HEADERS +
				       at, len, "piece"));
		EXPECT_EQ(0xffff, fold(sum16(f + 26, 8, 0) + IPPROTO_TCP + 20 +
				       len + fold(sum16(f + 34, 20 + len, 0))));
		at += len;
	}
	EXPECT_EQ(payload, at);
	EXPECT_EQ(-1, reap(self, 20));
}

TEST_HARNESS_MAIN
