// SPDX-License-Identifier: GPL-2.0
/*
 * Transmit: from the chains of the guest to the socket.
 *
 * Context: the worker, queue mutex held, owner's mm active.
 *
 * Chains are fetched in batches, and completed in one go when all of them were
 * dealt with: a packet is copied, or refused for good, before that, so nothing
 * of a chain is in flight between runs. Packets leave in the order of their
 * chains, whether they go in an array (tx_batch.c) or on their own.
 */
#include <linux/etherdevice.h>
#include <linux/net.h>
#include <linux/socket.h>

#include "net.h"

/* What ends a run. */
enum vhn_tx_end {
	VHN_TX_GO_ON,
	VHN_TX_BUDGET,		/* others' turn */
	VHN_TX_NO_ROOM,		/* wait for room in the socket */
	VHN_TX_BAD_CHAIN,	/* a chain that cannot be sent */
};

/**
 * struct vhn_tx_budget - what a run has cost
 * @packets: packets looked at
 * @bytes: bytes in them
 */
struct vhn_tx_budget {
	unsigned int packets;
	u64 bytes;
};

static bool vhn_tx_is_spent(const struct vhn_tx_budget *b)
{
	return b->packets >= VH_RUN_PACKETS || b->bytes >= VH_RUN_BYTES;
}

static bool vhn_tx_is_short(const struct vhn_vq *nvq, const struct vh_buf *buf)
{
	return buf->out_len < nvq->guest_hlen + ETH_HLEN;
}

/* Check a header that the socket will read by itself again. */
static int vhn_tx_check_header(struct vhn_vq *nvq, struct iov_iter from)
{
	size_t len = iov_iter_count(&from) - nvq->sock_hlen;
	struct virtio_net_hdr hdr;

	if (!nvq->sock_hlen)
		return 0;
	if (!copy_from_iter_full(&hdr, sizeof(hdr), &from)) {
		vhn_count(nvq, VHN_DROP_FAULT, 1);
		return -EFAULT;
	}
	if (!vhn_hdr_check(nvq, &hdr, len)) {
		vhn_count(nvq, VHN_DROP_HEADER, 1);
		return -EINVAL;
	}
	return 0;
}

/*
 * Send one packet from the guest's memory. @more: the next packet follows at
 * once, so the socket may gather them.
 */
static enum vhn_tx_end vhn_tx_single(struct vhn_vq *nvq,
				     const struct vh_buf *buf, bool more)
{
	struct msghdr msg = {
		.msg_flags = MSG_DONTWAIT | (more ? MSG_MORE : 0),
	};
	int ret;

	iov_iter_init(&msg.msg_iter, ITER_SOURCE, vh_buf_out(&nvq->vq, buf),
		      buf->nout, buf->out_len);
	iov_iter_advance(&msg.msg_iter, vhn_own_hlen(nvq));
	if (vhn_tx_check_header(nvq, msg.msg_iter))
		return VHN_TX_GO_ON;

	ret = READ_ONCE(nvq->sock->ops)->sendmsg(nvq->sock, &msg,
						 iov_iter_count(&msg.msg_iter));
	if (likely(ret >= 0)) {
		vhn_count(nvq, VHN_SINGLES, 1);
		vhn_count(nvq, VHN_PACKETS, 1);
		vhn_count(nvq, VHN_BYTES, buf->out_len);
		return VHN_TX_GO_ON;
	}
	if (ret == -EAGAIN || ret == -ENOBUFS || ret == -ENOMEM)
		return VHN_TX_NO_ROOM;
	vhn_count(nvq, ret == -EFAULT ? VHN_DROP_FAULT : VHN_DROP_SEND, 1);
	return VHN_TX_GO_ON;
}

/* Send, batch or drop the packet of chain @i of the @n that were fetched. */
static enum vhn_tx_end vhn_tx_one(struct vhn_vq *nvq, unsigned int i,
				  unsigned int n, bool batch)
{
	const struct vh_buf *buf = &nvq->tx->bufs[i];
	bool more;

	if (unlikely(buf->nin))
		return VHN_TX_BAD_CHAIN;
	if (unlikely(vhn_tx_is_short(nvq, buf))) {
		vhn_count(nvq, VHN_DROP_SHORT, 1);
		return VHN_TX_GO_ON;
	}
	if (batch && !vhn_tx_batch_add(nvq, buf))
		return VHN_TX_GO_ON;

	/* Those in front of it first. */
	vhn_tx_batch_send(nvq);
	more = !batch && i + 1 < n && !buf[1].nin &&
	       !vhn_tx_is_short(nvq, &buf[1]);
	return vhn_tx_single(nvq, buf, more);
}

/*
 * Deal with @n fetched chains: complete those that were sent or dropped, give
 * the others back.
 */
static enum vhn_tx_end vhn_tx_chains(struct vhn_vq *nvq, unsigned int n,
				     struct vhn_tx_budget *budget)
{
	bool batch = vhn_tx_can_batch(nvq);
	enum vhn_tx_end end = VHN_TX_GO_ON;
	struct vh_buf *bufs = nvq->tx->bufs;
	struct vh_vq *vq = &nvq->vq;
	unsigned int i;

	for (i = 0; i < n; i++) {
		if (vhn_tx_is_spent(budget)) {
			end = VHN_TX_BUDGET;
			break;
		}
		end = vhn_tx_one(nvq, i, n, batch);
		if (end != VHN_TX_GO_ON)
			break;
		budget->packets++;
		budget->bytes += bufs[i].out_len;
	}
	vhn_tx_batch_send(nvq);

	vh_vq_unfetch(vq, &bufs[i], n - i);
	vh_vq_complete(vq, bufs, i);
	vh_vq_publish(vq);
	vh_vq_signal(vq);
	return end;
}

static enum vh_run vhn_tx_finish(struct vhn_vq *nvq, enum vhn_tx_end end)
{
	switch (end) {
	case VHN_TX_NO_ROOM:
		vhn_count(nvq, VHN_WAITS_ROOM, 1);
		/* A socket in error wakes nobody: it will fail the next packet. */
		if (vh_poll_start(&nvq->poll, nvq->file))
			return VH_RUN_AGAIN;
		return VH_RUN_IDLE;
	case VHN_TX_BAD_CHAIN:
		vh_vq_set_broken(&nvq->vq, VH_BAD_DIRECTION);
		return VH_RUN_IDLE;
	default:
		return VH_RUN_AGAIN;
	}
}

/**
 * vhn_tx_run() - serve the transmit queue
 * @vq: queue
 */
enum vh_run vhn_tx_run(struct vh_vq *vq)
{
	struct vhn_vq *nvq = to_vhn_vq(vq);
	struct vhn_tx_budget budget = { };
	enum vhn_tx_end end;
	int n;

	vh_poll_stop(&nvq->poll);
	vh_vq_kick_disable(vq);
	while (!vhn_tx_is_spent(&budget)) {
		n = vh_vq_fetch(vq, nvq->tx->bufs, VH_BATCH);
		if (n < 0)
			return VH_RUN_IDLE;
		if (!n) {
			if (!vh_vq_kick_enable(vq))
				return VH_RUN_IDLE;
			vh_vq_kick_disable(vq);
			budget.packets++;
			continue;
		}
		end = vhn_tx_chains(nvq, n, &budget);
		if (end != VHN_TX_GO_ON)
			return vhn_tx_finish(nvq, end);
	}
	return VH_RUN_AGAIN;
}
