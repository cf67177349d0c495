// SPDX-License-Identifier: GPL-2.0
/*
 * vhost_net: serves the queues of a virtio network device in the kernel.
 *
 * Where to look:
 *	backend.c		VHOST_NET_SET_BACKEND: which socket, attach, detach
 *	tx.c tx_batch.c		from the guest's chains to the socket
 *	rx.c rx_batch.c rx_chain.c	from the socket's packets to the guest's chains
 *	hdr.c			virtio network headers
 *	stats.c			counters
 *
 * Context: module and file operations; the core takes all locks.
 */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "net.h"

static enum vh_run vhn_vq_run(struct vh_vq *vq)
{
	return vq->index == VHN_TX ? vhn_tx_run(vq) : vhn_rx_run(vq);
}

static const struct vh_dev_ops vhn_dev_ops = {
	.name = "vhost-net",
	.features = VH_FEATURES | BIT_ULL(VIRTIO_NET_F_MRG_RXBUF) |
		    BIT_ULL(VHOST_NET_F_VIRTIO_NET_HDR),
	.ioctls = vhn_ioctls,
	.nr_ioctls = VHN_NR_IOCTLS,
	.stat_names = vhn_stat_names,
	.nr_stats = VHN_NR_STATS,
	.vq_run = vhn_vq_run,
	.features_set = vhn_hdr_set_lengths,
	.reset = vhn_backend_reset,
	.show_vq = vhn_show_vq,
};

static int vhn_open(struct inode *inode, struct file *file)
{
	struct vhn_dev *n;
	unsigned int i;

	n = kvzalloc(sizeof(*n), GFP_KERNEL_ACCOUNT);
	if (!n)
		return -ENOMEM;

	for (i = 0; i < VHN_NR_QUEUES; i++)
		n->vqs[i] = &n->nvqs[i].vq;
	n->nvqs[VHN_TX].tx = &n->tx;
	n->nvqs[VHN_RX].rx = &n->rx;
	vh_poll_init(&n->nvqs[VHN_TX].poll, n->vqs[VHN_TX], EPOLLOUT);
	vh_poll_init(&n->nvqs[VHN_RX].poll, n->vqs[VHN_RX], EPOLLIN);
	vh_dev_init(&n->dev, &vhn_dev_ops, n->vqs, VHN_NR_QUEUES);
	file->private_data = n;
	return 0;
}

static int vhn_release(struct inode *inode, struct file *file)
{
	struct vhn_dev *n = file->private_data;

	vh_dev_uninit(&n->dev);
	kvfree(n);
	return 0;
}

static long vhn_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct vhn_dev *n = file->private_data;

	return vh_dev_ioctl(&n->dev, cmd, arg);
}

static void vhn_show_fdinfo(struct seq_file *m, struct file *file)
{
	struct vhn_dev *n = file->private_data;

	vh_dev_show(m, &n->dev);
}

static const struct file_operations vhn_fops = {
	.owner = THIS_MODULE,
	.open = vhn_open,
	.release = vhn_release,
	.unlocked_ioctl = vhn_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.show_fdinfo = vhn_show_fdinfo,
	.llseek = noop_llseek,
};

static struct miscdevice vhn_misc = {
	.minor = VHOST_NET_MINOR,
	.name = "vhost-net",
	.fops = &vhn_fops,
};

static int __init vhn_init(void)
{
	return misc_register(&vhn_misc);
}
module_init(vhn_init);

static void __exit vhn_exit(void)
{
	misc_deregister(&vhn_misc);
}
module_exit(vhn_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("In-kernel virtio network backend");
MODULE_ALIAS_MISCDEV(VHOST_NET_MINOR);
MODULE_ALIAS("devname:vhost-net");
