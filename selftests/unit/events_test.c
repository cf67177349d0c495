// SPDX-License-Identifier: GPL-2.0
/* Calls and kicks against the text of the specification, sections 2.7.7, 2.7.10 */
#include <string.h>

#include "user.h"
#include "world.h"

static struct vh_buf bufs[64];

/*
 * The device "MUST send" when the used entry of index @event is among those
 * that were written since the last decision: counted one by one.
 */
static bool crossed(u16 event, u16 old, u16 new)
{
	u16 i;

	for (i = old; i != new; i++)
		if (i == event)
			return true;
	return false;
}

/* Publish @n used entries without the driver's help. */
static void publish(struct world *w, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		bufs[0] = (struct vh_buf){ .id = 0 };
		T_EQ(vh_ring_complete(&w->r, bufs, 1), 0);
	}
	T_EQ(vh_ring_publish(&w->r), 0);
}

/* Every small distance of event, old and new, around several places */
static void need_call_all(void)
{
	static const u16 place[] = { 0, 65530, 32760, 100 };
	unsigned int p, n;
	struct world *w = w_new(32, W_EVENT, 0);
	int off;

	for (p = 0; p < 4; p++)
		for (n = 0; n < 20; n++)
			for (off = -6; off < 26; off++) {
				u16 old = place[p] + 1, new = old + n;
				u16 event = old + off;

				t_context("old %u new %u event %u", old, new,
					  event);
				w->used->idx = place[p];
				T_EQ(vh_ring_start(&w->r), 0);
				publish(w, 1);
				/* the first decision after start is a call */
				T_EQ(vh_ring_need_call(&w->r), 1);
				publish(w, n);
				*d_used_event(w) = event;
				T_EQ(vh_ring_need_call(&w->r),
				     crossed(event, old, new));
				T_EQ(vh_ring_need_call(&w->r), 0);
			}
	w_free(w);
}

/* Far events: all 2^16, for one step of each size */
static void need_call_far(void)
{
	struct world *w = w_new(1024, W_EVENT, 65000);
	unsigned int event, step;
	u16 old = 65000;

	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 1);
	old++;
	for (event = 0; event < 65536; event += 7) {
		step = 1 + event % 300;
		w->r.used_idx += step;
		*d_used_event(w) = event;
		T_EQ(vh_ring_publish(&w->r), 0);
		T_EQ(vh_ring_need_call(&w->r), crossed(event, old, old + step));
		old += step;
	}
	w_free(w);
}

/* Several publishes between two decisions, up to and beyond 2^16 entries */
static void need_call_random(void)
{
	unsigned long i, rounds = t_scaled(300);
	unsigned int k;

	while (rounds-- && !t_failed()) {
		unsigned int flags = t_once_in(2) ? W_EVENT : 0;
		struct world *w = w_new(32768, flags | W_ON_EMPTY, t_rand());
		u64 pending = 0;
		bool valid = false;
		u16 old = 0;

		w->r.notify_on_empty = false;
		for (i = 0; i < 60; i++) {
			u16 now;
			bool want;

			for (k = t_below(4); k; k--) {
				u16 step = t_once_in(3) ? t_below(32769) :
							  t_below(20);

				w->r.used_idx += step;
				T_EQ(vh_ring_publish(&w->r), 0);
				T_EQ(w->used->idx, w->r.used_idx);
				pending += step;
			}
			now = w->used->idx;
			w->avail->flags = t_below(2);
			if (flags)
				*d_used_event(w) = t_once_in(2) ? t_rand() :
						   now - 1 - t_below(30);
			/* 2^16 entries or more cover every event */
			if (!flags)
				want = pending && !w->avail->flags;
			else if (!valid || pending >= 65536)
				want = !valid || pending;
			else
				want = crossed(*d_used_event(w), old, now);
			if (!valid && !flags)
				want = !w->avail->flags;
			t_context("flags %u step %lu pending %llu valid %d",
				  flags, i, (unsigned long long)pending, valid);
			T_EQ(vh_ring_need_call(&w->r), want);
			valid = true;
			old = now;
			pending = 0;
		}
		w_free(w);
	}
}

/* The avail flag is looked at only without event index, and only its bit 0 */
static void need_call_flag(void)
{
	struct world *w = w_new(8, 0, 0);

	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 1);
	w->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 0);
	w->avail->flags = 0xfffe;
	T_EQ(vh_ring_need_call(&w->r), 0);
	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 1);
	T_EQ(vh_ring_need_call(&w->r), 0);
	w_free(w);
	w = w_new(8, W_EVENT, 0);
	publish(w, 1);
	vh_ring_need_call(&w->r);
	w->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
	publish(w, 1);
	*d_used_event(w) = 1;
	T_EQ(vh_ring_need_call(&w->r), 1);
	w_free(w);
}

/* A start forgets the last decision: the next one is a call */
static void valid_after_start(void)
{
	struct world *w = w_new(8, W_EVENT, 10);

	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 1);
	publish(w, 1);
	*d_used_event(w) = 500;
	T_EQ(vh_ring_need_call(&w->r), 0);
	T_EQ(vh_ring_start(&w->r), 0);
	publish(w, 1);
	T_EQ(vh_ring_need_call(&w->r), 1);
	w_free(w);
}

static void on_empty(void)
{
	unsigned int event;

	for (event = 0; event < 2; event++) {
		struct world *w = w_new(8, W_ON_EMPTY | (event ? W_EVENT : 0),
					65535);

		t_context("event %u", event);
		w->avail->flags = VRING_AVAIL_F_NO_INTERRUPT;
		d_one(w, BIG, 1, true);
		d_one(w, BIG, 1, true);
		d_one(w, BIG, 1, true);
		if (event)
			*d_used_event(w) = 1000;
		/* one is left: the driver's wish counts (once it is known) */
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
		T_EQ(vh_ring_complete(&w->r, bufs, 1), 0);
		T_EQ(vh_ring_publish(&w->r), 0);
		T_EQ(vh_ring_need_call(&w->r), event);
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
		T_EQ(vh_ring_complete(&w->r, bufs, 1), 0);
		T_EQ(vh_ring_publish(&w->r), 0);
		T_EQ(vh_ring_need_call(&w->r), 0);
		/* none is left */
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
		T_EQ(vh_ring_complete(&w->r, bufs, 1), 0);
		T_EQ(vh_ring_publish(&w->r), 0);
		T_EQ(vh_ring_need_call(&w->r), 1);
		/* and nothing is new */
		T_EQ(vh_ring_need_call(&w->r), 0);
		w_free(w);
	}
}

static void kick_flags(void)
{
	struct world *w = w_new(8, 0, 65535);
	const struct user_event *e;

	T_EQ(w->used->flags, 0);
	T_EQ(vh_ring_kick_disable(&w->r), 0);
	T_EQ(w->used->flags, VRING_USED_F_NO_NOTIFY);
	/* a second time costs no access */
	user_trace_start();
	T_EQ(vh_ring_kick_disable(&w->r), 0);
	T_EQ(user_trace_stop(&e), 0);
	T_EQ(vh_ring_kick_enable(&w->r), 0);
	T_EQ(w->used->flags, 0);
	d_one(w, BIG, 1, true);
	T_EQ(vh_ring_kick_enable(&w->r), 1);
	T_EQ(vh_ring_kick_disable(&w->r), 0);
	T_EQ(w->used->flags, VRING_USED_F_NO_NOTIFY);
	w_free(w);
}

static void kick_event(void)
{
	struct world *w = w_new(8, W_EVENT, 65534);
	unsigned int i;

	for (i = 0; i < 5; i++) {
		u16 seen = 65534 + i;

		/* the driver kicks for the entry of this index: the next */
		T_EQ(vh_ring_kick_enable(&w->r), 0);
		T_EQ(*d_avail_event(w), seen);
		d_one(w, BIG, 1, true);
		T_EQ(vh_ring_kick_disable(&w->r), 0);
		T_EQ(*d_avail_event(w), seen);
		T_EQ(w->used->flags, 0);
		T_EQ(vh_ring_kick_enable(&w->r), 1);
		T_EQ(vh_ring_fetch(&w->r, bufs, 8), 1);
	}
	w_free(w);
}

/*
 * Chains that were seen and not taken (too few for a packet) must let the
 * worker sleep, and the next kick must come.
 */
static void kick_unfetched(void)
{
	unsigned int event, back;

	for (event = 0; event < 2; event++)
		for (back = 1; back <= 3; back++) {
			struct world *w = w_new(8, event ? W_EVENT : 0, 65533);
			unsigned int i;

			t_context("event %u back %u", event, back);
			for (i = 0; i < 3; i++)
				d_one(w, BIG, 1, true);
			T_EQ(vh_ring_fetch(&w->r, bufs, 8), 3);
			vh_ring_rewind(&w->r, &bufs[3 - back], back);
			T_EQ(vh_ring_kick_enable(&w->r), 0);
			T_EQ(vh_ring_has_avail(&w->r), 1);
			T_EQ(vh_ring_kick_enable(&w->r), 0);
			if (event)
				T_EQ(*d_avail_event(w), 0);
			d_one(w, BIG, 1, true);
			T_EQ(vh_ring_kick_enable(&w->r), 1);
			T_EQ(vh_ring_fetch(&w->r, bufs, 8), back + 1);
			T_EQ(vh_ring_kick_enable(&w->r), 0);
			w_free(w);
		}
}

T_CASES({ "need_call_all", need_call_all }, { "need_call_far", need_call_far },
	{ "need_call_random", need_call_random },
	{ "need_call_flag", need_call_flag },
	{ "valid_after_start", valid_after_start }, { "on_empty", on_empty },
	{ "kick_flags", kick_flags }, { "kick_event", kick_event },
	{ "kick_unfetched", kick_unfetched });
