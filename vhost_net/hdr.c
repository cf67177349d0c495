// SPDX-License-Identifier: GPL-2.0
/*
 * Virtio network headers: their lengths, what a guest may put in them, and what
 * we write.
 *
 * Context: queue mutex held.
 *
 * A header lies between guest and us, and another one between us and the socket.
 * Normally the socket parses and writes it and both are the same. With
 * VHOST_NET_F_VIRTIO_NET_HDR the socket knows of none: we strip it from what the
 * guest sends and put one in front of what it receives.
 */
#include <linux/uaccess.h>

#include "net.h"

static_assert(sizeof(struct virtio_net_hdr) == 10);
static_assert(offsetof(struct virtio_net_hdr_mrg_rxbuf, num_buffers) == 10);
static_assert(sizeof(struct virtio_net_hdr_mrg_rxbuf) == 12);

/* Spec: virtio 1.2, section 5.1.6: the short header is that of legacy drivers. */
void vhn_hdr_set_lengths(struct vh_vq *vq)
{
	struct vhn_vq *nvq = to_vhn_vq(vq);
	bool mergeable = vh_vq_has_feature(vq, VIRTIO_NET_F_MRG_RXBUF);
	unsigned int hlen = sizeof(struct virtio_net_hdr);

	lockdep_assert_held(&vq->mutex);

	if (mergeable || vh_vq_has_feature(vq, VIRTIO_F_VERSION_1))
		hlen = sizeof(struct virtio_net_hdr_mrg_rxbuf);
	nvq->mergeable = mergeable;
	nvq->guest_hlen = hlen;
	nvq->sock_hlen =
		vh_vq_has_feature(vq, VHOST_NET_F_VIRTIO_NET_HDR) ? 0 : hlen;
}

/**
 * vhn_hdr_check() - check and correct a header that a guest sent
 * @nvq: queue
 * @hdr: copy of the header
 * @len: length of the packet behind it
 *
 * The headers of the packet (hdr_len) are made to reach at least over the
 * checksum, because the stack takes it from there.
 *
 * Return: is the header consistent with @len?
 */
bool vhn_hdr_check(const struct vhn_vq *nvq, struct virtio_net_hdr *hdr,
		   size_t len)
{
	const struct vh_ring *r = &nvq->vq.ring;
	unsigned int hdr_len = vh16_to_cpu(r, hdr->hdr_len);
	unsigned int end;

	if (hdr->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) {
		end = vh16_to_cpu(r, hdr->csum_start) +
		      vh16_to_cpu(r, hdr->csum_offset) + sizeof(__sum16);
		if (end > hdr_len) {
			if (end > U16_MAX)
				return false;
			hdr_len = end;
			hdr->hdr_len = cpu_to_vh16(r, end);
		}
	}
	return hdr_len <= len;
}

/* Write num_buffers behind the header that the socket wrote. */
static int vhn_hdr_put_chains(const struct iovec *iov, unsigned int nr,
			      size_t len, __virtio16 num)
{
	size_t at = offsetof(struct virtio_net_hdr_mrg_rxbuf, num_buffers);
	struct iov_iter to;

	if (likely(iov->iov_len >= at + sizeof(num))) {
		__virtio16 __user *p = iov->iov_base + at;

		return put_user(num, p);
	}
	iov_iter_init(&to, ITER_DEST, iov, nr, len);
	iov_iter_advance(&to, at);
	return copy_to_iter(&num, sizeof(num), &to) == sizeof(num) ? 0 : -EFAULT;
}

/**
 * vhn_hdr_finish() - complete the header of a received packet
 * @nvq: queue
 * @iov: segments that hold header and packet
 * @nr: number of @iov
 * @len: bytes in @iov to consider, at least a header
 * @chains: chains that the packet takes
 *
 * num_buffers is 1 without mergeable buffers: virtio 1.2, section 5.1.6.4.1.
 *
 * Return: 0 or -EFAULT.
 */
int vhn_hdr_finish(const struct vhn_vq *nvq, const struct iovec *iov,
		   unsigned int nr, size_t len, u16 chains)
{
	__virtio16 num = cpu_to_vh16(&nvq->vq.ring, chains);
	struct virtio_net_hdr_mrg_rxbuf hdr = {
		.num_buffers = num,
	};
	struct iov_iter to;

	if (nvq->sock_hlen == sizeof(hdr))
		return vhn_hdr_put_chains(iov, nr, len, num);
	if (nvq->sock_hlen)
		return 0;
	iov_iter_init(&to, ITER_DEST, iov, nr, len);
	if (copy_to_iter(&hdr, nvq->guest_hlen, &to) != nvq->guest_hlen)
		return -EFAULT;
	return 0;
}
