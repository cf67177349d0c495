// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that wait to be received.
 *
 * Context: queue mutex held.
 *
 * A tap keeps its packets as pointers in a ring. We take a batch of them under
 * one lock and pass each to recvmsg as the packet to deliver; the socket frees
 * it, also when it fails. A pointer that is left at detach goes back into the
 * ring. AF_PACKET has a list of buffers, of which we only look at the first.
 *
 * A packet holds no reference on its network device, and nothing here follows
 * skb->dev.
 */
#include <linux/if_tap.h>
#include <linux/if_tun.h>
#include <linux/ptr_ring.h>
#include <linux/skb_array.h>
#include <net/sock.h>

#include "net.h"

/* Find the ring of the backend that is being attached. */
void vhn_rx_batch_init(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;

	lockdep_assert_held(&nvq->vq.mutex);

	rx->ring = NULL;
	if (nvq->kind == VHN_TUN)
		rx->ring = tun_get_tx_ring(nvq->file);
	else if (nvq->kind == VHN_TAP)
		rx->ring = tap_get_ptr_ring(nvq->file);
	WRITE_ONCE(rx->qhead, 0);
	WRITE_ONCE(rx->qtail, 0);
}

/* Packets that are known to wait: at least those of the batch. */
unsigned int vhn_rx_batch_pending(const struct vhn_vq *nvq)
{
	const struct vhn_rx *rx = nvq->rx;

	lockdep_assert_held(&nvq->vq.mutex);

	if (!rx->ring)
		return skb_queue_len_lockless(&nvq->sock->sk->sk_receive_queue);
	return rx->qtail - rx->qhead;
}

/* Give packets that were not delivered back to the ring, in front. */
void vhn_rx_batch_return(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;

	lockdep_assert_held(&nvq->vq.mutex);

	if (rx->qtail != rx->qhead)
		ptr_ring_unconsume(rx->ring, &rx->queue[rx->qhead],
				   rx->qtail - rx->qhead, tun_ptr_free);
	WRITE_ONCE(rx->qhead, 0);
	WRITE_ONCE(rx->qtail, 0);
	rx->ring = NULL;
}

/* Bytes that recvmsg will deliver for a pointer from a ring, without header. */
static unsigned int vhn_rx_ptr_len(void *ptr)
{
	if (tun_is_xdp_frame(ptr))
		return tun_ptr_to_xdp(ptr)->len;
	return __skb_array_len_with_tag(ptr);
}

/*
 * AF_PACKET keeps a VLAN tag apart and does not deliver it. Counting the tag
 * makes such a packet fail the check of its length: dropped, rather than let into
 * the wrong network.
 */
static bool vhn_rx_peek_sock(struct sock *sk, unsigned int *len)
{
	struct sk_buff *skb;
	unsigned long flags;

	if (skb_queue_empty_lockless(&sk->sk_receive_queue))
		return false;
	spin_lock_irqsave(&sk->sk_receive_queue.lock, flags);
	skb = skb_peek(&sk->sk_receive_queue);
	if (skb)
		*len = __skb_array_len_with_tag(skb);
	spin_unlock_irqrestore(&sk->sk_receive_queue.lock, flags);
	return skb;
}

/**
 * vhn_rx_batch_peek() - look at the next packet
 * @nvq: queue, attached
 * @len: receives its length as the guest will see it, without vnet header
 *
 * Return: is there one?
 */
bool vhn_rx_batch_peek(struct vhn_vq *nvq, unsigned int *len)
{
	struct vhn_rx *rx = nvq->rx;
	int n;

	lockdep_assert_held(&nvq->vq.mutex);

	if (!rx->ring)
		return vhn_rx_peek_sock(nvq->sock->sk, len);
	if (rx->qhead == rx->qtail) {
		n = ptr_ring_consume_batched(rx->ring, rx->queue,
					     ARRAY_SIZE(rx->queue));
		WRITE_ONCE(rx->qhead, 0);
		WRITE_ONCE(rx->qtail, n);
		if (!n)
			return false;
		vhn_count(nvq, VHN_BATCHES, 1);
	}
	*len = vhn_rx_ptr_len(rx->queue[rx->qhead]);
	return true;
}

/**
 * vhn_rx_batch_pop() - take the packet that vhn_rx_batch_peek() saw
 * @nvq: queue, attached
 *
 * Return: what recvmsg wants as msg_control, and will free; NULL for a socket
 * without a ring.
 */
void *vhn_rx_batch_pop(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;
	void *ptr;

	if (!rx->ring)
		return NULL;
	ptr = rx->queue[rx->qhead];
	WRITE_ONCE(rx->qhead, rx->qhead + 1);
	return ptr;
}
