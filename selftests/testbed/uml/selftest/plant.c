// SPDX-License-Identifier: GPL-2.0
/*
 * Bugs on purpose, one per name: `echo NAME >/sys/kernel/debug/plant` commits it in the writer's context. They prove
 * that the bed reports what it claims to report. No lock is held on entry.
 */
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/rculist.h>
#include <linux/slab.h>
#include <linux/timer.h>
#include <linux/uaccess.h>

static DEFINE_MUTEX(lock_a);
static DEFINE_MUTEX(lock_b);
static DEFINE_SPINLOCK(spin);
static void __rcu *rcu_cell;
static struct dentry *file;
static volatile int shift_by = 40;
static volatile int sink;

static void plant_uaf(void)
{
	volatile char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	kfree((void *)p);
	sink = p[8];
}

static void plant_overflow(void)
{
	volatile char *p = kmalloc(64, GFP_KERNEL);

	if (!p)
		return;
	sink = p[64];
	kfree((void *)p);
}

static void plant_leak(void)
{
	int i;

	/* Several: one may survive in a stale register or stack slot. */
	for (i = 0; i < 8; i++)
		sink = !kzalloc(777, GFP_KERNEL);
}

static void plant_atomic(void)
{
	spin_lock(&spin);
	msleep(1);
	spin_unlock(&spin);
}

static void plant_abba(void)
{
	mutex_lock(&lock_a);
	mutex_lock(&lock_b);
	mutex_unlock(&lock_b);
	mutex_unlock(&lock_a);

	mutex_lock(&lock_b);
	mutex_lock(&lock_a);
	mutex_unlock(&lock_a);
	mutex_unlock(&lock_b);
}

static void plant_held(void)
{
	mutex_lock(&lock_a);
}

static void plant_rcu(void)
{
	sink = !!rcu_dereference(rcu_cell);
}

static void plant_shift(void)
{
	sink = 1 << shift_by;
}

static void plant_tick(struct timer_list *timer)
{
}

static void plant_timer(void)
{
	struct timer_list *timer = kmalloc(sizeof(*timer), GFP_KERNEL);

	if (!timer)
		return;
	timer_setup(timer, plant_tick, 0);
	mod_timer(timer, jiffies + 100 * HZ);
	kfree(timer);
}

static void plant_list(void)
{
	struct list_head head, item;

	INIT_LIST_HEAD(&head);
	list_add(&item, &head);
	item.next = &item;
	list_del(&item);
}

static void plant_warn(void)
{
	WARN_ON(1);
}

static void plant_oops(void)
{
	sink = *(volatile int *)16;
}

static void plant_pin(void)
{
	__module_get(THIS_MODULE);
}

static void plant_stuck(void)
{
	for (;;)
		schedule_timeout_uninterruptible(HZ);
}

static void plant_spin(void)
{
	local_irq_disable();
	for (;;)
		cpu_relax();
}

static const struct {
	const char *name;
	void (*commit)(void);
} plants[] = {
	{ "uaf", plant_uaf },		{ "overflow", plant_overflow },	{ "leak", plant_leak },
	{ "atomic", plant_atomic },	{ "abba", plant_abba },		{ "held", plant_held },
	{ "rcu", plant_rcu },		{ "shift", plant_shift },	{ "timer", plant_timer },
	{ "list", plant_list },		{ "warn", plant_warn },		{ "oops", plant_oops },
	{ "pin", plant_pin },		{ "stuck", plant_stuck },	{ "spin", plant_spin },
};

static ssize_t plant_write(struct file *f, const char __user *buf, size_t len, loff_t *pos)
{
	char name[16] = "";
	int i;

	if (len >= sizeof(name) || copy_from_user(name, buf, len))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(plants); i++) {
		if (!strcmp(strim(name), plants[i].name)) {
			plants[i].commit();
			return len;
		}
	}
	return -EINVAL;
}

static const struct file_operations plant_fops = {
	.owner = THIS_MODULE,
	.write = plant_write,
};

static int __init plant_init(void)
{
	file = debugfs_create_file("plant", 0200, NULL, NULL, &plant_fops);
	return 0;
}

static void __exit plant_exit(void)
{
	debugfs_remove(file);
}

module_init(plant_init);
module_exit(plant_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Bugs on purpose, to test the test bed");
