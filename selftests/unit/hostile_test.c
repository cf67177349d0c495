// SPDX-License-Identifier: GPL-2.0
/*
 * A driver that writes anything at any time: random rings, and memory that
 * changes between two reads. Sanitizers watch the code; the tests watch that no
 * segment leaves registered memory and that what was counted stays right.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"
#include "world.h"

#define TABLE_LEN	0x4000

static struct vh_buf bufs[VH_CHAIN_MAX];
static struct world *w;
static unsigned int flip_one_in;

static u64 wild_addr(void)
{
	static const u64 base[] = { LOW, NEXT, RDONLY, WRONLY, BIG, BITS,
				    TABLES, TOP, HOLE };

	if (t_once_in(10))
		return t_rand();
	return base[t_below(sizeof(base) / sizeof(base[0]))] +
	       t_below(t_once_in(4) ? 0x20000 : 0x1000) - t_once_in(10);
}

static struct vring_desc wild_desc(unsigned int num)
{
	struct vring_desc d;

	d.addr = wild_addr();
	d.len = t_once_in(20) ? t_rand() : t_once_in(3) ? 16 * t_below(20) :
							  t_below(3000);
	d.flags = t_once_in(20) ? t_rand() : t_below(3) & t_below(4);
	if (t_once_in(6)) {
		d.flags |= VRING_DESC_F_INDIRECT;
		d.flags &= t_once_in(8) ? ~0 : ~VRING_DESC_F_NEXT;
		d.addr = TABLES + t_below(TABLE_LEN / 16) * 16;
	}
	d.next = t_once_in(20) ? t_rand() : t_below(num + t_once_in(10));
	return d;
}

/* Rewrite some or all of what the driver may write. */
static void scribble(bool all)
{
	unsigned int i, n = all ? w->num : 1 + t_below(8);

	for (i = 0; i < n; i++)
		w->desc[all ? i : t_below(w->num)] = wild_desc(w->num);
	n = all ? TABLE_LEN / 16 : n;
	for (i = 0; i < n; i++) {
		struct vring_desc d = wild_desc(20);
		u64 at = TABLES + (all ? i : t_below(TABLE_LEN / 16)) * 16;

		w_write(w, at, &d, sizeof(d));
	}
	for (i = 0; i < (all ? w->num : 4); i++)
		w->avail->ring[t_below(w->num)] = t_once_in(30) ? t_rand() :
						  t_below(w->num);
	w->avail->flags = t_rand();
	if (t_once_in(40))
		w->avail->idx = t_rand();
	else if (t_once_in(2))
		w->avail->idx = w->r.last_avail + t_below(w->num + 1);
	if (t_once_in(10))
		w->used->idx = t_rand();
	if (w->flags & W_EVENT)
		*d_used_event(w) = t_rand();
}

/* What was just read is something else at once, and so may be its neighbour. */
static void flip(volatile void *addr, size_t size)
{
	volatile u8 *p = addr;

	if (!t_once_in(flip_one_in))
		return;
	if (t_once_in(3))
		scribble(false);
	else
		p[t_below(size)] ^= 1 << t_below(8);
}

/* is every byte of the segment what some range maps, with the permission? */
static bool inside(const struct iovec *iov, u32 perm)
{
	u64 at = (uintptr_t)iov->iov_base;
	unsigned int i;

	for (i = 0; i < w->nr; i++) {
		const struct w_range *r = &w->range[i];

		if (at >= r->uaddr && at - r->uaddr <= r->last - r->start &&
		    iov->iov_len - 1 <= r->last - r->start - (at - r->uaddr))
			return (r->perm & perm) == perm;
	}
	return false;
}

static void check_bufs(unsigned int n)
{
	unsigned int i, k, seg = 0;

	for (i = 0; i < n; i++) {
		const struct iovec *iov = &w->r.scratch->iov[bufs[i].seg];
		u64 bytes[2] = { 0, 0 };

		T_EQ(bufs[i].seg, seg);
		seg += bufs[i].nout + bufs[i].nin;
		T_OK(seg <= VH_SCRATCH);
		T_OK(bufs[i].nout + bufs[i].nin <= VH_CHAIN_MAX);
		T_OK(bufs[i].id < w->num);
		for (k = 0; k < (u32)bufs[i].nout + bufs[i].nin; k++) {
			bool in = k >= bufs[i].nout;

			T_OK(iov[k].iov_len);
			T_OK(inside(&iov[k], in ? VH_MAP_WRITE : VH_MAP_READ));
			bytes[in] += iov[k].iov_len;
		}
		T_EQ(bufs[i].out_len, bytes[0]);
		T_EQ(bufs[i].in_len, bytes[1]);
		T_OK(bytes[0] + bytes[1] <= 1ull << 32);
	}
}

static void check_error(int ret)
{
	if (ret >= 0)
		return;
	T_OK(w->r.cause > VH_OK && w->r.cause < VH_NR_CAUSES);
	T_EQ(ret, w->r.cause == VH_BAD_RING_ACCESS || w->r.cause == VH_BAD_ADDR
	     ? -EFAULT : -EINVAL);
}

static void device_step(void)
{
	unsigned int max = 1 + t_below(t_once_in(4) ? VH_CHAIN_MAX : 64);
	u16 last = w->r.last_avail, used = w->r.used_idx;
	int n, ret;

	w->r.cause = VH_OK;
	n = vh_ring_fetch(&w->r, bufs, max);
	T_OK(!user_inside());
	T_OK(n <= (int)max && n <= (int)w->num);
	T_EQ((u16)(w->r.last_avail - last), n > 0 ? n : 0);
	check_error(n);
	if (n < 0) {
		/* the VMM resets such a queue */
		T_EQ(vh_ring_set_base(&w->r, last), 0);
		w->avail->idx = last + t_below(3);
		check_error(vh_ring_start(&w->r));
		return;
	}
	check_bufs(n);
	ret = t_below(n + 1);
	vh_ring_rewind(&w->r, &bufs[n - ret], ret);
	n -= ret;
	T_EQ(vh_ring_complete(&w->r, bufs, n), 0);
	T_EQ((u16)(w->r.used_idx - used), n);
	T_EQ(vh_ring_publish(&w->r), 0);
	ret = vh_ring_need_call(&w->r);
	T_OK(ret == 0 || ret == 1);
	ret = t_once_in(2) ? vh_ring_kick_enable(&w->r) :
			     vh_ring_kick_disable(&w->r);
	T_OK(ret == 0 || ret == 1);
}

static void begin(void)
{
	w = w_new(1u << t_below(9), t_below(8), t_rand());
	if (t_once_in(2))
		w_tables(w, 1, TABLE_LEN);
	else
		w_tables(w, TABLE_LEN / 0x400, 0x400);
	scribble(true);
}

static void between(void)
{
	unsigned long i, k;

	for (i = 0; i < t_scaled(60) && !t_failed(); i++) {
		begin();
		for (k = 0; k < 150 && !t_failed(); k++) {
			t_context("world %lu step %lu", i, k);
			device_step();
			scribble(t_once_in(10));
		}
		w_free(w);
	}
}

static void after_each_read(void)
{
	unsigned long i, k;

	for (i = 0; i < t_scaled(60) && !t_failed(); i++) {
		begin();
		flip_one_in = 1 + t_below(20);
		user_hook(flip);
		for (k = 0; k < 100 && !t_failed(); k++) {
			t_context("world %lu step %lu", i, k);
			device_step();
		}
		w_free(w);
	}
}

/*
 * The same by a thread that runs beside the device. It changes ring memory
 * only, with its own random numbers: nothing of it can be repeated.
 */
static volatile bool stop;

static void *beside(void *seed)
{
	u64 x = (uintptr_t)seed | 1;

	while (!stop) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((volatile u8 *)w->desc)[(x >> 8) % (w->num * 16)] = x;
		if (!(x & 0xf))
			((volatile u8 *)w->avail)[(x >> 24) %
						  (4 + 2 * w->num)] = x >> 16;
	}
	return NULL;
}

static void thread(void)
{
	unsigned long i, k;
	pthread_t t;

	for (i = 0; i < t_scaled(12) && !t_failed(); i++) {
		begin();
		stop = false;
		if (pthread_create(&t, NULL, beside, (void *)t_rand()))
			abort();
		for (k = 0; k < 400 && !t_failed(); k++) {
			t_context("world %lu step %lu", i, k);
			device_step();
			if (!(k % 16))
				scribble(false);
		}
		stop = true;
		pthread_join(t, NULL);
		w_free(w);
	}
}

/* Nothing but random bytes */
static void noise(void)
{
	unsigned long i, k;
	unsigned int b;

	for (i = 0; i < t_scaled(300) && !t_failed(); i++) {
		begin();
		for (k = 0; k < 10; k++) {
			for (b = 0; b < w->num * 16; b++)
				((u8 *)w->desc)[b] = t_rand();
			for (b = 0; b < 4 + 2 * w->num; b++)
				((u8 *)w->avail)[b] = t_rand();
			if (t_once_in(2))
				w->avail->idx = w->r.last_avail + 1;
			device_step();
		}
		w_free(w);
	}
}

T_CASES({ "between", between }, { "after_each_read", after_each_read },
	{ "thread", thread }, { "noise", noise });
