// SPDX-License-Identifier: GPL-2.0
/* The vhost ioctls as functions that return 0 or an errno */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/ioctl.h>

#include "vhost.h"

int vh_open(void)
{
	return open(VHOST_NET_NODE, O_RDWR | O_CLOEXEC);
}

int vh_ioctl(int fd, unsigned long req, const void *arg)
{
	return ioctl(fd, req, arg) < 0 ? errno : 0;
}

int vh_owner(int fd)
{
	return vh_ioctl(fd, VHOST_SET_OWNER, NULL);
}

int vh_reset(int fd)
{
	return vh_ioctl(fd, VHOST_RESET_OWNER, NULL);
}

int vh_get_features(int fd, uint64_t *f)
{
	return vh_ioctl(fd, VHOST_GET_FEATURES, f);
}

int vh_features(int fd, uint64_t f)
{
	return vh_ioctl(fd, VHOST_SET_FEATURES, &f);
}

int vh_mem(int fd, const struct vh_region *r, unsigned int n)
{
	struct vhost_memory *m;
	unsigned int i;
	int err;

	m = calloc(1, sizeof(*m) + n * sizeof(m->regions[0]));
	if (!m)
		return ENOMEM;
	m->nregions = n;
	for (i = 0; i < n; i++) {
		m->regions[i].guest_phys_addr = r[i].addr;
		m->regions[i].memory_size = r[i].size;
		m->regions[i].userspace_addr = r[i].user;
	}
	err = vh_ioctl(fd, VHOST_SET_MEM_TABLE, m);
	free(m);
	return err;
}

int vh_mem_guest(int fd, const struct guest *g)
{
	struct vh_region r = { g->base, g->size, user_addr(g->mem) };

	return vh_mem(fd, &r, 1);
}

static int set_state(int fd, unsigned long req, unsigned int q, unsigned int v)
{
	struct vhost_vring_state s = { .index = q, .num = v };

	return vh_ioctl(fd, req, &s);
}

int vh_num(int fd, unsigned int q, unsigned int num)
{
	return set_state(fd, VHOST_SET_VRING_NUM, q, num);
}

int vh_base(int fd, unsigned int q, unsigned int base)
{
	return set_state(fd, VHOST_SET_VRING_BASE, q, base);
}

int vh_get_base(int fd, unsigned int q, unsigned int *base)
{
	struct vhost_vring_state s = { .index = q };
	int err = vh_ioctl(fd, VHOST_GET_VRING_BASE, &s);

	if (!err)
		*base = s.num;
	return err;
}

int vh_addr_raw(int fd, const struct vhost_vring_addr *a)
{
	return vh_ioctl(fd, VHOST_SET_VRING_ADDR, a);
}

int vh_addr(int fd, unsigned int q, const void *desc, const void *avail,
	    const void *used)
{
	struct vhost_vring_addr a = {
		.index = q,
		.desc_user_addr = user_addr(desc),
		.avail_user_addr = user_addr(avail),
		.used_user_addr = user_addr(used),
	};

	return vh_addr_raw(fd, &a);
}

int vh_ring(int fd, unsigned int q, const struct vdrv *d)
{
	return vh_addr(fd, q, d->part[VDRV_DESC], d->part[VDRV_AVAIL],
		       d->part[VDRV_USED]);
}

static int set_file(int fd, unsigned long req, unsigned int q, int file)
{
	struct vhost_vring_file f = { .index = q, .fd = file };

	return vh_ioctl(fd, req, &f);
}

int vh_kick(int fd, unsigned int q, int efd)
{
	return set_file(fd, VHOST_SET_VRING_KICK, q, efd);
}

int vh_call(int fd, unsigned int q, int efd)
{
	return set_file(fd, VHOST_SET_VRING_CALL, q, efd);
}

int vh_err(int fd, unsigned int q, int efd)
{
	return set_file(fd, VHOST_SET_VRING_ERR, q, efd);
}

int vh_backend(int fd, unsigned int q, int be)
{
	return set_file(fd, VHOST_NET_SET_BACKEND, q, be);
}
