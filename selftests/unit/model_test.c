// SPDX-License-Identifier: GPL-2.0
/*
 * A random driver and a random device on one ring; lists predict every result.
 *
 * avail:   chains that the driver added, oldest first; the first @seen of them
 *          are visible, the first @taken are with the device
 * The device completes what it has taken in any order and publishes at random.
 */
#include <stdlib.h>
#include <string.h>

#include "user.h"
#include "world.h"

#define MOST_SEGS	24
#define MOST_OUT	512
#define SLOT		(MOST_SEGS * 16)

struct chain {
	struct seg seg[MOST_SEGS];
	unsigned int n;
	int head;
};

struct done {
	u32 id;
	u32 len;
};

static struct world *w;
static struct chain *list;		/* added, not yet taken */
static unsigned int added, visible;
static struct vh_buf *held;		/* taken, not yet completed */
static unsigned int nr_held;
static struct done *ready;		/* completed, not yet reaped */
static unsigned int nr_ready, nr_public;
static struct vh_buf bufs[VH_CHAIN_MAX];
static u16 base;
/* the driver's view: the index up to which it has told the device to be told */
static bool kicks;
static u16 looked;			/* avail index when the device looked last */

static struct seg random_seg(bool in)
{
	struct seg s = { .in = in };

	s.len = t_once_in(8) ? 0 : t_below(3000);
	switch (t_below(6)) {
	case 0:
		s.addr = NEXT - t_below(3000);
		break;
	case 1:
		s.addr = (in ? WRONLY : RDONLY) + t_below(SMALL_LEN - 3000);
		break;
	case 2:
		s.addr = BITS + t_below(BITS_LEN - 80);
		s.len = t_below(80);
		break;
	case 3:
		s.addr = TOP + SMALL_LEN - s.len;
		break;
	default:
		s.addr = BIG + t_below(BIG_LEN - 3000);
	}
	return s;
}

static void driver_add(void)
{
	struct chain *c = &list[added];
	unsigned int direct, nout, i;
	u64 table;

	if (added == w->num)
		return;
	c->n = 1 + t_below(t_once_in(4) ? MOST_SEGS : 4);
	nout = t_below(c->n + 1);
	for (i = 0; i < c->n; i++)
		c->seg[i] = random_seg(i >= nout);
	direct = t_once_in(2) ? c->n : t_below(c->n);
	/* a table's place is not used again while its chain is out */
	table = TABLES + (u64)w->free[w->nr_free ? w->nr_free - 1 : 0] * SLOT;
	c->head = d_chain(w, c->seg, c->n, direct, table, false);
	if (c->head < 0)
		return;
	d_avail(w, c->head);
	added++;
}

static void driver_reap(void)
{
	u32 id, len;

	while (d_used(w, &id, &len)) {
		if (!nr_public) {
			t_fail("used %u out of the blue", id);
			return;
		}
		T_EQ(id, ready[0].id);
		T_EQ(len, ready[0].len);
		memmove(ready, ready + 1, --nr_ready * sizeof(*ready));
		nr_public--;
	}
	T_EQ(nr_public, 0);
}

static void device_fetch(void)
{
	unsigned int max = 1 + t_below(t_once_in(3) ? VH_CHAIN_MAX : 64), i;
	unsigned int known = (u16)(looked - base), segs = 0, back;
	int n;

	if (known < max) {
		looked = base + visible;
		known = visible;
	}
	if (max > known)
		max = known;
	user_trace_start();
	n = vh_ring_fetch(&w->r, bufs, max ? max : 1);
	T_EQ(user_trace_twice(), 0);
	for (i = 0; (int)i < n && i < added; i++) {
		w_expect(w, &bufs[i], list[i].head, list[i].seg, list[i].n);
		T_EQ(bufs[i].seg, segs);
		segs += bufs[i].nout + bufs[i].nin;
	}
	/* fewer than asked only when the scratch is nearly full */
	if (n != (int)max)
		T_OK(n > 0 && n < (int)max && (segs > VH_SCRATCH - 200 ||
		     n * 24 > VH_SCRATCH - 200));
	if (n <= 0)
		return;
	back = t_once_in(3) ? t_below(n + 1) : 0;
	vh_ring_rewind(&w->r, &bufs[n - back], back);
	n -= back;
	memcpy(&held[nr_held], bufs, n * sizeof(*bufs));
	nr_held += n;
	memmove(list, list + n, (added - n) * sizeof(*list));
	added -= n;
	visible -= n;
	base += n;
	T_EQ(vh_ring_get_base(&w->r), base);
}

static void device_complete(void)
{
	unsigned int n = t_below(nr_held + 1), i;

	for (i = 0; i < n; i++) {
		unsigned int k = i + t_below(nr_held - i);
		struct vh_buf swap = held[k];

		held[k] = held[i];
		held[i] = swap;
		held[i].len = t_rand();
		ready[nr_ready++] = (struct done){ held[i].id, held[i].len };
	}
	T_EQ(vh_ring_complete(&w->r, held, n), 0);
	memmove(held, held + n, (nr_held - n) * sizeof(*held));
	nr_held -= n;
}

static void device_events(void)
{
	if (t_once_in(2)) {
		bool more = looked != (u16)(base + visible);

		T_EQ(vh_ring_kick_enable(&w->r), more);
		kicks = true;
	} else {
		T_EQ(vh_ring_kick_disable(&w->r), 0);
		kicks = false;
	}
	if (!(w->flags & W_EVENT))
		T_EQ(w->used->flags, kicks ? 0 : VRING_USED_F_NO_NOTIFY);
	else if (kicks)
		T_EQ(*d_avail_event(w), looked);
}

static void step(void)
{
	unsigned int i;

	switch (t_below(8)) {
	case 0:
	case 1:
		for (i = t_below(t_once_in(3) ? w->num : 10) + 1; i; i--)
			driver_add();
		break;
	case 2:
		d_publish(w);
		visible = added;
		break;
	case 3:
	case 4:
		device_fetch();
		break;
	case 5:
		device_complete();
		break;
	case 6:
		T_EQ(vh_ring_publish(&w->r), 0);
		nr_public = nr_ready;
		if (t_once_in(2))
			driver_reap();
		break;
	default:
		/* a fetch reads the index only when it must: so does this */
		T_EQ(vh_ring_has_avail(&w->r), looked != base ||
		     visible != 0);
		device_events();
	}
}

static void play(unsigned int num, unsigned int flags, unsigned long steps)
{
	size_t piece = t_once_in(3) ? 1000 : SLOT * num;
	unsigned long i;

	base = looked = t_once_in(2) ? 65536 - t_below(300) : t_rand();
	w = w_new(num, flags, base);
	if (piece == 1000 && (SLOT * num) / 1000 >= W_PIECES - 1)
		piece = SLOT * num / 100;
	w_tables(w, SLOT * num / piece + 1, piece);
	list = calloc(num + 1, sizeof(*list));
	held = calloc(num + 1, sizeof(*held));
	ready = calloc(num + 1, sizeof(*ready));
	if (!list || !held || !ready)
		abort();
	added = visible = nr_held = nr_ready = nr_public = 0;
	kicks = true;
	for (i = 0; i < steps && !t_failed(); i++) {
		t_context("num %u flags %u step %lu", num, flags, i);
		step();
	}
	free(list);
	free(held);
	free(ready);
	w_free(w);
}

static void small_rings(void)
{
	unsigned long i;

	for (i = 0; i < t_scaled(120) && !t_failed(); i++)
		play(1u << t_below(6), t_below(4), 400);
}

static void large_rings(void)
{
	unsigned long i;

	for (i = 0; i < t_scaled(12) && !t_failed(); i++)
		play(1u << (6 + t_below(7)), t_below(4), 400);
}

/* So long that the free-running indices wrap more than once */
static void index_wraps(void)
{
	play(8, W_EVENT, t_scaled(120000));
}

T_CASES({ "small_rings", small_rings }, { "large_rings", large_rings },
	{ "index_wraps", index_wraps });
