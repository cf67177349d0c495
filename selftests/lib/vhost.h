/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The vhost ioctls as functions. Each returns 0 or an errno, so that a test
 * says EXPECT_EQ(EBUSY, vh_num(fd, 0, 256)).
 */
#ifndef VHOST_TEST_VHOST_H
#define VHOST_TEST_VHOST_H

#include <stddef.h>
#include <stdint.h>

#include <linux/vhost.h>

#include "driver.h"
#include "guest.h"

#define VHOST_NET_NODE	"/dev/vhost-net"

enum { VQ_RX, VQ_TX, VQ_COUNT };

#define F(bit)		(1ull << (bit))
#define F_MRG_RXBUF	F(15)
#define F_ON_EMPTY	F(24)
#define F_LOG_ALL	F(26)
#define F_HOST_HDR	F(27)	/* vhost supplies and strips the header */
#define F_INDIRECT	F(28)
#define F_EVENT_IDX	F(29)
#define F_VERSION_1	F(32)
#define F_PLATFORM	F(33)
#define F_RING_RESET	F(40)

/* In Linux 6.12 and later; headers of the build machine may lack them */
#define VH_SET_FORK	_IOW(VHOST_VIRTIO, 0x84, uint8_t)
#define VH_GET_FORK	_IOR(VHOST_VIRTIO, 0x85, uint8_t)

struct vh_region {
	uint64_t addr;
	uint64_t size;
	uint64_t user;
};

int vh_open(void);		/* fd or -1 */
int vh_ioctl(int fd, unsigned long req, const void *arg);
int vh_owner(int fd);
int vh_reset(int fd);
int vh_get_features(int fd, uint64_t *f);
int vh_features(int fd, uint64_t f);
int vh_mem(int fd, const struct vh_region *r, unsigned int n);
int vh_mem_guest(int fd, const struct guest *g);
int vh_num(int fd, unsigned int q, unsigned int num);
int vh_base(int fd, unsigned int q, unsigned int base);
int vh_get_base(int fd, unsigned int q, unsigned int *base);
int vh_addr(int fd, unsigned int q, const void *desc, const void *avail,
	    const void *used);
int vh_addr_raw(int fd, const struct vhost_vring_addr *a);
int vh_ring(int fd, unsigned int q, const struct vdrv *d);
int vh_kick(int fd, unsigned int q, int efd);
int vh_call(int fd, unsigned int q, int efd);
int vh_err(int fd, unsigned int q, int efd);
int vh_backend(int fd, unsigned int q, int be);

#endif
