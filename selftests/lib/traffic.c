// SPDX-License-Identifier: GPL-2.0
/* Frames through the test network card */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/socket.h>

#include "rig.h"

void *rig_get(struct rig *r, unsigned int q)
{
	struct rig_q *rq = &r->q[q];

	return rq->pooled ? rq->pool[--rq->pooled] : NULL;
}

void rig_put(struct rig *r, unsigned int q, void *buf)
{
	struct rig_q *rq = &r->q[q];

	if (buf)
		rq->pool[rq->pooled++] = buf;
}

void rig_kick(struct rig *r, unsigned int q)
{
	uint64_t one = 1;

	if (write(r->q[q].kick, &one, sizeof(one)) != sizeof(one))
		fprintf(stderr, "# kick: %s\n", strerror(errno));
}

void rig_notify(struct rig *r, unsigned int q)
{
	if (vdrv_publish(&r->q[q].drv))
		rig_kick(r, q);
}

bool rig_tx_add(struct rig *r, const uint8_t *frame, size_t len)
{
	uint8_t *b = rig_get(r, VQ_TX);
	struct vdrv_seg seg[2];
	struct vdrv_chain c = { .seg = seg, .out = 2, .token = b };
	bool tiny = r->cfg.num < 2;	/* no room for two descriptors */

	if (!b || r->hdr + len > r->cfg.buf) {
		rig_put(r, VQ_TX, b);
		return false;
	}
	memset(b, 0, r->hdr);
	memcpy(b + r->hdr, frame, len);
	seg[0] = (struct vdrv_seg){ guest_addr(&r->g, b), r->hdr };
	seg[1] = (struct vdrv_seg){ guest_addr(&r->g, b) + r->hdr, len };
	if (tiny) {
		seg[0].len += len;
		c.out = 1;
	}
	if (vdrv_add(&r->q[VQ_TX].drv, &c) < 0) {
		rig_put(r, VQ_TX, b);
		return false;
	}
	return true;
}

int rig_tx_reap(struct rig *r)
{
	struct vdrv_used u;
	int ret, n = 0;

	while ((ret = vdrv_reap(&r->q[VQ_TX].drv, &u)) > 0) {
		if (u.len) {
			fprintf(stderr, "# tx: used length %u\n", u.len);
			return -1;
		}
		rig_put(r, VQ_TX, u.token);
		n++;
	}
	if (ret < 0)
		fprintf(stderr, "# tx: %s\n", r->q[VQ_TX].drv.fault);
	return ret < 0 ? -1 : n;
}

bool rig_tx_wait(struct rig *r, unsigned int n, int ms)
{
	uint64_t end = now_ms() + ms;
	unsigned int done = 0;
	int got;

	for (;;) {
		got = rig_tx_reap(r);
		if (got < 0)
			return false;
		done += got;
		if (done >= n)
			return done == n;
		if (now_ms() > end)
			return false;
		usleep(200);
	}
}

int rig_host_recv(struct rig *r, uint8_t *buf, size_t cap, int ms)
{
	struct pollfd p = { .fd = r->host, .events = POLLIN };
	ssize_t n = recv(r->host, buf, cap, MSG_DONTWAIT | MSG_TRUNC);

	if (n < 0 && errno == EAGAIN && ms && poll(&p, 1, ms) == 1)
		n = recv(r->host, buf, cap, MSG_DONTWAIT | MSG_TRUNC);
	return n;
}

unsigned int rig_rx_fill(struct rig *r, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		void *b = rig_get(r, VQ_RX);
		struct vdrv_seg seg = { guest_addr(&r->g, b), r->cfg.buf };
		struct vdrv_chain c = { .seg = &seg, .in = 1, .token = b };

		if (!b)
			break;
		if (vdrv_add(&r->q[VQ_RX].drv, &c) < 0) {
			rig_put(r, VQ_RX, b);
			break;
		}
	}
	return i;
}

bool rig_host_send(struct rig *r, const uint8_t *frame, size_t len)
{
	return send(r->host, frame, len, 0) == (ssize_t)len;
}

bool rig_rx_wait(struct rig *r, struct rig_rx *rx, int ms)
{
	uint64_t end = now_ms() + ms;
	struct vdrv_used u;
	int ret;

	while (!(ret = vdrv_reap(&r->q[VQ_RX].drv, &u))) {
		if (now_ms() > end)
			return false;
		usleep(200);
	}
	if (ret < 0 || u.len < r->hdr) {
		fprintf(stderr, "# rx: %s\n", ret < 0 ?
			r->q[VQ_RX].drv.fault : "shorter than a header");
		return false;
	}
	*rx = (struct rig_rx){
		.buf = u.token,
		.hdr = u.token,
		.frame = (uint8_t *)u.token + r->hdr,
		.len = u.len - r->hdr,
	};
	return true;
}

bool rig_ping_tx(struct rig *r)
{
	uint8_t out[200], in[256];
	size_t len = 60 + r->seq % 100;
	int n;

	frame_make(out, len, ++r->seq, r->cfg.kind ? NULL : r->mac);
	if (!rig_tx_add(r, out, len)) {
		fprintf(stderr, "# ping: no room to transmit\n");
		return false;
	}
	rig_notify(r, VQ_TX);
	if (!rig_tx_wait(r, 1, 3000)) {
		fprintf(stderr, "# ping: transmit did not complete\n");
		return false;
	}
	n = rig_host_recv(r, in, sizeof(in), 3000);
	if (n < 0) {
		fprintf(stderr, "# ping: transmitted frame did not arrive\n");
		return false;
	}
	return frame_same(in, n, out, len, "ping tx");
}

bool rig_ping_rx(struct rig *r)
{
	size_t len = 60 + r->seq % 100;
	struct rig_rx rx;
	uint8_t out[200];
	bool same;

	frame_make(out, len, ++r->seq, r->mac);
	if (!r->q[VQ_RX].drv.outstanding && rig_rx_fill(r, 1) != 1) {
		fprintf(stderr, "# ping: no room to receive\n");
		return false;
	}
	rig_notify(r, VQ_RX);
	if (!rig_host_send(r, out, len)) {
		fprintf(stderr, "# ping: send: %s\n", strerror(errno));
		return false;
	}
	if (!rig_rx_wait(r, &rx, 3000)) {
		fprintf(stderr, "# ping: no frame received\n");
		return false;
	}
	same = frame_same(rx.frame, rx.len, out, len, "ping rx");
	rig_put(r, VQ_RX, rx.buf);
	return same;
}

bool rig_ping(struct rig *r)
{
	return rig_ping_tx(r) && rig_ping_rx(r);
}
