/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vhost_net: what its files share.
 *
 * Locks: the module has none of its own. Everything in a struct vhn_vq is
 * guarded by the mutex of its queue, which the worker holds during a run and the
 * core or backend.c during ioctls. Observers read single words without it.
 */
#ifndef VHN_NET_H
#define VHN_NET_H

#include <linux/uio.h>
#include <linux/virtio_net.h>
#include <net/xdp.h>

#include "vh.h"

struct page;
struct ptr_ring;
struct socket;

/* Queues of a device. The uAPI fixes the order; several pairs are several fds. */
enum vhn_queue {
	VHN_RX,
	VHN_TX,
	VHN_NR_QUEUES,
};

/* What a queue is attached to. */
enum vhn_kind {
	VHN_DETACHED,
	VHN_TUN,	/* /dev/net/tun: tap, also tun */
	VHN_TAP,	/* macvtap, ipvtap */
	VHN_PACKET,	/* AF_PACKET, SOCK_RAW */
};

/* Counters; names in stats.c. Every packet that we drop is in one of drop_*. */
enum vhn_stat {
	VHN_PACKETS,		/* handed over, in the direction of the queue */
	VHN_BYTES,		/* of those, with their vnet header */
	VHN_BATCHES,		/* TX: arrays sent; RX: refills from the ring */
	VHN_SINGLES,		/* TX: packets sent on their own */
	VHN_NO_FRAG,		/* TX: no memory to batch a packet */
	VHN_WAITS_ROOM,		/* TX: waits for room in the socket */
	VHN_WAITS_CHAIN,	/* RX: waits for the driver to add buffers */
	VHN_DROP_SHORT,		/* TX: no room for vnet and Ethernet header */
	VHN_DROP_HEADER,	/* TX: vnet header contradicts the packet */
	VHN_DROP_FAULT,		/* memory of the VMM could not be accessed */
	VHN_DROP_SEND,		/* TX: the socket refused the packet */
	VHN_DROP_RECV,		/* RX: the socket failed to deliver the packet */
	VHN_DROP_LENGTH,	/* RX: delivered with another length than told */
	VHN_DROP_TRUNCATED,	/* RX: larger than the chain or all chains */
	VHN_NR_STATS,
};

/* Most chains of one received packet, as for one that a driver sends. */
#define VHN_RX_QUOTA	1024

/**
 * struct vhn_frag - where the buffers of transmitted packets come from
 * @page: allocation that is being used up, or NULL
 * @size: its bytes
 * @offset: first unused byte
 * @bias: references on @page that we hold
 */
struct vhn_frag {
	struct page *page;
	unsigned int size;
	unsigned int offset;
	unsigned int bias;
};

/**
 * struct vhn_tx - state of a transmit queue
 * @bufs: chains fetched
 * @frames: packets copied and not yet sent
 * @nr: number of @frames
 * @bytes: bytes in @frames
 * @frag: memory for further packets
 *
 * @nr is 0 between runs.
 */
struct vhn_tx {
	struct vh_buf bufs[VH_BATCH];
	struct xdp_buff frames[VH_BATCH];
	unsigned int nr;
	size_t bytes;
	struct vhn_frag frag;
};

/**
 * struct vhn_rx - state of a receive queue
 * @ring: packets of the device, NULL for a socket that has none
 * @queue: packets taken from @ring
 * @qhead: first of them that was not delivered
 * @qtail: end of them
 * @bufs: window of chains fetched
 * @completed: chains in front of this were completed
 * @head: chains in front of this hold packets
 * @count: chains in the window
 * @chain_len: bytes in the chain that was used last
 *
 * Packets stay in @queue between runs. The window is empty then.
 */
struct vhn_rx {
	struct ptr_ring *ring;
	void *queue[VH_BATCH];
	unsigned int qhead;
	unsigned int qtail;
	unsigned int completed;
	unsigned int head;
	unsigned int count;
	u32 chain_len;
	struct vh_buf bufs[VHN_RX_QUOTA];
};

/**
 * struct vhn_vq - a queue
 * @vq: core's part
 * @kind: kind of backend
 * @file: backend, with a reference
 * @sock: its socket, lives as long as @file
 * @poll: RX: wakes the queue when a packet came, follows @file while attached;
 *	TX: wakes the queue when there is room, started for the time of a wait
 * @guest_hlen: vnet header between guest and us
 * @sock_hlen: vnet header between us and the socket, 0 or @guest_hlen
 * @mergeable: VIRTIO_NET_F_MRG_RXBUF was negotiated
 * @tx: state of the TX queue
 * @rx: state of the RX queue
 */
struct vhn_vq {
	struct vh_vq vq;
	enum vhn_kind kind;
	struct file *file;
	struct socket *sock;
	struct vh_poll poll;
	unsigned int guest_hlen;
	unsigned int sock_hlen;
	bool mergeable;
	union {
		struct vhn_tx *tx;
		struct vhn_rx *rx;
	};
};

/**
 * struct vhn_dev - a device: one open of /dev/vhost-net
 * @dev: core's part
 * @vqs: for the core
 * @nvqs: the queues
 * @tx: state of the TX queue
 * @rx: state of the RX queue
 */
struct vhn_dev {
	struct vh_dev dev;
	struct vh_vq *vqs[VHN_NR_QUEUES];
	struct vhn_vq nvqs[VHN_NR_QUEUES];
	struct vhn_tx tx;
	struct vhn_rx rx;
};

static inline struct vhn_vq *to_vhn_vq(struct vh_vq *vq)
{
	return container_of(vq, struct vhn_vq, vq);
}

static inline void vhn_count(struct vhn_vq *nvq, enum vhn_stat stat, u64 n)
{
	vh_vq_count(&nvq->vq, stat, n);
}

/* Vnet header that we supply and strip because the socket has none. */
static inline unsigned int vhn_own_hlen(const struct vhn_vq *nvq)
{
	return nvq->guest_hlen - nvq->sock_hlen;
}

/* backend.c APIs: */
#define VHN_NR_IOCTLS 1
extern const struct vh_ioctl vhn_ioctls[VHN_NR_IOCTLS];
void vhn_backend_reset(struct vh_dev *dev);

/* hdr.c APIs: */
void vhn_hdr_set_lengths(struct vh_vq *vq);
bool vhn_hdr_check(const struct vhn_vq *nvq, struct virtio_net_hdr *hdr,
		   size_t len);
int vhn_hdr_finish(const struct vhn_vq *nvq, const struct iovec *iov,
		   unsigned int nr, size_t len, u16 chains);

/* tx.c APIs: */
enum vh_run vhn_tx_run(struct vh_vq *vq);

/* tx_batch.c APIs: */
bool vhn_tx_can_batch(const struct vhn_vq *nvq);
int vhn_tx_batch_add(struct vhn_vq *nvq, const struct vh_buf *buf);
void vhn_tx_batch_send(struct vhn_vq *nvq);
void vhn_tx_batch_uninit(struct vhn_vq *nvq);

/* rx.c APIs: */
enum vh_run vhn_rx_run(struct vh_vq *vq);

/* rx_batch.c APIs: */
void vhn_rx_batch_init(struct vhn_vq *nvq);
bool vhn_rx_batch_peek(struct vhn_vq *nvq, unsigned int *len);
void *vhn_rx_batch_pop(struct vhn_vq *nvq);
unsigned int vhn_rx_batch_pending(const struct vhn_vq *nvq);
void vhn_rx_batch_return(struct vhn_vq *nvq);

/* rx_chain.c APIs: */
int vhn_rx_chain_gather(struct vhn_vq *nvq, size_t size);
void vhn_rx_chain_use(struct vhn_vq *nvq, unsigned int n, size_t size);
void vhn_rx_chain_flush(struct vhn_vq *nvq);
void vhn_rx_chain_release(struct vhn_vq *nvq);

/* stats.c APIs: */
extern const char * const vhn_stat_names[VHN_NR_STATS];
void vhn_show_vq(struct seq_file *m, struct vh_vq *vq);

#endif /* VHN_NET_H */
