// SPDX-License-Identifier: GPL-2.0
/* Address map: boundaries, permissions, cache, and a naive model at random */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "user.h"
#include "world.h"

#define RW	(VH_MAP_READ | VH_MAP_WRITE)
#define USER	0x7000000000ull
#define ROOM	64

static struct vh_map *map;
static struct vh_map_cache cache;
static struct iovec iov[ROOM + 1];

static void begin(unsigned int max)
{
	user_reset();
	map = vh_map_create(max);
	if (!map)
		abort();
	vh_map_cache_reset(&cache);
}

static void end(void)
{
	vh_map_destroy(map);
}

static int look(u64 addr, u32 len, u32 perm)
{
	return vh_map_translate(map, &cache, addr, len, perm, iov, ROOM);
}

/* one segment, of the whole length, at this user address? */
static void at(u64 addr, u32 len, u64 uaddr)
{
	T_EQ(look(addr, len, RW), 1);
	T_EQ((uintptr_t)iov[0].iov_base, uaddr);
	T_EQ(iov[0].iov_len, len);
}

static void empty(void)
{
	begin(0);
	T_EQ(look(0, 1, 0), -EFAULT);
	T_EQ(look(~0ull, 1, 0), -EFAULT);
	T_EQ(look(0x1000, 0, RW), 0);
	T_EQ(vh_map_add(map, 0, 1, USER, RW), -E2BIG);
	end();
	vh_map_destroy(NULL);
}

static void add(void)
{
	begin(2);
	T_EQ(vh_map_add(map, 5, 4, USER, RW), -EINVAL);
	T_EQ(map->nr, 0);
	T_EQ(vh_map_add(map, 5, 5, USER, RW), 0);
	T_EQ(vh_map_add(map, 9, 9, USER + 0x100, RW), 0);
	T_EQ(vh_map_add(map, 11, 11, USER, RW), -E2BIG);
	T_EQ(map->nr, 2);
	T_OK(!map->bad_uaddr);
	at(5, 1, USER);
	at(9, 1, USER + 0x100);
	T_EQ(look(4, 1, RW), -EFAULT);
	T_EQ(look(6, 1, RW), -EFAULT);
	T_EQ(look(11, 1, RW), -EFAULT);
	T_EQ(look(5, 2, RW), -EFAULT);
	end();
}

static void edges(void)
{
	begin(4);
	T_EQ(vh_map_add(map, 0, 0xfff, USER, RW), 0);
	T_EQ(vh_map_add(map, -0x1000ull, ~0ull, USER + 0x10000, RW), 0);
	at(0, 1, USER);
	at(0, 0x1000, USER);
	at(0xfff, 1, USER + 0xfff);
	T_EQ(look(0xfff, 2, RW), -EFAULT);
	T_EQ(look(0x1000, 1, RW), -EFAULT);
	T_EQ(look(-0x1001ull, 1, RW), -EFAULT);
	at(-0x1000ull, 0x1000, USER + 0x10000);
	at(~0ull, 1, USER + 0x10fff);
	/* 2^64 is passed: that is no address, although 0 is mapped */
	T_EQ(look(~0ull, 2, RW), -EFAULT);
	T_EQ(look(-0x1000ull, 0x1001, RW), -EFAULT);
	T_EQ(look(1, ~0u, RW), -EFAULT);
	T_EQ(look(~0ull, 0, RW), 0);
	end();
}

static void whole_space(void)
{
	begin(1);
	T_EQ(vh_map_add(map, 0, ~0ull, 0, RW), 0);
	T_OK(map->bad_uaddr);
	T_EQ(look(0x1234, 0x10, RW), 1);
	T_EQ((uintptr_t)iov[0].iov_base, 0x1234);
	T_EQ(look(USER_END - 1, 1, RW), 1);
	T_EQ(look(USER_END - 1, 2, RW), -EFAULT);
	T_EQ(look(USER_END, 1, RW), -EFAULT);
	T_EQ(look(~0ull, 1, RW), -EFAULT);
	T_EQ(look(0, ~0u, RW), 1);
	T_EQ(iov[0].iov_len, ~0u);
	end();
}

static void user_half(void)
{
	static const struct {
		u64 start, last, uaddr;
		bool bad;
	} row[] = {
		{ 0, 0xfff, USER_END - 0x1000, false },
		{ 0, 0x1000, USER_END - 0x1000, true },
		{ 0, 0, USER_END - 1, false },
		{ 0, 0, USER_END, true },
		{ 0, 0, ~0ull, true },
		{ 0, 0xfff, -0x800ull, true },
		{ 5, USER_END + 4, 0, false },
		{ 5, USER_END + 5, 0, true },
		{ 1, ~0ull, 0, true },
		{ 0, ~0ull, USER, true },
	};
	unsigned int i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t_context("row %u", i);
		begin(1);
		T_EQ(vh_map_add(map, row[i].start, row[i].last, row[i].uaddr,
				RW), 0);
		T_EQ(map->bad_uaddr, row[i].bad);
		end();
	}
	t_context("user address that wraps");
	begin(1);
	T_EQ(vh_map_add(map, 0, 0xfffff, -0x800ull, RW), 0);
	T_EQ(look(0x700, 0x10, RW), -EFAULT);
	T_EQ(look(0x7f8, 0x10, RW), -EFAULT);
	end();
}

static void straddle(void)
{
	unsigned int i;

	begin(8);
	for (i = 0; i < 8; i++)
		T_EQ(vh_map_add(map, i * 16, i * 16 + 15, USER + i * 64, RW),
		     0);
	T_EQ(look(0, 128, RW), 8);
	for (i = 0; i < 8; i++) {
		T_EQ((uintptr_t)iov[i].iov_base, USER + i * 64);
		T_EQ(iov[i].iov_len, 16);
	}
	T_EQ(look(15, 2, RW), 2);
	T_EQ((uintptr_t)iov[0].iov_base, USER + 15);
	T_EQ(iov[0].iov_len, 1);
	T_EQ((uintptr_t)iov[1].iov_base, USER + 64);
	T_EQ(iov[1].iov_len, 1);
	T_EQ(look(7, 122, RW), -EFAULT);
	/* exactly as many as there is room, and one less */
	memset(iov, 0x77, sizeof(iov));
	T_EQ(vh_map_translate(map, &cache, 0, 128, RW, iov, 8), 8);
	T_EQ(vh_map_translate(map, &cache, 0, 128, RW, iov, 7), -ENOBUFS);
	T_EQ(vh_map_translate(map, &cache, 0, 1, RW, iov, 0), -ENOBUFS);
	T_EQ(vh_map_translate(map, &cache, 0, 0, RW, iov, 0), 0);
	T_EQ(iov[8].iov_len, 0x7777777777777777);
	end();
}

static void permission(void)
{
	begin(4);
	T_EQ(vh_map_add(map, 0, 15, USER, VH_MAP_READ), 0);
	T_EQ(vh_map_add(map, 16, 31, USER + 64, VH_MAP_WRITE), 0);
	T_EQ(vh_map_add(map, 32, 47, USER + 128, RW), 0);
	T_EQ(vh_map_add(map, 48, 63, USER + 192, 0), 0);
	T_EQ(look(0, 16, VH_MAP_READ), 1);
	T_EQ(look(0, 1, VH_MAP_WRITE), -EFAULT);
	T_EQ(look(0, 1, RW), -EFAULT);
	T_EQ(look(0, 17, VH_MAP_READ), -EFAULT);
	T_EQ(look(16, 1, VH_MAP_READ), -EFAULT);
	T_EQ(look(16, 32, VH_MAP_WRITE), 2);
	T_EQ(look(16, 32, RW), -EFAULT);
	T_EQ(look(32, 16, RW), 1);
	T_EQ(look(48, 1, VH_MAP_READ), -EFAULT);
	T_EQ(look(48, 1, 0), 1);
	end();
}

/* Many more ranges than slots, in every order, then another map */
static void cache_reset(void)
{
	struct vh_map *old;
	unsigned int i;

	begin(16);
	for (i = 0; i < 16; i++)
		vh_map_add(map, i * 16, i * 16 + 15, USER + i * 64, RW);
	for (i = 0; i < 2000; i++) {
		unsigned int k = t_below(16);

		at(k * 16 + 3, 5, USER + k * 64 + 3);
	}
	old = map;
	map = vh_map_create(16);
	for (i = 1; i < 16; i++)
		vh_map_add(map, i * 16, i * 16 + 15, 2 * USER + i * 64, RW);
	vh_map_cache_reset(&cache);
	vh_map_destroy(old);
	for (i = 1; i < 16; i++)
		at(i * 16, 16, 2 * USER + i * 64);
	T_EQ(look(0, 1, RW), -EFAULT);
	end();
}

/* "a translation then uses the one with the lowest start", whatever came before */
static void overlap(void)
{
	begin(4);
	T_EQ(vh_map_add(map, 0x1000, 0x2fff, USER, RW), 0);
	T_EQ(vh_map_add(map, 0x2000, 0x3fff, USER + 0x100000, RW), 0);
	at(0x2000, 1, USER + 0x1000);
	vh_map_cache_reset(&cache);
	at(0x3000, 1, USER + 0x101000);
	/* the second range is cached now; the first still has precedence */
	at(0x2000, 1, USER + 0x1000);
	vh_map_cache_reset(&cache);
	at(0x3800, 1, USER + 0x101800);
	T_EQ(look(0x2800, 0x1000, RW), 2);
	T_EQ((uintptr_t)iov[0].iov_base, USER + 0x1800);
	T_EQ((uintptr_t)iov[1].iov_base, USER + 0x101000);
	end();
}

static void many_ranges(void)
{
	unsigned int i, k;

	begin(4096);
	/* in an order that makes the tree rotate */
	for (i = 0; i < 4096; i++) {
		k = (i * 1021) % 4096;
		T_EQ(vh_map_add(map, k * 4096ull, k * 4096ull + 4095,
				USER + k * 8192ull, RW), 0);
	}
	T_EQ(vh_map_add(map, 1ull << 40, 1ull << 40, USER, RW), -E2BIG);
	for (i = 0; i < 4096; i++)
		at(i * 4096ull, 4096, USER + i * 8192ull);
	for (i = 0; i < t_scaled(20000); i++) {
		k = t_below(4096);
		at(k * 4096ull + 17, 4079, USER + k * 8192ull + 17);
	}
	T_EQ(look(4095 * 4096ull, 4097, RW), -EFAULT);
	T_EQ(look(0, ROOM * 4096, RW), ROOM);
	T_EQ(look(0, ROOM * 4096 + 1, RW), -ENOBUFS);
	end();
}

static struct w_range model[40];
static unsigned int nr_model;

static void random_ranges(bool may_overlap)
{
	u64 next = t_once_in(2) ? 0 : t_below(1000);
	unsigned int i;

	nr_model = 1 + t_below(40);
	begin(nr_model);
	for (i = 0; i < nr_model; i++) {
		u64 start = may_overlap ? t_below(2000) : next + (t_once_in(2) ?
							0 : t_below(40));
		u64 last = start + t_below(90);
		u64 uaddr = t_once_in(20) ? USER_END - t_below(90) :
					    USER + t_below(1 << 30);

		if (i + 1 == nr_model && t_once_in(3)) {
			start = -3000ull + t_below(100);
			last = t_once_in(3) ? ~0ull : start + t_below(90);
		}
		if (last < start)
			last = start;
		model[i] = (struct w_range){ start, last, uaddr,
					     t_once_in(6) ? t_below(4) : RW };
		if (start < 1ull << 63)
			next = last + 1;
		T_EQ(vh_map_add(map, start, last, uaddr, model[i].perm), 0);
	}
}

static void random_looks(void)
{
	struct iovec want[ROOM + 1];
	unsigned int i, k;

	for (i = 0; i < 300; i++) {
		const struct w_range *near = &model[t_below(nr_model)];
		u64 addr = (t_once_in(2) ? near->start : near->last) +
			   t_below(5) - 2;
		u32 len = t_once_in(8) ? t_rand() : t_below(200);
		u32 perm = t_below(4);
		unsigned int max = t_once_in(4) ? t_below(5) : ROOM;
		int n = model_translate(model, nr_model, addr, len, perm,
					want, max);
		int ret = vh_map_translate(map, &cache, addr, len, perm, iov,
					   max);

		t_context("addr %#llx len %u perm %u max %u",
			  (unsigned long long)addr, len, perm, max);
		T_EQ(ret, n < 0 ? -EFAULT : n > (int)max ? -ENOBUFS : n);
		for (k = 0; ret > 0 && ret == n && k < (unsigned int)n; k++) {
			T_EQ((uintptr_t)iov[k].iov_base,
			     (uintptr_t)want[k].iov_base);
			T_EQ(iov[k].iov_len, want[k].iov_len);
		}
		if (t_once_in(50))
			vh_map_cache_reset(&cache);
	}
}

static void random_apart(void)
{
	unsigned long i;

	for (i = 0; i < t_scaled(400) && !t_failed(); i++) {
		random_ranges(false);
		random_looks();
		end();
	}
}

static void random_overlap(void)
{
	unsigned long i;

	for (i = 0; i < t_scaled(400) && !t_failed(); i++) {
		random_ranges(true);
		random_looks();
		end();
	}
}

T_CASES({ "empty", empty }, { "add", add }, { "edges", edges },
	{ "whole_space", whole_space }, { "user_half", user_half },
	{ "straddle", straddle }, { "permission", permission },
	{ "cache_reset", cache_reset }, { "overlap", overlap },
	{ "many_ranges", many_ranges }, { "random_apart", random_apart },
	{ "random_overlap", random_overlap });
