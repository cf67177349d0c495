// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that are handed to a tap as an array, in one call.
 *
 * Context: the worker, queue mutex held, owner's mm active.
 *
 * A packet is copied into one contiguous buffer, laid out as tun and tap want to
 * make an skb of it:
 *
 *	0			struct tun_xdp_hdr: buffer length, vnet header
 *	pad - guest_hlen	guest's vnet header, as it was copied
 *	pad			packet
 *	...			room for struct skb_shared_info
 *
 * Header and packet are copied from the guest in one go; the header is checked
 * where it landed and then moved to the front, so that the guest cannot change
 * it in between.
 *
 * Each buffer holds one reference on its page. The socket takes the buffers of
 * all packets over, also of those that it drops; only when the call itself fails
 * do they stay ours.
 */
#include <linux/gfp.h>
#include <linux/if_tun.h>
#include <linux/mm.h>
#include <linux/net.h>
#include <linux/skbuff.h>
#include <net/sock.h>

#include "net.h"

/* Order 3, as the socket layer's own page fragments. */
#define VHN_FRAG_ORDER	get_order(32768)
/*
 * References taken at once, so that a buffer costs no atomic operation. More
 * than there are buffers in a page, so that the last one stays ours.
 */
#define VHN_FRAG_BIAS	0x10000
/* Bytes of one array: keep what waits in the CPU's cache. */
#define VHN_BATCH_BYTES	0x20000

static void vhn_frag_put(struct vhn_frag *frag)
{
	if (frag->page)
		__page_frag_cache_drain(frag->page, frag->bias);
	frag->page = NULL;
}

static bool vhn_frag_new(struct vhn_frag *frag, unsigned int size)
{
	unsigned int order = VHN_FRAG_ORDER;

	/* A large allocation is not worth reclaim; a small one has to be. */
	frag->page = alloc_pages((GFP_KERNEL & ~__GFP_DIRECT_RECLAIM) |
				 __GFP_COMP | __GFP_NOWARN | __GFP_NORETRY,
				 order);
	if (!frag->page && size <= PAGE_SIZE) {
		order = 0;
		frag->page = alloc_page(GFP_KERNEL | __GFP_NOWARN);
	}
	if (!frag->page)
		return false;
	frag->size = PAGE_SIZE << order;
	frag->offset = 0;
	frag->bias = VHN_FRAG_BIAS;
	page_ref_add(frag->page, VHN_FRAG_BIAS - 1);
	return true;
}

/* Use the page from its start again if all buffers came back. */
static bool vhn_frag_recycle(struct vhn_frag *frag, unsigned int size)
{
	/* All references are ours: nobody else can get at the page. */
	if (size > frag->size || page_ref_count(frag->page) != frag->bias)
		return false;
	page_ref_add(frag->page, VHN_FRAG_BIAS - frag->bias);
	frag->bias = VHN_FRAG_BIAS;
	frag->offset = 0;
	return true;
}

/*
 * Find @size unused bytes. They are taken by vhn_frag_commit(); until then
 * nothing has changed.
 */
static void *vhn_frag_reserve(struct vhn_frag *frag, unsigned int size)
{
	if (frag->page && frag->offset + size > frag->size &&
	    !vhn_frag_recycle(frag, size))
		vhn_frag_put(frag);
	if (!frag->page && !vhn_frag_new(frag, size))
		return NULL;
	return page_address(frag->page) + frag->offset;
}

static void vhn_frag_commit(struct vhn_frag *frag, unsigned int size)
{
	frag->offset += size;
	frag->bias--;
}

/**
 * vhn_tx_can_batch() - does the socket take arrays of packets?
 * @nvq: queue, attached
 *
 * Packets of an array are not charged to the socket, so it must have no limit.
 */
bool vhn_tx_can_batch(const struct vhn_vq *nvq)
{
	return nvq->kind != VHN_PACKET &&
	       READ_ONCE(nvq->sock->sk->sk_sndbuf) == INT_MAX;
}

/* Bytes in front of a packet, with room for an XDP program to push headers. */
static unsigned int vhn_tx_pad(const struct vhn_vq *nvq)
{
	unsigned int room = NET_SKB_PAD + nvq->guest_hlen;

	if (sock_flag(nvq->sock->sk, SOCK_XDP))
		room += XDP_PACKET_HEADROOM;
	return SKB_DATA_ALIGN(room) + NET_IP_ALIGN;
}

/* Move the guest's header, in front of the packet at @data, to where tun wants it. */
static bool vhn_tx_take_header(const struct vhn_vq *nvq, void *buffer,
			       void *data, size_t len)
{
	struct virtio_net_hdr *hdr = &((struct tun_xdp_hdr *)buffer)->gso;

	if (!nvq->sock_hlen) {
		memset(hdr, 0, sizeof(*hdr));
		return true;
	}
	memcpy(hdr, data - nvq->guest_hlen, sizeof(*hdr));
	return vhn_hdr_check(nvq, hdr, len);
}

/**
 * vhn_tx_batch_add() - copy a packet to the end of the array
 * @nvq: queue
 * @buf: chain with at least the vnet header
 *
 * The array is sent first when it is full.
 *
 * Return: 0 when the packet was added, or dropped and counted; -EMSGSIZE or
 * -ENOMEM when it must go on its own.
 */
int vhn_tx_batch_add(struct vhn_vq *nvq, const struct vh_buf *buf)
{
	unsigned int pad = vhn_tx_pad(nvq), len, size;
	struct vhn_tx *tx = nvq->tx;
	struct iov_iter from;
	void *buffer;

	lockdep_assert_held(&nvq->vq.mutex);

	if (buf->out_len > PAGE_SIZE << VHN_FRAG_ORDER)
		return -EMSGSIZE;
	len = buf->out_len - nvq->guest_hlen;
	size = SKB_DATA_ALIGN(pad + len) +
	       SKB_DATA_ALIGN(sizeof(struct skb_shared_info));
	if (size > PAGE_SIZE << VHN_FRAG_ORDER)
		return -EMSGSIZE;
	buffer = vhn_frag_reserve(&tx->frag, size);
	if (unlikely(!buffer)) {
		vhn_count(nvq, VHN_NO_FRAG, 1);
		return -ENOMEM;
	}

	iov_iter_init(&from, ITER_SOURCE, vh_buf_out(&nvq->vq, buf), buf->nout,
		      buf->out_len);
	if (!copy_from_iter_full(buffer + pad - nvq->guest_hlen, buf->out_len,
				 &from)) {
		vhn_count(nvq, VHN_DROP_FAULT, 1);
		return 0;
	}
	if (!vhn_tx_take_header(nvq, buffer, buffer + pad, len)) {
		vhn_count(nvq, VHN_DROP_HEADER, 1);
		return 0;
	}

	((struct tun_xdp_hdr *)buffer)->buflen = size;
	vhn_frag_commit(&tx->frag, size);
	xdp_init_buff(&tx->frames[tx->nr], size, NULL);
	xdp_prepare_buff(&tx->frames[tx->nr], buffer, pad, len, true);
	tx->nr++;
	tx->bytes += buf->out_len;
	if (tx->nr == ARRAY_SIZE(tx->frames) || tx->bytes >= VHN_BATCH_BYTES)
		vhn_tx_batch_send(nvq);
	return 0;
}

/**
 * vhn_tx_batch_send() - hand the array to the socket
 * @nvq: queue
 *
 * The array is empty afterwards, also on failure: then its packets are dropped
 * and counted. What the tap drops by itself is in the tap's counters.
 */
void vhn_tx_batch_send(struct vhn_vq *nvq)
{
	struct vhn_tx *tx = nvq->tx;
	struct tun_msg_ctl ctl = {
		.type = TUN_MSG_PTR,
		.num = tx->nr,
		.ptr = tx->frames,
	};
	struct msghdr msg = {
		.msg_control = &ctl,
		.msg_controllen = sizeof(ctl),
		.msg_flags = MSG_DONTWAIT,
	};
	unsigned int i;
	int ret;

	lockdep_assert_held(&nvq->vq.mutex);

	if (!tx->nr)
		return;
	ret = READ_ONCE(nvq->sock->ops)->sendmsg(nvq->sock, &msg, 0);
	if (unlikely(ret < 0)) {
		for (i = 0; i < tx->nr; i++)
			page_frag_free(tx->frames[i].data_hard_start);
		vhn_count(nvq, VHN_DROP_SEND, tx->nr);
	} else {
		vhn_count(nvq, VHN_BATCHES, 1);
		vhn_count(nvq, VHN_PACKETS, tx->nr);
		vhn_count(nvq, VHN_BYTES, tx->bytes);
	}
	tx->nr = 0;
	tx->bytes = 0;
}

/* Give memory back that no packet uses yet. */
void vhn_tx_batch_uninit(struct vhn_vq *nvq)
{
	lockdep_assert_held(&nvq->vq.mutex);

	vhn_frag_put(&nvq->tx->frag);
}
