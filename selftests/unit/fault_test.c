// SPDX-License-Identifier: GPL-2.0
/* The k-th user access faults, for every k: errno, cause, nothing taken */
#include <string.h>

#include "user.h"
#include "world.h"

static struct vh_buf bufs[8];

/* Result of the operation, and whether the fault was in a table */
static void failed(struct world *w, int ret, bool table_possible)
{
	T_EQ(ret, -EFAULT);
	if (w->r.cause != VH_BAD_RING_ACCESS)
		T_OK(table_possible && w->r.cause == VH_BAD_ADDR);
	T_OK(!user_inside());
}

/* Three chains: direct, a table read in the window, one that is copied */
static struct world *ring(unsigned int flags, unsigned int first)
{
	struct seg s[3] = { { BIG, 20, false }, { BIG, 9, false },
			    { NEXT - 9, 30, true } };
	struct world *w = w_new(16, flags, 65534);
	unsigned int i;

	w_tables(w, 3, 4096);
	for (i = 0; i < 3; i++) {
		unsigned int kind = (first + i) % 3;

		d_avail(w, d_chain(w, s, 3, kind ? 0 : 3, TABLES + 0x1000 *
				   kind - (kind == 2 ? 16 : 0), false));
	}
	d_publish(w);
	return w;
}

/*
 * A fault never loses a chain and never serves one that was not read. After it
 * the fetch goes through, because the fault was the only one.
 */
static void fetch(void)
{
	unsigned int first, got;
	long k, total;

	for (first = 0; first < 3; first++)
		for (k = 0, total = 1; k < total && !t_failed(); k++) {
			struct world *w = ring(W_EVENT, first);
			int n;

			t_context("first %u access %ld", first, k);
			w->r.cause = VH_OK;
			user_fault_at(k);
			n = vh_ring_fetch(&w->r, bufs, 8);
			T_OK(!user_inside());
			if (!k) {
				user_fault_at(-1);
				w_free(w);
				w = ring(W_EVENT, first);
				user_fault_at(-1);
				T_EQ(vh_ring_fetch(&w->r, bufs, 8), 3);
				total = user_accesses();
				T_OK(total > 10);
				w_free(w);
				continue;
			}
			if (n < 0)
				failed(w, n, true);
			else
				T_OK(n > 0 && n < 3);
			got = n < 0 ? 0 : n;
			T_EQ(vh_ring_get_base(&w->r), (u16)(65534 + got));
			user_fault_at(-1);
			n = vh_ring_fetch(&w->r, bufs, 8);
			T_EQ(n, 3 - got);
			w_free(w);
		}
}

/* The first access of a fetch is the index; the first fetch of all above */
static void fetch_index(void)
{
	struct world *w = ring(0, 0);

	user_fault_at(0);
	failed(w, vh_ring_fetch(&w->r, bufs, 8), false);
	T_EQ(vh_ring_get_base(&w->r), 65534);
	user_fault_at(-1);
	T_EQ(vh_ring_fetch(&w->r, bufs, 8), 3);
	w_free(w);
}

/* Each other operation: which accesses it has, each of them fails once */
static int op_start(struct world *w)
{
	return vh_ring_start(&w->r);
}

static int op_has_avail(struct world *w)
{
	return vh_ring_has_avail(&w->r);
}

static int op_complete(struct world *w)
{
	return vh_ring_complete(&w->r, bufs, 3);
}

static int op_publish(struct world *w)
{
	return vh_ring_publish(&w->r);
}

static int op_need_call(struct world *w)
{
	w->r.signalled_valid = false;
	return vh_ring_need_call(&w->r);
}

static int op_kick_disable(struct world *w)
{
	w->r.kick_enabled = true;
	return vh_ring_kick_disable(&w->r);
}

static int op_kick_enable(struct world *w)
{
	return vh_ring_kick_enable(&w->r);
}

static const struct {
	const char *name;
	int (*run)(struct world *w);
	int accesses[2];		/* without and with event index */
} op[] = {
	{ "start", op_start, { 2, 2 } },
	{ "has_avail", op_has_avail, { 1, 1 } },
	{ "complete", op_complete, { 6, 6 } },
	{ "publish", op_publish, { 1, 1 } },
	{ "need_call", op_need_call, { 1, 1 } },
	{ "kick_disable", op_kick_disable, { 1, 0 } },
	{ "kick_enable", op_kick_enable, { 2, 2 } },
};

static void operations(void)
{
	unsigned int i, event;
	int k;

	for (i = 0; i < sizeof(op) / sizeof(op[0]); i++)
		for (event = 0; event < 2; event++)
			for (k = 0; k <= op[i].accesses[event]; k++) {
				struct world *w = ring(event ? W_EVENT : 0, 0);
				u16 used, published;
				int ret;

				t_context("%s event %u access %d", op[i].name,
					  event, k);
				bufs[0].id = bufs[1].id = bufs[2].id = 1;
				w->r.cause = VH_OK;
				used = w->r.used_idx;
				published = w->r.published;
				user_fault_at(k);
				ret = op[i].run(w);
				if (k < op[i].accesses[event]) {
					failed(w, ret, false);
					T_EQ(w->r.used_idx, used);
					T_EQ(w->r.published, published);
				} else {
					T_OK(ret >= 0);
					T_EQ(user_accesses(),
					     op[i].accesses[event]);
				}
				user_fault_at(-1);
				w_free(w);
			}
}

/* Ring memory that is gone altogether */
static void unmapped(void)
{
	unsigned int part, i;

	for (part = 0; part < 3; part++) {
		struct world *w = ring(W_EVENT, 0);

		user_area_del(part == 0 ? (void *)w->desc :
			      part == 1 ? (void *)w->avail : w->used);
		t_context("part %u", part);
		if (part < 2)
			failed(w, vh_ring_fetch(&w->r, bufs, 8), false);
		if (part == 1)
			failed(w, vh_ring_has_avail(&w->r), false);
		for (i = 0; part == 2 && i < 4; i++)
			failed(w, i == 0 ? vh_ring_start(&w->r) :
			       i == 1 ? vh_ring_complete(&w->r, bufs, 1) :
			       i == 2 ? vh_ring_publish(&w->r) :
			       vh_ring_kick_enable(&w->r), false);
		w_free(w);
	}
}

/* Parts in the kernel's half: no access, although nothing would stop one */
static void kernel_half(void)
{
	struct world *w = ring(0, 0);
	void *old = w->r.desc;

	w->r.desc = (void *)0xffff888000000000;
	T_OK(!vh_ring_access_ok(&w->r));
	failed(w, vh_ring_fetch(&w->r, bufs, 8), false);
	w->r.desc = old;
	old = w->r.used;
	w->r.used = (void *)0xffff888000000000;
	T_OK(!vh_ring_access_ok(&w->r));
	failed(w, vh_ring_complete(&w->r, bufs, 1), false);
	failed(w, vh_ring_start(&w->r), false);
	w->r.used = old;
	w_free(w);
}

T_CASES({ "fetch", fetch }, { "fetch_index", fetch_index },
	{ "operations", operations }, { "unmapped", unmapped },
	{ "kernel_half", kernel_half });
