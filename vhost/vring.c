// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctls of one queue: VHOST_{SET,GET}_VRING_*.
 *
 * Context: owner's ioctl, device mutex held; each handler takes the queue mutex.
 */
#include <linux/file.h>
#include <linux/log2.h>

#include "priv.h"

static int vh_vring_set_num(struct vh_ioctl_args *args)
{
	struct vh_vq *vq = args->vq;
	u32 num = args->u.state.num;

	lockdep_assert_held(&vq->mutex);

	if (vq->started)
		return -EBUSY;
	/* A split ring's size is a power of two (virtio 1.2, section 2.7). */
	if (num > U16_MAX || !is_power_of_2(num))
		return -EINVAL;
	vq->cfg.num = num;
	return 0;
}

static int vh_vring_set_base(struct vh_ioctl_args *args)
{
	struct vh_vq *vq = args->vq;

	lockdep_assert_held(&vq->mutex);

	if (vq->started)
		return -EBUSY;
	return vh_ring_set_base(&vq->ring, args->u.state.num);
}

static int vh_vring_get_base(struct vh_ioctl_args *args)
{
	lockdep_assert_held(&args->vq->mutex);

	args->u.state.num = vh_ring_get_base(&args->vq->ring);
	return 0;
}

static int vh_vring_set_addr(struct vh_ioctl_args *args)
{
	const struct vhost_vring_addr *addr = &args->u.addr;

	lockdep_assert_held(&args->vq->mutex);

	/* The used ring's address in the log may be given; nothing is logged. */
	if (addr->flags & ~BIT(VHOST_VRING_F_LOG))
		return -EOPNOTSUPP;
	if (addr->desc_user_addr > ULONG_MAX ||
	    addr->avail_user_addr > ULONG_MAX ||
	    addr->used_user_addr > ULONG_MAX)
		return -EFAULT;
	if (!IS_ALIGNED(addr->desc_user_addr, VRING_DESC_ALIGN_SIZE) ||
	    !IS_ALIGNED(addr->avail_user_addr, VRING_AVAIL_ALIGN_SIZE) ||
	    !IS_ALIGNED(addr->used_user_addr, VRING_USED_ALIGN_SIZE) ||
	    !IS_ALIGNED(addr->log_guest_addr, VRING_USED_ALIGN_SIZE))
		return -EINVAL;
	return vh_vq_set_addr(args->vq, addr);
}

/* The kick poll also wakes the queue once if the eventfd is readable already. */
static int vh_vring_set_kick(struct vh_ioctl_args *args)
{
	struct vh_vq *vq = args->vq;
	struct file *file = NULL;
	int ret = 0;

	lockdep_assert_held(&vq->mutex);

	if (args->u.file.fd != -1) {
		file = eventfd_fget(args->u.file.fd);
		if (IS_ERR(file))
			return PTR_ERR(file);
	}
	if (file != vq->kick.file) {
		vh_poll_stop(&vq->kick);
		if (file)
			ret = vh_poll_start(&vq->kick, file);
	}
	if (file)
		fput(file);
	return ret;
}

/* Replace an eventfd context by the one behind @fd, or by none for -1. */
static int vh_replace_ctx(struct eventfd_ctx **place, int fd)
{
	struct eventfd_ctx *ctx = NULL;

	if (fd != -1) {
		ctx = eventfd_ctx_fdget(fd);
		if (IS_ERR(ctx))
			return PTR_ERR(ctx);
	}
	swap(*place, ctx);
	if (ctx)
		eventfd_ctx_put(ctx);
	return 0;
}

static int vh_vring_set_call(struct vh_ioctl_args *args)
{
	lockdep_assert_held(&args->vq->mutex);

	return vh_replace_ctx(&args->vq->call_ctx, args->u.file.fd);
}

static int vh_vring_set_err(struct vh_ioctl_args *args)
{
	lockdep_assert_held(&args->vq->mutex);

	return vh_replace_ctx(&args->vq->err_ctx, args->u.file.fd);
}

static int vh_vring_set_busyloop(struct vh_ioctl_args *args)
{
	lockdep_assert_held(&args->vq->mutex);

	args->vq->cfg.busyloop_us = args->u.state.num;
	return 0;
}

static int vh_vring_get_busyloop(struct vh_ioctl_args *args)
{
	lockdep_assert_held(&args->vq->mutex);

	args->u.state.num = args->vq->cfg.busyloop_us;
	return 0;
}

#define VH_VRING (VH_IOCTL_OWNER | VH_IOCTL_VQ | VH_IOCTL_LOCK)

const struct vh_ioctl vh_vring_ioctls[] = {
	{ VHOST_SET_VRING_NUM, VH_VRING, vh_vring_set_num },
	{ VHOST_SET_VRING_BASE, VH_VRING, vh_vring_set_base },
	{ VHOST_GET_VRING_BASE, VH_VRING, vh_vring_get_base },
	{ VHOST_SET_VRING_ADDR, VH_VRING, vh_vring_set_addr },
	{ VHOST_SET_VRING_KICK, VH_VRING, vh_vring_set_kick },
	{ VHOST_SET_VRING_CALL, VH_VRING, vh_vring_set_call },
	{ VHOST_SET_VRING_ERR, VH_VRING, vh_vring_set_err },
	{ VHOST_SET_VRING_BUSYLOOP_TIMEOUT, VH_VRING, vh_vring_set_busyloop },
	{ VHOST_GET_VRING_BUSYLOOP_TIMEOUT, VH_VRING | VH_IOCTL_OUT,
	  vh_vring_get_busyloop },
};

const unsigned int vh_nr_vring_ioctls = ARRAY_SIZE(vh_vring_ioctls);
