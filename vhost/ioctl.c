// SPDX-License-Identifier: GPL-2.0
/*
 * The ioctl dispatcher, and the ioctls of a whole device.
 *
 * Ioctls are rows of tables. What they have in common is done here, in this
 * order: find the row (ENOTTY), take the device mutex, check the owner (EPERM),
 * copy the argument in (EFAULT), check the queue index (ENOBUFS), take the queue
 * mutex, call, copy out.
 *
 * Context: file operations of the VMM.
 */
#include <linux/nospec.h>
#include <linux/uaccess.h>

#include "priv.h"

static int vh_get_features(struct vh_ioctl_args *args)
{
	args->u.u64 = args->dev->ops->features;
	return 0;
}

static int vh_set_features(struct vh_ioctl_args *args)
{
	return vh_dev_set_features(args->dev, args->u.u64);
}

/* None of the optional parts of the IOTLB protocol is there yet. */
static int vh_get_backend_features(struct vh_ioctl_args *args)
{
	args->u.u64 = 0;
	return 0;
}

static int vh_set_backend_features(struct vh_ioctl_args *args)
{
	return args->u.u64 ? -EOPNOTSUPP : 0;
}

static int vh_set_owner(struct vh_ioctl_args *args)
{
	return vh_dev_set_owner(args->dev);
}

static int vh_reset_owner(struct vh_ioctl_args *args)
{
	vh_dev_reset_owner(args->dev);
	return 0;
}

static int vh_set_mem_table(struct vh_ioctl_args *args)
{
	return vh_dev_set_mem_table(args->dev, args->uarg);
}

#if VH_HAVE_VHOST_TASK
static int vh_set_fork(struct vh_ioctl_args *args)
{
	if (args->dev->mm)
		return -EBUSY;
	if (args->u.u8 != VHOST_FORK_OWNER_KTHREAD &&
	    args->u.u8 != VHOST_FORK_OWNER_TASK)
		return -EINVAL;
	args->dev->use_task = args->u.u8 == VHOST_FORK_OWNER_TASK;
	return 0;
}

static int vh_get_fork(struct vh_ioctl_args *args)
{
	args->u.u8 = args->dev->use_task ? VHOST_FORK_OWNER_TASK :
					   VHOST_FORK_OWNER_KTHREAD;
	return 0;
}
#endif

static const struct vh_ioctl vh_dev_ioctls[] = {
	{ VHOST_GET_FEATURES, 0, vh_get_features },
	{ VHOST_SET_FEATURES, VH_IOCTL_NOT_OTHERS, vh_set_features },
	{ VHOST_GET_BACKEND_FEATURES, 0, vh_get_backend_features },
	{ VHOST_SET_BACKEND_FEATURES, VH_IOCTL_NOT_OTHERS,
	  vh_set_backend_features },
	{ VHOST_SET_OWNER, 0, vh_set_owner },
	{ VHOST_RESET_OWNER, VH_IOCTL_OWNER, vh_reset_owner },
	{ VHOST_SET_MEM_TABLE, VH_IOCTL_OWNER | VH_IOCTL_RAW,
	  vh_set_mem_table },
#if VH_HAVE_VHOST_TASK
	{ VHOST_SET_FORK_FROM_OWNER, 0, vh_set_fork },
	{ VHOST_GET_FORK_FROM_OWNER, 0, vh_get_fork },
#endif
};

static const struct vh_ioctl *vh_ioctl_find_in(const struct vh_ioctl *table,
					       unsigned int n, unsigned int cmd)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (table[i].cmd == cmd)
			return &table[i];
	return NULL;
}

static const struct vh_ioctl *vh_ioctl_find(const struct vh_dev *dev,
					    unsigned int cmd)
{
	const struct vh_ioctl *row;

	row = vh_ioctl_find_in(vh_vring_ioctls, vh_nr_vring_ioctls, cmd);
	if (!row)
		row = vh_ioctl_find_in(vh_dev_ioctls,
				       ARRAY_SIZE(vh_dev_ioctls), cmd);
	if (!row)
		row = vh_ioctl_find_in(dev->ops->ioctls, dev->ops->nr_ioctls,
				       cmd);
	return row;
}

static bool vh_ioctl_permitted(const struct vh_dev *dev,
			       const struct vh_ioctl *row)
{
	/* Owner is an address space: an exec()ed owner owns no more. */
	if (!row || row->flags & VH_IOCTL_OWNER)
		return dev->mm && dev->mm == current->mm;
	if (row->flags & VH_IOCTL_NOT_OTHERS)
		return !dev->mm || dev->mm == current->mm;
	return true;
}

static int vh_ioctl_call(const struct vh_ioctl *row, struct vh_ioctl_args *args)
{
	struct vh_dev *dev = args->dev;
	int ret;

	if (row->flags & VH_IOCTL_VQ) {
		if (args->u.index >= dev->nvqs)
			return -ENOBUFS;
		args->vq = dev->vqs[array_index_nospec(args->u.index,
						       dev->nvqs)];
	}
	if (!(row->flags & VH_IOCTL_LOCK))
		return row->fn(args);

	if (mutex_lock_killable(&args->vq->mutex))
		return -EINTR;
	ret = row->fn(args);
	mutex_unlock(&args->vq->mutex);
	return ret;
}

static long vh_ioctl_locked(struct vh_dev *dev, const struct vh_ioctl *row,
			    void __user *uarg)
{
	struct vh_ioctl_args args = { .dev = dev, .uarg = uarg };
	unsigned int dir, size;
	int ret;

	if (!vh_ioctl_permitted(dev, row))
		return -EPERM;
	if (!row)
		return -ENOTTY;

	dir = row->flags & VH_IOCTL_RAW ? _IOC_NONE : _IOC_DIR(row->cmd);
	if (row->flags & VH_IOCTL_OUT)
		dir |= _IOC_READ;
	size = _IOC_SIZE(row->cmd);
	if (dir != _IOC_NONE && WARN_ON_ONCE(size > sizeof(args.u)))
		return -EINVAL;
	if (dir & _IOC_WRITE && copy_from_user(&args.u, uarg, size))
		return -EFAULT;
	ret = vh_ioctl_call(row, &args);
	if (!ret && dir & _IOC_READ && copy_to_user(uarg, &args.u, size))
		return -EFAULT;
	return ret;
}

/**
 * vh_dev_ioctl() - the ioctl file operation of a device type
 * @dev: device
 * @cmd: ioctl number
 * @arg: its argument
 *
 * Context: may sleep.
 * Return: 0; -ENOTTY unknown; -EPERM not the owner; -EFAULT bad argument;
 * -ENOBUFS no such queue; -EINTR killed while waiting; or the error of the row.
 */
long vh_dev_ioctl(struct vh_dev *dev, unsigned int cmd, unsigned long arg)
{
	const struct vh_ioctl *row = vh_ioctl_find(dev, cmd);
	long ret;

	if (mutex_lock_killable(&dev->mutex))
		return -EINTR;
	ret = vh_ioctl_locked(dev, row, (void __user *)arg);
	mutex_unlock(&dev->mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(vh_dev_ioctl);
