// SPDX-License-Identifier: GPL-2.0
/*
 * Counters and state for observers.
 *
 * Context: readers hold no lock; single words are read that the holder of the
 * queue mutex may be changing. Nothing that has a life of its own is followed.
 */
#include <linux/seq_file.h>

#include "net.h"

static_assert(VHN_NR_STATS <= VH_NR_TYPE_STATS);

const char * const vhn_stat_names[VHN_NR_STATS] = {
	[VHN_PACKETS] = "packets",
	[VHN_BYTES] = "bytes",
	[VHN_BATCHES] = "batches",
	[VHN_SINGLES] = "singles",
	[VHN_NO_FRAG] = "no_frag",
	[VHN_WAITS_ROOM] = "waits_room",
	[VHN_WAITS_CHAIN] = "waits_chain",
	[VHN_DROP_SHORT] = "drop_short",
	[VHN_DROP_HEADER] = "drop_header",
	[VHN_DROP_FAULT] = "drop_fault",
	[VHN_DROP_SEND] = "drop_send",
	[VHN_DROP_RECV] = "drop_recv",
	[VHN_DROP_LENGTH] = "drop_length",
	[VHN_DROP_TRUNCATED] = "drop_truncated",
};

static const char * const vhn_kind_names[] = {
	[VHN_DETACHED] = "none",
	[VHN_TUN] = "tun",
	[VHN_TAP] = "macvtap",
	[VHN_PACKET] = "packet",
};

/* The two words may belong to different batches. */
static unsigned int vhn_show_pending(const struct vhn_rx *rx)
{
	unsigned int head = READ_ONCE(rx->qhead);
	unsigned int tail = READ_ONCE(rx->qtail);

	return tail > head ? tail - head : 0;
}

void vhn_show_vq(struct seq_file *m, struct vh_vq *vq)
{
	const struct vhn_vq *nvq = to_vhn_vq(vq);

	seq_printf(m, "\tqueue:\t%s\n", vq->index == VHN_TX ? "tx" : "rx");
	seq_printf(m, "\tbackend:\t%s\n",
		   vhn_kind_names[READ_ONCE(nvq->kind)]);
	seq_printf(m, "\tguest_hlen:\t%u\n", READ_ONCE(nvq->guest_hlen));
	seq_printf(m, "\tsock_hlen:\t%u\n", READ_ONCE(nvq->sock_hlen));
	if (vq->index == VHN_RX)
		seq_printf(m, "\tpending:\t%u\n", vhn_show_pending(nvq->rx));
}
