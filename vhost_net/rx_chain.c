// SPDX-License-Identifier: GPL-2.0
/*
 * Chains that received packets are put in.
 *
 * Context: the worker, queue mutex held.
 *
 * Chains are fetched ahead, several packets' worth, into a window:
 *
 *	0 ... completed ... head ... count
 *	 given to    hold a     free
 *	the driver   packet
 *
 * The segments of a window are valid until the next fetch, so a packet must lie
 * in one window: when the free chains do not suffice they are given back to the
 * ring and a larger window is fetched.
 */
#include "net.h"

/* Complete the chains that hold packets. The driver cannot see them yet. */
static void vhn_rx_chain_complete(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;

	if (rx->head == rx->completed)
		return;
	vh_vq_complete(&nvq->vq, &rx->bufs[rx->completed],
		       rx->head - rx->completed);
	rx->completed = rx->head;
}

/**
 * vhn_rx_chain_flush() - let the driver see all packets received so far
 * @nvq: queue
 */
void vhn_rx_chain_flush(struct vhn_vq *nvq)
{
	lockdep_assert_held(&nvq->vq.mutex);

	vhn_rx_chain_complete(nvq);
	vh_vq_publish(&nvq->vq);
	vh_vq_signal(&nvq->vq);
}

/* Give the free chains back to the ring. */
static void vhn_rx_chain_unfetch(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;

	vh_vq_unfetch(&nvq->vq, &rx->bufs[rx->head], rx->count - rx->head);
	rx->count = rx->head;
}

/**
 * vhn_rx_chain_release() - empty the window at the end of a run
 * @nvq: queue
 */
void vhn_rx_chain_release(struct vhn_vq *nvq)
{
	struct vhn_rx *rx = nvq->rx;

	lockdep_assert_held(&nvq->vq.mutex);

	vhn_rx_chain_unfetch(nvq);
	vhn_rx_chain_flush(nvq);
	rx->completed = 0;
	rx->head = 0;
	rx->count = 0;
}

/*
 * Fetch a new window of @want chains. What was received is made visible first:
 * the fetch may find the ring malformed, and then nothing can be published.
 */
static int vhn_rx_chain_refill(struct vhn_vq *nvq, unsigned int want)
{
	struct vhn_rx *rx = nvq->rx;
	int n;

	vhn_rx_chain_unfetch(nvq);
	vhn_rx_chain_complete(nvq);
	vh_vq_publish(&nvq->vq);
	rx->completed = 0;
	rx->head = 0;
	rx->count = 0;
	n = vh_vq_fetch(&nvq->vq, rx->bufs, want);
	if (n > 0)
		rx->count = n;
	return n;
}

/*
 * The number of free chains, from the first on, that hold @size bytes. 0 when
 * there are too few, -EMSGSIZE when @quota chains are too small, -EINVAL for a
 * chain that cannot be received into.
 */
static int vhn_rx_chain_fit(const struct vhn_rx *rx, size_t size,
			    unsigned int quota)
{
	unsigned int i, n = 0;
	u64 room = 0;

	for (i = rx->head; i < rx->count; i++) {
		const struct vh_buf *buf = &rx->bufs[i];

		if (buf->nout || !buf->nin)
			return -EINVAL;
		room += buf->in_len;
		n++;
		if (room >= size)
			return n;
		if (n == quota)
			return -EMSGSIZE;
	}
	return 0;
}

/*
 * How many chains to fetch for the packets at hand, the next of which has @size
 * bytes, if chains are as large as the last one. Fetching more than are used
 * means reading them again.
 */
static unsigned int vhn_rx_chain_want(const struct vhn_vq *nvq, size_t size)
{
	const struct vhn_rx *rx = nvq->rx;
	unsigned int packets = clamp(vhn_rx_batch_pending(nvq), 1U,
				     (unsigned int)VH_BATCH);
	unsigned int each = 1;

	if (nvq->mergeable && rx->chain_len)
		each = clamp_t(unsigned int,
			       DIV_ROUND_UP(size, rx->chain_len), 1,
			       VHN_RX_QUOTA);
	return max(each, min_t(unsigned int, each * packets, VH_BATCH));
}

/*
 * The window holds all that could be fetched and is too small. Are there more
 * chains in the ring? Leaves the window empty. 1 when there are, 0 when not,
 * -errno when the next is malformed.
 */
static int vhn_rx_chain_more(struct vhn_vq *nvq)
{
	struct vh_buf next;
	int n;

	n = vh_vq_fetch(&nvq->vq, &next, 1);
	if (n > 0)
		vh_vq_unfetch(&nvq->vq, &next, n);
	vhn_rx_chain_unfetch(nvq);
	return n;
}

/**
 * vhn_rx_chain_gather() - find chains for a packet
 * @nvq: queue
 * @size: bytes of the packet with the vnet header
 *
 * Return: number of chains, the first is bufs[head]; 0 when the driver has to
 * add some, all that there are were seen; -EMSGSIZE when no chains will ever do;
 * -EINVAL for a chain that cannot be received into; -EIO and others when the
 * queue is broken.
 */
int vhn_rx_chain_gather(struct vhn_vq *nvq, size_t size)
{
	unsigned int quota = nvq->mergeable ? VHN_RX_QUOTA : 1;
	unsigned int want = vhn_rx_chain_want(nvq, size);
	struct vhn_rx *rx = nvq->rx;
	bool saw_all = false;
	int n, had;

	for (;;) {
		n = vhn_rx_chain_fit(rx, size, quota);
		if (n)
			return n;
		had = rx->count - rx->head;
		if (saw_all) {
			n = vhn_rx_chain_more(nvq);
			if (n <= 0)
				return n;
		}
		n = vhn_rx_chain_refill(nvq, want);
		if (n <= 0)
			return n;
		/* More in the ring than a fetch has room for. */
		if (saw_all && n <= had)
			return -EMSGSIZE;
		saw_all = n < want;
		want = quota;
	}
}

/**
 * vhn_rx_chain_use() - a packet lies in the next chains
 * @nvq: queue
 * @n: number of chains
 * @size: bytes written, over the chains in order
 */
void vhn_rx_chain_use(struct vhn_vq *nvq, unsigned int n, size_t size)
{
	struct vhn_rx *rx = nvq->rx;
	unsigned int i;

	for (i = rx->head; i < rx->head + n; i++) {
		struct vh_buf *buf = &rx->bufs[i];

		buf->len = min_t(u64, buf->in_len, size);
		size -= buf->len;
	}
	rx->chain_len = min_t(u64, rx->bufs[rx->head].in_len, U32_MAX);
	rx->head += n;
	if (rx->head - rx->completed >= VH_BATCH)
		vhn_rx_chain_flush(nvq);
}
