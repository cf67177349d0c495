// SPDX-License-Identifier: GPL-2.0
/* Malformed rings: cause, errno, and what must not have changed */
#include <string.h>

#include "user.h"
#include "world.h"

#define NUM	16
#define BASE	65534
#define IND	VRING_DESC_F_INDIRECT
#define NXT	VRING_DESC_F_NEXT
#define WR	VRING_DESC_F_WRITE

/* Bad chains use descriptors from BAD on, good ones those in front */
#define BAD	8
/* where a bad chain's table lies */
#define T	(TABLES + 0x5000)

static struct vh_buf bufs[64];

static void bad(struct world *w, unsigned int i, u64 addr, u32 len, u16 flags,
		u16 next)
{
	d_desc(w, BAD + i, addr, len, flags, next);
}

static void tab(struct world *w, unsigned int i, u64 addr, u32 len, u16 flags,
		u16 next)
{
	struct vring_desc d = { addr, len, flags, next };

	w_write(w, T + i * 16, &d, 16);
}

static void table(struct world *w, u64 addr, u32 len)
{
	bad(w, 0, addr, len, IND, 0);
}

static void next_num(struct world *w)
{
	bad(w, 0, BIG, 1, NXT, NUM);
}

static void next_max(struct world *w)
{
	bad(w, 0, BIG, 1, NXT, BAD + 1);
	bad(w, 1, BIG, 1, NXT, 65535);
}

static void loop_self(struct world *w)
{
	bad(w, 0, BIG, 1, NXT, BAD);
}

static void loop_two(struct world *w)
{
	bad(w, 0, BIG, 1, NXT, BAD + 1);
	bad(w, 1, BIG, 1, NXT, BAD + 2);
	bad(w, 2, BIG, 1, NXT, BAD + 1);
}

static void indirect_next(struct world *w)
{
	bad(w, 0, T, 16, IND | NXT, BAD + 1);
	bad(w, 1, BIG, 1, 0, 0);
	tab(w, 0, BIG, 1, 0, 0);
}

static void nested(struct world *w)
{
	table(w, T, 16);
	tab(w, 0, T + 64, 16, IND, 0);
}

static void nested_second(struct world *w)
{
	table(w, T, 48);
	tab(w, 0, BIG, 4, NXT, 2);
	tab(w, 2, T + 64, 16, IND | NXT, 1);
	tab(w, 1, BIG, 4, 0, 0);
}

static void table_empty(struct world *w)
{
	table(w, T, 0);
}

static void table_15(struct world *w)
{
	table(w, T, 15);
}

static void table_17(struct world *w)
{
	tab(w, 0, BIG, 1, 0, 0);
	table(w, T, 17);
}

static void table_huge(struct world *w)
{
	table(w, T, 0xfffffff0);
}

static void table_too_long(struct world *w)
{
	table(w, T, (VH_CHAIN_MAX + 1) * 16);
}

static void table_too_long_with_direct(struct world *w)
{
	bad(w, 0, BIG, 1, NXT, BAD + 1);
	bad(w, 1, T, VH_CHAIN_MAX * 16, IND, 0);
}

static void table_unmapped(struct world *w)
{
	table(w, HOLE, 16);
}

static void table_half_mapped(struct world *w)
{
	table(w, TABLES + 0x9000 - 16, 32);
}

static void table_write_only(struct world *w)
{
	/* real memory, which only its permission forbids to read */
	w_map(w, 0x700000, 4096, (uintptr_t)w->piece[8], VH_MAP_WRITE);
	table(w, 0x700000, 16);
}

static void table_wraps(struct world *w)
{
	table(w, 0 - 16ull, 32);
}

static void table_loop_self(struct world *w)
{
	table(w, T, 16);
	tab(w, 0, BIG, 1, NXT, 0);
}

static void table_loop(struct world *w)
{
	table(w, T, 64);
	tab(w, 0, BIG, 1, NXT, 3);
	tab(w, 3, BIG, 1, NXT, 1);
	tab(w, 1, BIG, 1, NXT, 3);
}

static void table_next(struct world *w)
{
	table(w, T, 64);
	tab(w, 0, BIG, 1, NXT, 4);
}

static void table_next_max(struct world *w)
{
	table(w, T, 32);
	tab(w, 0, BIG, 1, NXT, 1);
	tab(w, 1, BIG, 1, NXT, 65535);
}

static void addr_unmapped(struct world *w)
{
	bad(w, 0, HOLE, 1, 0, 0);
}

static void addr_last_byte(struct world *w)
{
	bad(w, 0, NEXT + LOW_LEN - 5, 6, WR, 0);
}

static void addr_below(struct world *w)
{
	bad(w, 0, LOW - 1, 2, WR, 0);
}

static void addr_wraps(struct world *w)
{
	bad(w, 0, ~0ull, 2, 0, 0);
}

static void addr_wraps_far(struct world *w)
{
	bad(w, 0, TOP, ~0u, 0, 0);
}

static void addr_no_read(struct world *w)
{
	bad(w, 0, WRONLY, 1, 0, 0);
}

static void addr_no_write(struct world *w)
{
	bad(w, 0, RDONLY, 1, WR, 0);
}

static void addr_in_table(struct world *w)
{
	table(w, T, 32);
	tab(w, 0, BIG, 1, NXT, 1);
	tab(w, 1, HOLE, 1, WR, 0);
}

static void order(struct world *w)
{
	bad(w, 0, BIG, 1, WR | NXT, BAD + 1);
	bad(w, 1, BIG, 1, 0, 0);
}

static void order_in_table(struct world *w)
{
	table(w, T, 32);
	tab(w, 0, BIG, 1, WR | NXT, 1);
	tab(w, 1, BIG, 1, 0, 0);
}

static void order_across(struct world *w)
{
	bad(w, 0, BIG, 1, WR | NXT, BAD + 1);
	bad(w, 1, T, 16, IND, 0);
	tab(w, 0, BIG, 1, 0, 0);
}

static void size(struct world *w)
{
	bad(w, 0, BIG, ~0u, NXT, BAD + 1);
	bad(w, 1, BIG, 1, NXT, BAD + 2);
	bad(w, 2, BIG, 1, WR, 0);
}

static void size_in_table(struct world *w)
{
	table(w, T, 32);
	tab(w, 0, BIG, ~0u, WR | NXT, 1);
	tab(w, 1, BIG, ~0u, WR, 0);
}

static void head_num(struct world *w)
{
	w->avail->ring[w->next_avail % NUM] = NUM;
}

static void head_max(struct world *w)
{
	w->avail->ring[w->next_avail % NUM] = 65535;
}

/* The mapped table memory is gone for the user: seen only in the window */
static void table_faults(struct world *w)
{
	table(w, TABLES + 0x8000, 32);
	user_area_del(w->piece[8]);
}

static void table_faults_second(struct world *w)
{
	table(w, T + 0x1000 - 16, 32);
	user_area_del(w->piece[6]);
}

static const struct {
	const char *name;
	void (*make)(struct world *w);
	enum vh_cause cause;
	int err;
} row[] = {
#define ROW(make, cause, err) { #make, make, cause, -(err) }
	ROW(head_num, VH_BAD_HEAD, EINVAL),
	ROW(head_max, VH_BAD_HEAD, EINVAL),
	ROW(next_num, VH_BAD_NEXT, EINVAL),
	ROW(next_max, VH_BAD_NEXT, EINVAL),
	ROW(loop_self, VH_BAD_LOOP, EINVAL),
	ROW(loop_two, VH_BAD_LOOP, EINVAL),
	ROW(indirect_next, VH_BAD_INDIRECT, EINVAL),
	ROW(nested, VH_BAD_INDIRECT, EINVAL),
	ROW(nested_second, VH_BAD_INDIRECT, EINVAL),
	ROW(table_empty, VH_BAD_INDIRECT, EINVAL),
	ROW(table_15, VH_BAD_INDIRECT, EINVAL),
	ROW(table_17, VH_BAD_INDIRECT, EINVAL),
	ROW(table_huge, VH_BAD_LONG, EINVAL),
	ROW(table_too_long, VH_BAD_LONG, EINVAL),
	ROW(table_too_long_with_direct, VH_BAD_LONG, EINVAL),
	ROW(table_unmapped, VH_BAD_ADDR, EFAULT),
	ROW(table_half_mapped, VH_BAD_ADDR, EFAULT),
	ROW(table_write_only, VH_BAD_ADDR, EFAULT),
	ROW(table_wraps, VH_BAD_ADDR, EFAULT),
	ROW(table_loop_self, VH_BAD_LOOP, EINVAL),
	ROW(table_loop, VH_BAD_LOOP, EINVAL),
	ROW(table_next, VH_BAD_NEXT, EINVAL),
	ROW(table_next_max, VH_BAD_NEXT, EINVAL),
	ROW(addr_unmapped, VH_BAD_ADDR, EFAULT),
	ROW(addr_last_byte, VH_BAD_ADDR, EFAULT),
	ROW(addr_below, VH_BAD_ADDR, EFAULT),
	ROW(addr_wraps, VH_BAD_ADDR, EFAULT),
	ROW(addr_wraps_far, VH_BAD_ADDR, EFAULT),
	ROW(addr_no_read, VH_BAD_ADDR, EFAULT),
	ROW(addr_no_write, VH_BAD_ADDR, EFAULT),
	ROW(addr_in_table, VH_BAD_ADDR, EFAULT),
	ROW(order, VH_BAD_ORDER, EINVAL),
	ROW(order_in_table, VH_BAD_ORDER, EINVAL),
	ROW(order_across, VH_BAD_ORDER, EINVAL),
	ROW(size, VH_BAD_SIZE, EINVAL),
	ROW(size_in_table, VH_BAD_SIZE, EINVAL),
	ROW(table_faults, VH_BAD_ADDR, EFAULT),
	ROW(table_faults_second, VH_BAD_ADDR, EFAULT),
};

#define ROWS	(sizeof(row) / sizeof(row[0]))

/* What a failing fetch must leave alone */
struct kept {
	u16 last, used_idx, published, signalled;
	bool valid, kick;
	u8 ring[4 + 8 * NUM];
};

static struct kept keep(const struct world *w)
{
	struct kept k;

	memset(&k, 0, sizeof(k));
	k.last = w->r.last_avail;
	k.used_idx = w->r.used_idx;
	k.published = w->r.published;
	k.signalled = w->r.signalled;
	k.valid = w->r.signalled_valid;
	k.kick = w->r.kick_enabled;
	memcpy(k.ring, w->used, 4 + 8 * w->num);
	return k;
}

static void fails(struct world *w, enum vh_cause cause, int err)
{
	struct kept before = keep(w), after;
	unsigned int i;

	/* and it fails the same way every time */
	for (i = 0; i < 2; i++) {
		w->r.cause = VH_OK;
		T_EQ(vh_ring_fetch(&w->r, bufs, i ? 1 : 64), err);
		T_EQ(w->r.cause, cause);
		after = keep(w);
		T_OK(!memcmp(&before, &after, sizeof(after)));
	}
}

/* @good chains of three kinds in front of a bad one, one good one behind */
static void bad_after(unsigned int r, unsigned int good, unsigned int max)
{
	struct world *w = w_new(NUM, W_EVENT, BASE);
	struct seg s[2] = { { BIG, 20, false }, { NEXT - 9, 30, true } };
	unsigned int i, got = 0;
	int head[4];

	t_context("%s after %u good, batch %u", row[r].name, good, max);
	w_tables(w, 9, 4096);
	for (i = 0; i < good; i++) {
		/* direct, table in the window, table that is copied */
		head[i] = d_chain(w, s, 2, i ? 0 : 2,
				  TABLES + i * 0x1000 - (i == 2 ? 16 : 0),
				  false);
		d_avail(w, head[i]);
	}
	w->avail->ring[w->next_avail % NUM] = BAD;
	row[r].make(w);
	w->next_avail++;
	d_avail(w, 7);
	d_desc(w, 7, BIG, 1, 0, 0);
	d_publish(w);

	while (got < good && !t_failed()) {
		int n = vh_ring_fetch(&w->r, bufs, max);

		T_OK(n > 0 && got + n <= good);
		for (i = 0; (int)i < n && got + i < good; i++)
			w_expect(w, &bufs[i], head[got + i], s, 2);
		if (n > 0)
			got += n;
	}
	fails(w, row[r].cause, row[r].err);
	/* what was taken in front can still be completed */
	T_EQ(vh_ring_complete(&w->r, bufs, good ? 1 : 0), 0);
	w_free(w);
}

static void first(void)
{
	unsigned int r;

	for (r = 0; r < ROWS; r++)
		bad_after(r, 0, 64);
}

static void after_good(void)
{
	unsigned int r, good;

	for (r = 0; r < ROWS; r++)
		for (good = 1; good < 4; good++) {
			bad_after(r, good, 1);
			bad_after(r, good, good);
			bad_after(r, good, 64);
		}
}

/* The index jumps: more avail than slots */
static void avail_jump(void)
{
	static const u16 jump[] = { NUM + 1, NUM + 2, 0x7fff, 0x8000, 0xffff };
	unsigned int i;

	for (i = 0; i < sizeof(jump) / sizeof(jump[0]); i++) {
		struct world *w = w_new(NUM, W_EVENT, BASE);

		t_context("jump %u", jump[i]);
		w->avail->idx = BASE + jump[i];
		fails(w, VH_BAD_AVAIL_IDX, -EINVAL);
		w_free(w);
	}
	/* as many as there are slots is right */
	t_context("full");
	struct world *w = w_new(NUM, 0, BASE);

	for (i = 0; i < NUM; i++)
		d_desc(w, i, BIG, 1, 0, 0);
	w->avail->idx = (u16)(BASE + NUM);
	T_EQ(vh_ring_fetch(&w->r, bufs, 64), NUM);
	w_free(w);
}

/* It jumps, also backwards, while some chains were seen but not taken */
static void avail_jump_later(void)
{
	struct world *w = w_new(NUM, 0, BASE);
	unsigned int i;

	for (i = 0; i < 5; i++)
		d_one(w, BIG, 1, false);
	T_EQ(vh_ring_fetch(&w->r, bufs, 2), 2);
	w->avail->idx = BASE + 1;
	/* three are known: a batch that they fill needs no look */
	T_EQ(vh_ring_fetch(&w->r, bufs, 2), 2);
	fails(w, VH_BAD_AVAIL_IDX, -EINVAL);
	w_free(w);
	w = w_new(1, 0, BASE);
	d_desc(w, 0, BIG, 1, 0, 0);
	w->avail->idx = (u16)(BASE + 2);
	T_EQ(vh_ring_fetch(&w->r, bufs, 64), -EINVAL);
	T_EQ(w->r.cause, VH_BAD_AVAIL_IDX);
	w_free(w);
}

/* One descriptor more than a chain may have, in a ring that has room for it */
static void too_long(void)
{
	struct world *w = w_new(2048, 0, 5);
	unsigned int i;

	for (i = 0; i <= VH_CHAIN_MAX; i++)
		d_desc(w, i, BIG, 1, i < VH_CHAIN_MAX ? NXT : 0, i + 1);
	d_avail(w, 0);
	d_publish(w);
	T_EQ(vh_ring_fetch(&w->r, bufs, 1), -EINVAL);
	T_EQ(w->r.cause, VH_BAD_LONG);
	T_EQ(vh_ring_get_base(&w->r), 5);
	/* also when none of them needs a segment */
	for (i = 0; i <= VH_CHAIN_MAX; i++)
		w->desc[i].len = 0;
	T_EQ(vh_ring_fetch(&w->r, bufs, 1), -EINVAL);
	T_EQ(w->r.cause, VH_BAD_LONG);
	for (i = 0; i <= VH_CHAIN_MAX; i++)
		w->desc[i].len = 1;
	/* one less */
	d_desc(w, VH_CHAIN_MAX - 1, BIG, 1, 0, 0);
	T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
	T_EQ(bufs[0].nout, VH_CHAIN_MAX);
	w_free(w);
	/* a loop in a ring longer than a chain */
	w = w_new(2048, 0, 5);
	d_desc(w, 0, BIG, 1, NXT, 0);
	d_avail(w, 0);
	d_publish(w);
	T_EQ(vh_ring_fetch(&w->r, bufs, 1), -EINVAL);
	T_EQ(w->r.cause, VH_BAD_LONG);
	w_free(w);
	/* more segments than there is scratch */
	w = w_new(16, 0, 5);
	for (i = 0; i < 8; i++)
		d_desc(w, i, BITS, BITS_LEN, i < 7 ? NXT : 0, i + 1);
	d_avail(w, 0);
	d_publish(w);
	T_EQ(vh_ring_fetch(&w->r, bufs, 1), -EINVAL);
	T_EQ(w->r.cause, VH_BAD_LONG);
	w_free(w);
}

/* A loop that has exactly the length of the ring, for each ring size */
static void loop_sizes(void)
{
	unsigned int num, i;

	for (num = 1; num <= 1024; num *= 2) {
		struct world *w = w_new(num, 0, 0);

		t_context("num %u", num);
		for (i = 0; i < num; i++)
			d_desc(w, i, BIG, 1, NXT, (i + 1) % num);
		d_avail(w, 0);
		d_publish(w);
		user_trace_start();
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), -EINVAL);
		T_EQ(w->r.cause, VH_BAD_LOOP);
		/* found before the first descriptor is read again */
		T_EQ(user_trace_twice(), 0);
		d_desc(w, num - 1, BIG, 1, 0, 0);
		T_EQ(vh_ring_fetch(&w->r, bufs, 1), 1);
		T_EQ(bufs[0].nout, num);
		w_free(w);
	}
}

T_CASES({ "first", first }, { "after_good", after_good },
	{ "avail_jump", avail_jump }, { "avail_jump_later", avail_jump_later },
	{ "too_long", too_long }, { "loop_sizes", loop_sizes });
