// SPDX-License-Identifier: GPL-2.0
/*
 * The backend of a queue: VHOST_NET_SET_BACKEND attaches, replaces and detaches
 * the socket behind a file descriptor.
 *
 * Context: ioctls and release, queue mutex held. A run holds the same mutex, so
 * that none sees a queue that is half attached.
 */
#include <linux/file.h>
#include <linux/if_packet.h>
#include <linux/if_tap.h>
#include <linux/if_tun.h>
#include <linux/net.h>
#include <net/sock.h>

#include "net.h"

/**
 * struct vhn_backend - a file that may become the backend of a queue
 * @kind: what it is
 * @file: the file, with a reference
 * @sock: its socket
 */
struct vhn_backend {
	enum vhn_kind kind;
	struct file *file;
	struct socket *sock;
};

static int vhn_backend_classify(struct vhn_backend *b)
{
	struct socket *sock;

	sock = tun_get_socket(b->file);
	if (!IS_ERR(sock)) {
		b->kind = VHN_TUN;
		b->sock = sock;
		return 0;
	}
	sock = tap_get_socket(b->file);
	if (!IS_ERR(sock)) {
		b->kind = VHN_TAP;
		b->sock = sock;
		return 0;
	}
	sock = sock_from_file(b->file);
	if (sock && sock->sk->sk_family == AF_PACKET &&
	    sock->sk->sk_type == SOCK_RAW) {
		b->kind = VHN_PACKET;
		b->sock = sock;
		return 0;
	}
	return -ENOTSOCK;
}

/*
 * Look up @fd. Exactly once: another thread may put another file there, and what
 * is checked must be what is used.
 */
static int vhn_backend_get(struct vhn_backend *b, int fd)
{
	int ret;

	b->file = fget(fd);
	if (!b->file)
		return -ENOTSOCK;
	ret = vhn_backend_classify(b);
	if (ret)
		fput(b->file);
	return ret;
}

/* Forget the file; the ring is not touched. */
static void vhn_backend_put(struct vhn_vq *nvq)
{
	vh_poll_stop(&nvq->poll);
	if (nvq->vq.index == VHN_RX)
		vhn_rx_batch_return(nvq);
	else
		vhn_tx_batch_uninit(nvq);
	fput(nvq->file);
	nvq->file = NULL;
	nvq->sock = NULL;
	WRITE_ONCE(nvq->kind, VHN_DETACHED);
}

/*
 * Take the file of @b over. TX follows the file only while it waits for room:
 * else every packet for the guest would wake it.
 */
static int vhn_backend_take(struct vhn_vq *nvq, const struct vhn_backend *b)
{
	int ret = 0;

	nvq->file = b->file;
	nvq->sock = b->sock;
	WRITE_ONCE(nvq->kind, b->kind);
	vhn_hdr_set_lengths(&nvq->vq);
	if (nvq->vq.index == VHN_RX) {
		vhn_rx_batch_init(nvq);
		ret = vh_poll_start(&nvq->poll, nvq->file);
	}
	if (ret)
		vhn_backend_put(nvq);
	return ret;
}

static void vhn_backend_detach(struct vhn_vq *nvq)
{
	lockdep_assert_held(&nvq->vq.mutex);

	vh_vq_stop(&nvq->vq);
	if (nvq->file)
		vhn_backend_put(nvq);
}

/* Give the queue, detached, the backend @b, which is put when that fails. */
static int vhn_backend_attach(struct vhn_vq *nvq, const struct vhn_backend *b)
{
	int ret;

	ret = vh_vq_start(&nvq->vq);
	if (ret) {
		fput(b->file);
		return ret;
	}
	ret = vhn_backend_take(nvq, b);
	if (ret)
		vh_vq_stop(&nvq->vq);
	return ret;
}

/*
 * The configuration is validated before the file, and whatever is refused leaves
 * the queue as it was. Only a tun that loses its device at this very moment, or a
 * ring that can no longer be accessed, leaves a queue detached that had another
 * backend.
 */
static int vhn_set_backend(struct vh_ioctl_args *args)
{
	struct vhn_vq *nvq = to_vhn_vq(args->vq);
	struct vhn_backend b;
	int ret;

	lockdep_assert_held(&nvq->vq.mutex);

	if (args->u.file.fd == -1) {
		vhn_backend_detach(nvq);
		return 0;
	}
	ret = vh_vq_check(args->vq);
	if (ret)
		return ret;
	ret = vhn_backend_get(&b, args->u.file.fd);
	if (ret)
		return ret;
	if (b.sock == nvq->sock) {
		fput(b.file);
		return 0;
	}
	/* A tun without a device, for example. */
	if (vfs_poll(b.file, NULL) & EPOLLERR) {
		fput(b.file);
		return -EINVAL;
	}
	vhn_backend_detach(nvq);
	return vhn_backend_attach(nvq, &b);
}

const struct vh_ioctl vhn_ioctls[VHN_NR_IOCTLS] = {
	{ VHOST_NET_SET_BACKEND,
	  VH_IOCTL_OWNER | VH_IOCTL_VQ | VH_IOCTL_LOCK, vhn_set_backend },
};

/* Detach all queues. Device mutex held, no queue mutex. */
void vhn_backend_reset(struct vh_dev *dev)
{
	unsigned int i;

	lockdep_assert_held(&dev->mutex);

	for (i = 0; i < dev->nvqs; i++) {
		mutex_lock(&dev->vqs[i]->mutex);
		vhn_backend_detach(to_vhn_vq(dev->vqs[i]));
		mutex_unlock(&dev->vqs[i]->mutex);
	}
}
