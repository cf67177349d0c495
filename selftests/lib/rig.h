/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A whole network card for tests: /dev/vhost-net, a backend, guest memory and
 * both queues with a mock driver. Set up in the order QEMU 10 uses.
 */
#ifndef VHOST_TEST_RIG_H
#define VHOST_TEST_RIG_H

#include <stdbool.h>
#include <stdint.h>
#include <net/if.h>

#include "driver.h"
#include "frame.h"
#include "guest.h"
#include "link.h"
#include "vhost.h"

enum rig_kind { RIG_TAP, RIG_MACVTAP, RIG_PACKET };

struct rig_cfg {
	enum rig_kind kind;
	uint64_t features;
	unsigned int num;	/* ring size, 256 */
	unsigned int base;	/* first index */
	unsigned int buf;	/* bytes of each pool buffer, 2048 */
	size_t mem;		/* guest memory, 8 MiB */
	unsigned int mtu;	/* 1500 */
	bool host_vnet;		/* host socket carries 10-byte headers */
	bool kthread;		/* kernel threads where tasks are the default */
};

struct rig_q {
	struct vdrv drv;
	int kick, call, err;
	void **pool;		/* free buffers */
	unsigned int pooled;
};

struct rig {
	struct rig_cfg cfg;
	int fd;			/* vhost */
	int be;			/* backend */
	int host;		/* packet socket on the backend's other side */
	unsigned int hdr;	/* header in guest buffers: 10 or 12 */
	uint32_t seq;
	uint8_t mac[6];
	char dev[IFNAMSIZ];	/* device behind the backend */
	char low[IFNAMSIZ];	/* macvtap's lower device */
	char peer[IFNAMSIZ];	/* where @host listens */
	struct guest g;
	struct rig_q q[VQ_COUNT];
};

struct rig_rx {
	void *buf;		/* for rig_put() */
	uint8_t *hdr;
	uint8_t *frame;
	size_t len;
};

/* 0, -1 after saying why, 1 if this kernel has no such backend */
int rig_open(struct rig *r, const struct rig_cfg *cfg);
bool rig_start(struct rig *r);		/* QEMU's START */
bool rig_configure(struct rig *r);	/* START without the backends */
bool rig_attach(struct rig *r);
bool rig_stop(struct rig *r);		/* QEMU's STOP */
void rig_renew(struct rig *r, unsigned int base);	/* empty rings */
void rig_close(struct rig *r);
/* rig_open() + rig_start() */
int rig_up(struct rig *r, const struct rig_cfg *cfg);

void *rig_get(struct rig *r, unsigned int q);
void rig_put(struct rig *r, unsigned int q, void *buf);
void rig_notify(struct rig *r, unsigned int q);	/* publish, kick if wanted */
void rig_kick(struct rig *r, unsigned int q);

/* queue a frame without publishing it */
bool rig_tx_add(struct rig *r, const uint8_t *frame, size_t len);
int rig_tx_reap(struct rig *r);			/* completions or -1 */
bool rig_tx_wait(struct rig *r, unsigned int n, int ms);
int rig_host_recv(struct rig *r, uint8_t *buf, size_t cap, int ms);

unsigned int rig_rx_fill(struct rig *r, unsigned int n);
bool rig_host_send(struct rig *r, const uint8_t *frame, size_t len);
bool rig_rx_wait(struct rig *r, struct rig_rx *rx, int ms);

bool rig_ping_tx(struct rig *r);
bool rig_ping_rx(struct rig *r);
bool rig_ping(struct rig *r);		/* a frame each way, bytes compared */

uint64_t efd_take(int efd);		/* signals since the last call */
bool efd_wait(int efd, int ms);		/* readable within @ms? */
int efd_new(unsigned int count);
uint64_t now_ms(void);

#endif
