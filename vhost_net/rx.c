// SPDX-License-Identifier: GPL-2.0
/*
 * Receive: from the packets of the socket to the chains of the guest.
 *
 * Context: the worker, queue mutex held, owner's mm active.
 *
 * Packets and chains are both taken in batches (rx_batch.c, rx_chain.c); here one
 * meets the other, by way of the socket's recvmsg.
 */
#include <linux/net.h>
#include <linux/socket.h>

#include "net.h"

/* What ends a run. */
enum vhn_rx_end {
	VHN_RX_GO_ON,
	VHN_RX_BUDGET,		/* others' turn */
	VHN_RX_NO_PACKET,	/* wait for the socket */
	VHN_RX_NO_CHAIN,	/* wait for a kick */
	VHN_RX_BAD_CHAIN,	/* a chain that cannot be received into */
	VHN_RX_BROKEN,		/* the core declared the queue broken */
};

static int vhn_rx_recvmsg(struct vhn_vq *nvq, struct msghdr *msg)
{
	/* The pointer belongs to the socket from here on, whatever it says. */
	msg->msg_control = vhn_rx_batch_pop(nvq);
	return READ_ONCE(nvq->sock->ops)->recvmsg(nvq->sock, msg,
						  iov_iter_count(&msg->msg_iter),
						  MSG_DONTWAIT | MSG_TRUNC);
}

/* Receive a packet into nothing. */
static void vhn_rx_drop(struct vhn_vq *nvq, enum vhn_stat why)
{
	struct msghdr msg = { };

	iov_iter_init(&msg.msg_iter, ITER_DEST, NULL, 0, 0);
	vhn_rx_recvmsg(nvq, &msg);
	vhn_count(nvq, why, 1);
}

/*
 * Receive a packet of @size bytes, vnet header included, into the next @chains
 * chains. On failure the packet is gone and the chains are as free as before.
 */
static void vhn_rx_packet(struct vhn_vq *nvq, unsigned int chains, size_t size)
{
	const struct vh_buf *first = &nvq->rx->bufs[nvq->rx->head];
	const struct iovec *iov = vh_buf_in(&nvq->vq, first);
	size_t own = vhn_own_hlen(nvq);
	struct msghdr msg = { };
	unsigned int i, nr = 0;
	int ret;

	for (i = 0; i < chains; i++)
		nr += first[i].nin;
	iov_iter_init(&msg.msg_iter, ITER_DEST, iov, nr, size);
	iov_iter_advance(&msg.msg_iter, own);

	ret = vhn_rx_recvmsg(nvq, &msg);
	/* Somebody else reads from the socket and was faster. */
	if (unlikely(ret == -EAGAIN))
		return;
	if (unlikely(ret < 0)) {
		vhn_count(nvq, ret == -EFAULT ? VHN_DROP_FAULT : VHN_DROP_RECV,
			  1);
		return;
	}
	if (unlikely(ret != size - own)) {
		vhn_count(nvq, VHN_DROP_LENGTH, 1);
		return;
	}
	if (unlikely(vhn_hdr_finish(nvq, iov, nr, size, chains))) {
		vhn_count(nvq, VHN_DROP_FAULT, 1);
		return;
	}
	vhn_rx_chain_use(nvq, chains, size);
	vhn_count(nvq, VHN_PACKETS, 1);
	vhn_count(nvq, VHN_BYTES, size);
}

/* One packet. Adds its size to @bytes. */
static enum vhn_rx_end vhn_rx_one(struct vhn_vq *nvq, size_t *bytes)
{
	unsigned int len;
	size_t size;
	int n;

	if (!vhn_rx_batch_peek(nvq, &len))
		return VHN_RX_NO_PACKET;
	size = (size_t)len + nvq->guest_hlen;
	n = vhn_rx_chain_gather(nvq, size);
	if (unlikely(nvq->vq.broken))
		return VHN_RX_BROKEN;
	if (unlikely(!n))
		return VHN_RX_NO_CHAIN;
	if (unlikely(n == -EINVAL))
		return VHN_RX_BAD_CHAIN;
	if (unlikely(n == -EMSGSIZE))
		vhn_rx_drop(nvq, VHN_DROP_TRUNCATED);
	else
		vhn_rx_packet(nvq, n, size);
	*bytes += size;
	return VHN_RX_GO_ON;
}

static enum vhn_rx_end vhn_rx_many(struct vhn_vq *nvq)
{
	enum vhn_rx_end end;
	unsigned int n;
	size_t bytes = 0;

	for (n = 0; n < VH_RUN_PACKETS && bytes < VH_RUN_BYTES; n++) {
		end = vhn_rx_one(nvq, &bytes);
		if (end != VHN_RX_GO_ON)
			return end;
	}
	return VHN_RX_BUDGET;
}

/**
 * vhn_rx_run() - serve the receive queue
 * @vq: queue
 *
 * While there are packets, kicks are off; they are asked for only when the driver
 * must add chains. The socket's wake-ups are heeded only when it has no packet:
 * otherwise a socket that is ready all the time would wake us for chains that are
 * still missing.
 */
enum vh_run vhn_rx_run(struct vh_vq *vq)
{
	struct vhn_vq *nvq = to_vhn_vq(vq);
	enum vhn_rx_end end;

	vh_poll_disarm(&nvq->poll);
	vh_vq_kick_disable(vq);
	end = vhn_rx_many(nvq);
	vhn_rx_chain_release(nvq);

	switch (end) {
	case VHN_RX_NO_PACKET:
		vh_poll_arm(&nvq->poll);
		return VH_RUN_IDLE;
	case VHN_RX_NO_CHAIN:
		vhn_count(nvq, VHN_WAITS_CHAIN, 1);
		return vh_vq_kick_enable(vq) ? VH_RUN_AGAIN : VH_RUN_IDLE;
	case VHN_RX_BAD_CHAIN:
		vh_vq_set_broken(vq, VH_BAD_DIRECTION);
		return VH_RUN_IDLE;
	case VHN_RX_BROKEN:
		return VH_RUN_IDLE;
	default:
		return VH_RUN_AGAIN;
	}
}
