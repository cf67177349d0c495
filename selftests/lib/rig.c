// SPDX-License-Identifier: GPL-2.0
/* Setting up and tearing down the test network card */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/eventfd.h>

#include "rig.h"

uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000ull + t.tv_nsec / 1000000;
}

int efd_new(unsigned int count)
{
	return eventfd(count, EFD_NONBLOCK | EFD_CLOEXEC);
}

uint64_t efd_take(int efd)
{
	uint64_t n;

	return read(efd, &n, sizeof(n)) == sizeof(n) ? n : 0;
}

bool efd_wait(int efd, int ms)
{
	struct pollfd p = { .fd = efd, .events = POLLIN };

	return poll(&p, 1, ms) == 1;
}

static int fail(const char *step, int err)
{
	fprintf(stderr, "# rig: %s: %s\n", step, strerror(err));
	return -1;
}

#define TRY(call) do {				\
	int err_ = (call);			\
	if (err_) {				\
		fail(#call, err_);		\
		return false;			\
	}					\
} while (0)

static void defaults(struct rig_cfg *c)
{
	if (!c->num)
		c->num = 256;
	if (!c->buf)
		c->buf = 2048;
	if (!c->mem)
		c->mem = 8 << 20;
	if (!c->mtu)
		c->mtu = 1500;
}

/* Size of the header the backend itself has to carry */
static unsigned int backend_hdr(const struct rig *r)
{
	return r->cfg.features & F_HOST_HDR ? 0 : r->hdr;
}

static int open_tap(struct rig *r)
{
	static const uint8_t other[6] = { 2, 0, 0, 0, 0, 1 };

	r->be = tap_open(r->dev, backend_hdr(r), 0);
	if (r->be < 0)
		return fail("tap", errno);
	memcpy(r->mac, other, 6);
	memcpy(r->peer, r->dev, IFNAMSIZ);
	return 0;
}

static bool no_such_kind(void)
{
	return errno == EOPNOTSUPP || errno == ENODEV || errno == ENOENT ||
	       errno == ENXIO;
}

static int open_macvtap(struct rig *r)
{
	link_name(r->dev, "vm");
	link_name(r->low, "vl");
	link_name(r->peer, "vp");
	if (link_add_veth(r->low, r->peer))
		return no_such_kind() ? 1 : fail("veth", errno);
	if (link_up(r->low, r->cfg.mtu))
		return fail("link up", errno);
	r->be = macvtap_open(r->dev, r->low, backend_hdr(r));
	if (r->be < 0)
		return no_such_kind() ? 1 : fail("macvtap", errno);
	if (link_mac(r->dev, r->mac))
		return fail("macvtap address", errno);
	return 0;
}

static int open_packet(struct rig *r)
{
	link_name(r->dev, "vk");
	link_name(r->peer, "vp");
	if (link_add_veth(r->dev, r->peer))
		return no_such_kind() ? 1 : fail("veth", errno);
	if (link_mac(r->dev, r->mac))
		return fail("veth address", errno);
	if (link_up(r->dev, r->cfg.mtu))
		return fail("link up", errno);
	r->be = packet_open(r->dev, FRAME_PROTO, backend_hdr(r) != 0);
	return r->be < 0 ? fail("packet socket", errno) : 0;
}

static int open_backend(struct rig *r)
{
	int ret;

	switch (r->cfg.kind) {
	case RIG_MACVTAP:
		ret = open_macvtap(r);
		break;
	case RIG_PACKET:
		ret = open_packet(r);
		break;
	default:
		ret = open_tap(r);
	}
	if (ret)
		return ret;
	if (link_up(r->dev, r->cfg.mtu))
		return fail("link up", errno);
	if (strcmp(r->dev, r->peer) && link_up(r->peer, r->cfg.mtu))
		return fail("peer up", errno);
	r->host = packet_open(r->peer, FRAME_PROTO, r->cfg.host_vnet);
	return r->host < 0 ? fail("host socket", errno) : 0;
}

static bool make_queue(struct rig *r, unsigned int q)
{
	struct rig_q *rq = &r->q[q];
	void *part[VDRV_PARTS];
	unsigned int i;

	for (i = 0; i < VDRV_PARTS; i++) {
		part[i] = guest_alloc(&r->g,
				      vdrv_split.part_size(r->cfg.num, i),
				      vdrv_split.part_align(i));
		if (!part[i])
			return false;
	}
	if (vdrv_init(&rq->drv, &vdrv_split, r->cfg.num, part,
		      r->cfg.features & F_EVENT_IDX ? VDRV_EVENT_IDX : 0))
		return false;
	rq->pool = calloc(r->cfg.num, sizeof(*rq->pool));
	if (!rq->pool)
		return false;
	for (i = 0; i < r->cfg.num; i++) {
		void *b = guest_alloc(&r->g, r->cfg.buf, 8);

		if (!b)
			break;
		rq->pool[rq->pooled++] = b;
	}
	vdrv_reset(&rq->drv, r->cfg.base);
	rq->kick = efd_new(1);	/* as QEMU: readable before the first kick */
	rq->call = efd_new(0);
	rq->err = efd_new(0);
	return i && rq->kick >= 0 && rq->call >= 0 && rq->err >= 0;
}

static bool init_vhost(struct rig *r)
{
	uint8_t kthread = 0;
	unsigned int q;

	/* kernels without vhost tasks do not know the ioctl */
	if (r->cfg.kthread)
		vh_ioctl(r->fd, VH_SET_FORK, &kthread);
	TRY(vh_owner(r->fd));
	for (q = 0; q < VQ_COUNT; q++) {
		TRY(vh_call(r->fd, q, r->q[q].call));
		TRY(vh_err(r->fd, q, r->q[q].err));
	}
	return true;
}

int rig_open(struct rig *r, const struct rig_cfg *cfg)
{
	unsigned int q;
	int ret;

	memset(r, 0, sizeof(*r));
	r->cfg = *cfg;
	defaults(&r->cfg);
	r->fd = r->be = r->host = -1;
	for (q = 0; q < VQ_COUNT; q++)
		r->q[q].kick = r->q[q].call = r->q[q].err = -1;
	r->hdr = cfg->features & (F_MRG_RXBUF | F_VERSION_1) ? 12 : 10;

	if (guest_init(&r->g, r->cfg.mem, GUEST_BASE))
		return fail("guest memory", errno);
	ret = open_backend(r);
	if (ret)
		return ret;
	for (q = 0; q < VQ_COUNT; q++)
		if (!make_queue(r, q))
			return fail("queue", ENOMEM);
	r->fd = vh_open();
	if (r->fd < 0)
		return fail(VHOST_NET_NODE, errno);
	return init_vhost(r) ? 0 : -1;
}

bool rig_configure(struct rig *r)
{
	unsigned int q;

	TRY(vh_features(r->fd, r->cfg.features));
	TRY(vh_mem_guest(r->fd, &r->g));
	for (q = 0; q < VQ_COUNT; q++) {
		TRY(vh_num(r->fd, q, r->cfg.num));
		TRY(vh_base(r->fd, q, r->q[q].drv.used_idx));
		TRY(vh_ring(r->fd, q, &r->q[q].drv));
		TRY(vh_kick(r->fd, q, r->q[q].kick));
		TRY(vh_call(r->fd, q, r->q[q].call));
		TRY(vh_err(r->fd, q, r->q[q].err));
	}
	return true;
}

bool rig_attach(struct rig *r)
{
	TRY(vh_backend(r->fd, VQ_RX, r->be));
	TRY(vh_backend(r->fd, VQ_TX, r->be));
	return true;
}

bool rig_start(struct rig *r)
{
	return rig_configure(r) && rig_attach(r);
}

bool rig_stop(struct rig *r)
{
	unsigned int q, base;

	for (q = 0; q < VQ_COUNT; q++)
		TRY(vh_backend(r->fd, q, -1));
	for (q = 0; q < VQ_COUNT; q++)
		TRY(vh_get_base(r->fd, q, &base));
	return true;
}

int rig_up(struct rig *r, const struct rig_cfg *cfg)
{
	int ret = rig_open(r, cfg);

	return ret ? ret : rig_start(r) ? 0 : -1;
}

/* As a driver that resets its device: all buffers are its own again */
void rig_renew(struct rig *r, unsigned int base)
{
	unsigned int q, i;

	for (q = 0; q < VQ_COUNT; q++) {
		struct rig_q *rq = &r->q[q];
		struct vdrv *d = &rq->drv;

		for (i = 0; i < d->num; i++)
			if (d->slot[i].descs && d->slot[i].token)
				rq->pool[rq->pooled++] = d->slot[i].token;
		vdrv_reset(d, base);
		efd_take(rq->call);
		efd_take(rq->err);
	}
}

static void shut(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void rig_close(struct rig *r)
{
	unsigned int q;

	shut(&r->fd);
	shut(&r->be);
	shut(&r->host);
	for (q = 0; q < VQ_COUNT; q++) {
		shut(&r->q[q].kick);
		shut(&r->q[q].call);
		shut(&r->q[q].err);
		vdrv_free(&r->q[q].drv);
		free(r->q[q].pool);
	}
	if (r->cfg.kind == RIG_MACVTAP)
		link_del(r->dev);
	if (r->cfg.kind != RIG_TAP)
		link_del(r->peer);	/* takes its veth partner along */
	guest_free(&r->g);
}
