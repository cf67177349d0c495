// SPDX-License-Identifier: GPL-2.0
/* Split ring: well-formed chains of every shape, batches, wraps, tables */
#include <string.h>

#include "user.h"
#include "world.h"

static const u16 sizes[] = { 1, 2, 256, 32768 };
static const unsigned int flag_sets[] = { 0, W_EVENT, W_V1 | W_EVENT };
static struct vh_buf bufs[VH_CHAIN_MAX];
static struct seg seg[VH_CHAIN_MAX + 1];

#define NR(a) (sizeof(a) / sizeof((a)[0]))

/* Fetch, no byte of the ring or of a table read twice */
static int fetch(struct world *w, unsigned int max)
{
	int n;

	user_trace_start();
	n = vh_ring_fetch(&w->r, bufs, max);
	T_EQ(user_trace_twice(), 0);
	return n;
}

static void finish(struct world *w, const struct vh_buf *b, unsigned int n)
{
	T_EQ(vh_ring_complete(&w->r, b, n), 0);
	T_EQ(vh_ring_publish(&w->r), 0);
}

static void used(struct world *w, int id, u32 len)
{
	u32 got_id, got_len;

	if (!d_used(w, &got_id, &got_len)) {
		t_fail("nothing used, want id %d", id);
		return;
	}
	T_EQ(got_id, id);
	T_EQ(got_len, len);
}

static void no_used(struct world *w)
{
	T_EQ(w->used->idx, w->next_used);
}

/* One chain around each ring size, across the wrap of the free-running index */
static void one(u16 num, unsigned int flags)
{
	struct world *w = w_new(num, flags, 65530);
	unsigned int i;

	t_context("num %u flags %u", num, flags);
	for (i = 0; i < 20; i++) {
		struct seg s = { BIG + i, 100 + i, i & 1 };
		int head;

		T_EQ(vh_ring_has_avail(&w->r), 0);
		T_EQ(fetch(w, 64), 0);
		head = d_one(w, s.addr, s.len, s.in);
		T_EQ(vh_ring_has_avail(&w->r), 1);
		T_EQ(fetch(w, 64), 1);
		w_expect(w, &bufs[0], head, &s, 1);
		T_EQ(vh_ring_get_base(&w->r), (u16)(65531 + i));
		T_EQ(fetch(w, 64), 0);
		bufs[0].len = i;
		T_EQ(vh_ring_complete(&w->r, bufs, 1), 0);
		no_used(w);
		T_EQ(vh_ring_publish(&w->r), 0);
		used(w, head, i);
		no_used(w);
	}
	w_free(w);
}

static void sizes_one(void)
{
	unsigned int i, f;

	for (i = 0; i < NR(sizes); i++)
		for (f = 0; f < NR(flag_sets); f++)
			one(sizes[i], flag_sets[f]);
}

/* The whole ring in batches of @batch, completed out of order */
static void full(u16 num, unsigned int batch, u16 base)
{
	struct world *w = w_new(num, W_EVENT, base);
	unsigned int done = 0, i;

	t_context("num %u batch %u", num, batch);
	for (i = 0; i < num; i++) {
		struct seg s = { LOW + i, i % 7, true };

		d_avail(w, d_chain(w, &s, 1, 1, 0, true));
	}
	d_publish(w);
	while (done < num && !t_failed()) {
		unsigned int want = num - done < batch ? num - done : batch;

		T_EQ(fetch(w, batch), want);
		for (i = 0; i < want; i++) {
			struct seg s = { LOW + done + i, (done + i) % 7, true };
			u16 head = w->avail->ring[(u16)(base + done + i) % num];

			w_expect(w, &bufs[i], head, &s, 1);
		}
		for (i = 0; i < want; i++)
			bufs[i].len = i;
		/* the last first */
		for (i = want; i-- > 0;)
			T_EQ(vh_ring_complete(&w->r, &bufs[i], 1), 0);
		no_used(w);
		T_EQ(vh_ring_publish(&w->r), 0);
		for (i = want; i-- > 0;)
			used(w, bufs[i].id, i);
		no_used(w);
		done += want;
	}
	T_EQ(fetch(w, batch), 0);
	T_EQ(w->nr_free, num);
	w_free(w);
}

static void batches(void)
{
	static const unsigned int batch[] = { 1, 2, 3, 63, 64, 65, 255, 1000,
					      VH_CHAIN_MAX };
	unsigned int i;

	for (i = 0; i < NR(batch); i++) {
		full(256, batch[i], 65400);
		full(4096, batch[i], 65535);
	}
	for (i = 1; i <= 64; i++)
		full(128, i, 65535 - i);
	full(32768, VH_CHAIN_MAX, 40000);
	full(1, 1, 65535);
	full(2, 2, 65535);
}

/* A completed batch is written across the end of the used ring */
static void used_wrap(void)
{
	struct world *w = w_new(8, 0, 65533);
	int head[6];
	unsigned int i;

	for (i = 0; i < 6; i++)
		head[i] = d_one(w, BIG, i + 1, true);
	T_EQ(fetch(w, 64), 6);
	for (i = 0; i < 6; i++)
		bufs[i].len = i + 1;
	finish(w, bufs, 6);
	T_EQ(w->used->idx, 3);
	for (i = 0; i < 6; i++)
		used(w, head[i], i + 1);
	w_free(w);
}

static void unfetch(void)
{
	struct world *w = w_new(16, 0, 65530);
	struct seg s[10];
	int head[10];
	unsigned int i;

	for (i = 0; i < 10; i++) {
		s[i] = (struct seg){ LOW + i * 16, i + 1, false };
		head[i] = d_one(w, s[i].addr, s[i].len, false);
	}
	T_EQ(fetch(w, 8), 8);
	vh_ring_rewind(&w->r, &bufs[3], 5);
	T_EQ(vh_ring_get_base(&w->r), (u16)65533);
	T_EQ(vh_ring_has_avail(&w->r), 1);
	T_EQ(fetch(w, 64), 7);
	for (i = 0; i < 7; i++)
		w_expect(w, &bufs[i], head[3 + i], &s[3 + i], 1);
	vh_ring_rewind(&w->r, bufs, 7);
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head[3], &s[3], 1);
	vh_ring_rewind(&w->r, bufs, 0);
	T_EQ(fetch(w, 64), 6);
	T_EQ(fetch(w, 64), 0);
	T_EQ(vh_ring_has_avail(&w->r), 0);
	w_free(w);
}

/* @nout + @nin segments, the first @direct of them in the ring */
static void shape(struct world *w, unsigned int nout, unsigned int nin,
		  unsigned int direct, bool shuffle)
{
	unsigned int i, n = nout + nin;
	int head;

	t_context("out %u in %u direct %u num %u", nout, nin, direct, w->num);
	for (i = 0; i < n; i++)
		seg[i] = (struct seg){ BIG + t_below(1 << 20), t_below(3000),
				       i >= nout };
	head = d_chain(w, seg, n, direct, TABLES, shuffle);
	d_avail(w, head);
	d_publish(w);
	T_EQ(fetch(w, 64), 1);
	w_expect(w, bufs, head, seg, n);
	bufs[0].len = n;
	finish(w, bufs, 1);
	used(w, head, n);
}

static void chained(void)
{
	struct world *w = w_new(2048, W_EVENT, 0);
	unsigned int i;

	for (i = 1; i < 40; i++) {
		shape(w, i, 0, i, true);
		shape(w, 0, i, i, true);
		shape(w, i, i / 2, i + i / 2, true);
	}
	shape(w, VH_CHAIN_MAX, 0, VH_CHAIN_MAX, true);
	shape(w, 1, VH_CHAIN_MAX - 1, VH_CHAIN_MAX, true);
	w_free(w);
	/* as long as the ring */
	w = w_new(256, 0, 7);
	shape(w, 100, 156, 256, true);
	w_free(w);
	w = w_new(1, 0, 7);
	shape(w, 0, 1, 1, false);
	w_free(w);
}

static void indirect(void)
{
	struct world *w = w_new(64, W_V1 | W_EVENT, 65535);
	unsigned int i, k;

	w_tables(w, 1, 64 * 1024);
	for (i = 1; i < 40; i++) {
		shape(w, i, i, 0, i & 1);
		for (k = 1; k < 2 * i && k < 40; k += 5)
			shape(w, i, i, k, true);
	}
	/* the longest: in one table, and behind as many direct ones as go */
	shape(w, 1000, 88, 0, true);
	shape(w, VH_CHAIN_MAX, 0, 63, true);
	w_free(w);
	/* a ring of one descriptor: a whole chain in its table */
	w = w_new(1, 0, 65535);
	w_tables(w, 1, 64 * 1024);
	shape(w, 3, 5, 0, true);
	shape(w, 0, VH_CHAIN_MAX, 0, true);
	w_free(w);
}

/* The device must ignore WRITE on the descriptor that names the table */
static void indirect_write_flag(void)
{
	struct world *w = w_new(4, 0, 0);
	struct seg s[2] = { { BIG, 10, false }, { BIG + 50, 20, true } };
	int head;

	w_tables(w, 1, 4096);
	head = d_chain(w, s, 2, 0, TABLES, false);
	w->desc[head].flags |= VRING_DESC_F_WRITE;
	d_avail(w, head);
	d_publish(w);
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head, s, 2);
	w_free(w);
}

/* Tables in @piece byte pieces: the copied path and the window in one batch */
static void tables_in(size_t piece, unsigned int pieces, unsigned int most)
{
	struct world *w = w_new(64, 0, 100);
	struct seg s[8][80];
	unsigned int i, k, n[8];
	int head[8];

	t_context("pieces of %zu bytes", piece);
	w_tables(w, pieces, piece);
	for (i = 0; i < 8; i++) {
		n[i] = 1 + t_below(most);
		for (k = 0; k < n[i]; k++)
			s[i][k] = (struct seg){ NEXT - 500 + t_below(1000),
						t_below(1000), k > n[i] / 2 };
		head[i] = d_chain(w, s[i], n[i], t_once_in(2) && n[i] > 1,
				  TABLES + i * most * 16, true);
		d_avail(w, head[i]);
	}
	d_publish(w);
	T_EQ(fetch(w, 64), 8);
	for (i = 0; i < 8; i++)
		w_expect(w, &bufs[i], head[i], s[i], n[i]);
	w_free(w);
}

static void table_straddles(void)
{
	unsigned int i;

	for (i = 0; i < 20; i++) {
		tables_in(16, 64, 4);
		tables_in(100, 32, 10);
		tables_in(72, 64, 12);
		tables_in(8, 300, 2);
		tables_in(4096, 4, 60);
	}
}

/*
 * The longest table when the driver's memory is mapped page by page, as behind
 * an IOMMU, and it starts anywhere in a page.
 */
static void table_in_pages(void)
{
	struct world *w = w_new(4, 0, 0);
	unsigned int i, off;

	w_tables(w, 6, 4096);
	for (off = 0; off < 4096; off += 16 * 51) {
		int head;

		t_context("offset %u", off);
		for (i = 0; i < VH_CHAIN_MAX; i++)
			seg[i] = (struct seg){ BIG + i * 16, 16, false };
		head = d_chain(w, seg, VH_CHAIN_MAX, 0, TABLES + off, true);
		d_avail(w, head);
		d_publish(w);
		T_EQ(fetch(w, 1), 1);
		if (t_failed())
			break;
		w_expect(w, bufs, head, seg, VH_CHAIN_MAX);
		finish(w, bufs, 1);
		used(w, head, 0);
	}
	w_free(w);
}

static void zero_length(void)
{
	struct world *w = w_new(8, 0, 0);
	struct seg s[5] = {
		/* no range is needed for nothing */
		{ HOLE, 0, false }, { BIG, 10, false }, { ~0ull, 0, true },
		{ BIG + 10, 10, true }, { 0, 0, true },
	};
	int head;

	w_tables(w, 1, 4096);
	head = d_chain(w, s, 5, 5, 0, true);
	d_avail(w, head);
	d_publish(w);
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head, s, 5);
	T_EQ(bufs[0].nout, 1);
	T_EQ(bufs[0].nin, 1);
	finish(w, bufs, 1);
	used(w, head, 0);
	/* nothing at all */
	head = d_chain(w, s, 1, 0, TABLES, false);
	d_avail(w, head);
	d_publish(w);
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head, s, 1);
	w_free(w);
}

/* 2^32 bytes are the most that a chain may have; segments may be that long */
static void largest(void)
{
	struct world *w = w_new(8, 0, 0);
	struct seg s[3] = { { BIG, ~0u, false }, { BIG, 0, true },
			    { BIG, 0, true } };
	int head = d_chain(w, s, 3, 3, 0, false);

	d_avail(w, head);
	d_publish(w);
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head, s, 3);
	s[1].len = 1;
	head = d_chain(w, s, 2, 2, 0, false);
	d_avail(w, head);
	d_publish(w);
	t_context("exactly 2^32 bytes");
	T_EQ(fetch(w, 1), 1);
	w_expect(w, bufs, head, s, 2);
	w_free(w);
}

/* Segments that straddle ranges become several, up to the limit of a chain */
static void straddle(void)
{
	struct world *w = w_new(2048, 0, 0);
	unsigned int i;

	for (i = 0; i < 10; i++)
		seg[i] = (struct seg){ NEXT - 5, 10, i > 4 };
	d_avail(w, d_chain(w, seg, 10, 10, 0, false));
	for (i = 0; i < 4; i++)
		seg[i] = (struct seg){ BITS + 8, 256 * 15 + 8, false };
	d_avail(w, d_chain(w, seg, 4, 4, 0, false));
	d_publish(w);
	T_EQ(fetch(w, 64), 2);
	w_expect(w, &bufs[1], bufs[1].id, seg, 4);
	T_EQ(bufs[1].seg, 20);
	T_EQ(bufs[1].nout, 4 * 241);
	T_EQ(bufs[0].nout, 10);
	T_EQ(bufs[0].nin, 10);
	finish(w, bufs, 2);
	w_free(w);
}

/*
 * The scratch is full in the middle of a batch: what did not fit comes with the
 * next fetch. @make says what each chain is.
 */
static void exhaust(const char *what, unsigned int chains, unsigned int n,
		    unsigned int direct, u64 addr, u32 len)
{
	struct world *w = w_new(32768, 0, 65000);
	unsigned int done = 0, i, k, rounds = 0;

	w_tables(w, 1, 1 << 20);
	for (i = 0; i < chains; i++) {
		for (k = 0; k < n; k++)
			seg[k] = (struct seg){ addr, len + i, k >= n / 2 };
		/* one table at a time fits, all are the same but for @i */
		d_avail(w, d_chain(w, seg, n, direct, TABLES + i * n * 16ull,
				   true));
	}
	d_publish(w);
	while (done < chains && !t_failed()) {
		int got = fetch(w, VH_CHAIN_MAX);

		t_context("%s: %u of %u done, got %d", what, done, chains, got);
		T_OK(got > 0);
		for (i = 0; (int)i < got; i++) {
			for (k = 0; k < n; k++)
				seg[k].len = len + done + i;
			w_expect(w, &bufs[i], w->avail->ring[(u16)(65000 + done
				 + i) % w->num], seg, n);
		}
		if (got > 0)
			done += got;
		rounds++;
	}
	T_EQ(done, chains);
	T_OK(rounds > 1);
	T_EQ(fetch(w, VH_CHAIN_MAX), 0);
	w_free(w);
}

static void exhaustion(void)
{
	exhaust("descriptors", 40, 100, 100, BIG, 1);
	exhaust("exactly full", 6, 768, 768, BIG, 1);
	exhaust("one too many", 6, 769, 769, BIG, 1);
	exhaust("longest", 4, VH_CHAIN_MAX, VH_CHAIN_MAX, BIG, 1);
	exhaust("single", 2000, 1, 1, BIG, 1);
	exhaust("tables", 40, 100, 0, BIG, 1);
	exhaust("long tables", 6, 768, 0, BIG, 1);
	exhaust("longer tables", 4, VH_CHAIN_MAX, 1, BIG, 1);
	exhaust("segments", 40, 10, 10, BITS, 256);
	exhaust("segments of tables", 40, 10, 2, BITS, 256);
}

/*
 * Tables that fill the scratch although their chains are short: the room for
 * tables is counted by their size.
 */
static void table_room(void)
{
	struct world *w = w_new(16, 0, 0);
	struct seg s = { BIG, 10, false };
	unsigned int i, k;
	int head[5];

	w_tables(w, 1, 1 << 17);
	for (i = 0; i < 5; i++) {
		head[i] = d_chain(w, &s, 1, 0, TABLES + i * 768 * 16, false);
		w->desc[head[i]].len = 768 * 16;
		d_avail(w, head[i]);
	}
	d_publish(w);
	for (i = 0; i < 5; i += 2) {
		T_EQ(fetch(w, 64), i == 4 ? 1 : 2);
		for (k = i; k < 5 && k < i + 2; k++)
			w_expect(w, &bufs[k - i], head[k], &s, 1);
	}
	w_free(w);
}

/* No device array needs more than VH_CHAIN_MAX segments, says ring.h */
static void most_segments(void)
{
	struct world *w = w_new(64, 0, 0);
	unsigned int i;
	int n;

	for (i = 0; i < 5; i++)
		seg[i] = (struct seg){ BITS, BITS_LEN, false };
	d_avail(w, d_chain(w, seg, 5, 5, 0, false));
	d_publish(w);
	n = fetch(w, 1);
	if (n == 1)
		T_OK(bufs[0].nout + bufs[0].nin <= VH_CHAIN_MAX);
	else
		T_EQ(w->r.cause, VH_BAD_LONG);
	w_free(w);
}

static void base(void)
{
	struct world *w = w_new(16, 0, 0);

	T_EQ(vh_ring_set_base(&w->r, 65535), 0);
	T_EQ(vh_ring_get_base(&w->r), 65535);
	T_EQ(vh_ring_set_base(&w->r, 65536), -EINVAL);
	T_EQ(vh_ring_set_base(&w->r, ~0u), -EINVAL);
	T_EQ(vh_ring_get_base(&w->r), 65535);
	T_EQ(w->r.layout, VH_SPLIT);
	w_free(w);
}

/* The used index comes from memory: a resumed ring goes on where it stopped */
static void resume(void)
{
	struct world *w = w_new(16, W_EVENT, 65535);
	int head;

	w->used->flags = VRING_USED_F_NO_NOTIFY;
	w->next_avail = w->next_used = w->avail->idx = w->used->idx = 5;
	T_EQ(vh_ring_set_base(&w->r, 5), 0);
	T_EQ(vh_ring_start(&w->r), 0);
	T_EQ(w->used->flags, 0);
	T_EQ(w->used->idx, 5);
	head = d_one(w, BIG, 5, true);
	T_EQ(fetch(w, 1), 1);
	bufs[0].len = 5;
	finish(w, bufs, 1);
	T_EQ(w->used->idx, 6);
	used(w, head, 5);
	w_free(w);
}

static void access(void)
{
	struct world *w = w_new(256, W_EVENT, 0);
	size_t desc = 256 * 16, avail = 4 + 512 + 2, used = 4 + 2048 + 2;
	void *end = (void *)USER_END;

#define AT(field, size, ok) do {					\
	void *old = w->r.field;						\
									\
	w->r.field = (void *)((char *)end - (size));				\
	T_EQ(vh_ring_access_ok(&w->r), ok);				\
	w->r.field = old;						\
} while (0)
	AT(desc, desc, true);
	AT(desc, desc - 16, false);
	AT(avail, avail, true);
	AT(avail, avail - 2, false);
	AT(used, used, true);
	AT(used, used - 2, false);
	w->r.event_idx = false;
	AT(avail, avail - 2, true);
	AT(avail, avail - 4, false);
	AT(used, used - 2, true);
	AT(used, used - 4, false);
	T_EQ(vh_ring_access_ok(&w->r), true);
	w_free(w);
}

/* Each barrier stands between the accesses that it orders */
static size_t find(const struct user_event *e, size_t n, size_t from,
		   enum user_what what, const volatile void *addr)
{
	size_t i;

	for (i = from; i < n; i++)
		if (e[i].what == what && e[i].addr == (uintptr_t)addr)
			break;
	return i;
}

static void barriers(void)
{
	unsigned int event;

	for (event = 0; event < 2; event++) {
		struct world *w = w_new(16, event ? W_EVENT : 0, 3);
		const volatile void *want = event ? (void *)d_used_event(w) :
						    &w->avail->flags;
		const volatile void *kick = event ? (void *)d_avail_event(w) :
						    &w->used->flags;
		const struct user_event *e;
		size_t n, a, b, c;
		int head = d_one(w, BIG, 5, true);

		t_context("event %u", event);
		user_trace_start();
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
		n = user_trace_stop(&e);
		a = find(e, n, 0, USER_READ, &w->avail->idx);
		b = find(e, n, a, USER_RMB, NULL);
		c = find(e, n, 0, USER_READ, &w->avail->ring[3]);
		T_OK(a < b && b < c && c < n);
		T_OK(c < find(e, n, 0, USER_READ, &w->desc[head]));

		user_trace_start();
		finish(w, bufs, 1);
		vh_ring_need_call(&w->r);
		n = user_trace_stop(&e);
		a = find(e, n, 0, USER_WRITE, &w->used->ring[3].id);
		b = find(e, n, a, USER_WMB, NULL);
		c = find(e, n, 0, USER_WRITE, &w->used->idx);
		T_OK(a < b && b < c && c < n);
		a = find(e, n, 0, USER_WRITE, &w->used->ring[3].len);
		T_OK(a < b);
		b = find(e, n, c, USER_MB, NULL);
		a = find(e, n, 0, USER_READ, want);
		T_OK(c < b && b < a && a < n);

		user_trace_start();
		vh_ring_kick_enable(&w->r);
		n = user_trace_stop(&e);
		a = find(e, n, 0, USER_WRITE, kick);
		b = find(e, n, a, USER_MB, NULL);
		c = find(e, n, 0, USER_READ, &w->avail->idx);
		T_OK(a < b && b < c && c < n);
		w_free(w);
	}
}

T_CASES({ "sizes_one", sizes_one }, { "batches", batches },
	{ "used_wrap", used_wrap }, { "unfetch", unfetch },
	{ "chained", chained }, { "indirect", indirect },
	{ "indirect_write_flag", indirect_write_flag },
	{ "table_straddles", table_straddles },
	{ "table_in_pages", table_in_pages }, { "zero_length", zero_length },
	{ "largest", largest }, { "straddle", straddle },
	{ "exhaustion", exhaustion },
	{ "table_room", table_room }, { "most_segments", most_segments },
	{ "base", base }, { "resume", resume }, { "access", access },
	{ "barriers", barriers });
