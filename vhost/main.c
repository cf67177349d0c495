// SPDX-License-Identifier: GPL-2.0
/*
 * vhost_core: what the in-kernel virtio backends have in common.
 *
 * Where to look:
 *	dev.c ioctl.c vring.c mem.c	control plane: ioctls of a VMM
 *	vq.c notify.c			data plane, as device types see it
 *	desc.c split.c map.c		the ring and guest memory
 *	poll.c worker*.c		from a kick to a thread that runs a queue
 *	stats.c trace.h			what can be observed
 */
#include <linux/module.h>

#include "priv.h"

unsigned int vh_max_mem_regions = 4096;
module_param_named(max_mem_regions, vh_max_mem_regions, uint, 0444);
MODULE_PARM_DESC(max_mem_regions,
		 "Most regions in a memory table (default 4096)");

bool vh_worker_per_device;
module_param_named(worker_per_device, vh_worker_per_device, bool, 0644);
MODULE_PARM_DESC(worker_per_device,
		 "All queues of a device share one worker (default: one worker per queue)");

bool vh_task_default = VH_HAVE_VHOST_TASK;
#if VH_HAVE_VHOST_TASK
module_param_named(fork_from_owner_default, vh_task_default, bool, 0444);
MODULE_PARM_DESC(fork_from_owner_default,
		 "Workers are threads of the VMM (default); 0: kernel threads");
#endif

static int __init vh_init(void)
{
	vh_stats_init();
	return 0;
}
module_init(vh_init);

static void __exit vh_exit(void)
{
	vh_stats_uninit();
}
module_exit(vh_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Core of in-kernel virtio backends");
