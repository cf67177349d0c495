/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that vhost-accel supports.
 *
 * Force-included in front of every source file. This is the only file that may
 * look at the kernel's version: the rest is written for the newest interface,
 * and each block below says what it bridges and when it can go.
 */
#ifndef VH_COMPAT_H
#define VH_COMPAT_H

#include <linux/version.h>
#include <linux/types.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 1, 0)
#error "vhost-accel supports Linux 6.1 and newer"
#endif

/*
 * vhost tasks: threads of the owner process. Before 6.12 only kthreads can be
 * used as workers. Remove when 6.1 is dropped.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define VH_HAVE_VHOST_TASK 1
#else
#define VH_HAVE_VHOST_TASK 0
#endif

/*
 * The ioctls that choose between kthread and task came to <linux/vhost.h> after
 * the first 6.12. Remove when every supported header has them.
 */
#if VH_HAVE_VHOST_TASK
#include <linux/vhost.h>
#ifndef VHOST_SET_FORK_FROM_OWNER
#define VHOST_SET_FORK_FROM_OWNER _IOW(VHOST_VIRTIO, 0x84, __u8)
#define VHOST_GET_FORK_FROM_OWNER _IOR(VHOST_VIRTIO, 0x85, __u8)
#endif
#ifndef VHOST_FORK_OWNER_TASK
#define VHOST_FORK_OWNER_KTHREAD 0
#define VHOST_FORK_OWNER_TASK 1
#endif
#endif

/*
 * eventfd_signal() lost its count and its result in 6.8. Remove when 6.1 is
 * dropped.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#include <linux/eventfd.h>
static inline void vh_compat_eventfd_signal(struct eventfd_ctx *ctx)
{
	eventfd_signal(ctx, 1);
}

#define eventfd_signal(ctx) vh_compat_eventfd_signal(ctx)
#endif

/*
 * __assign_str() lost its second argument in 6.10. Remove when 6.1 is dropped.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
#define vh_assign_str(field, src) __assign_str(field, src)
#else
#define vh_assign_str(field, src) __assign_str(field)
#endif

#endif /* VH_COMPAT_H */
