// SPDX-License-Identifier: GPL-2.0
/* Malformed chains, one defect each */
#include "defect.h"

#define NUM	DEFECT_RING
#define LEN	DEFECT_LEN
#define W	VRING_DESC_F_WRITE
#define N	VRING_DESC_F_NEXT
#define I	VRING_DESC_F_INDIRECT
#define set	defect_set

static void head_is_num(struct stage *s) { s->head = NUM; }
static void head_is_max(struct stage *s) { s->head = 0xffff; }
static void avail_jump(struct stage *s) { s->jump = NUM + 1; }
static void avail_jump_half(struct stage *s) { s->jump = 0x8000; }

static void next_is_num(struct stage *s)
{
	set(s->d, s->buf, 50, s->flag | N, NUM);
}

static void next_is_max(struct stage *s)
{
	set(s->d, s->buf, 50, s->flag | N, 0xffff);
}

static void loop_of_one(struct stage *s)
{
	set(s->d, s->buf, 1, s->flag | N, 0);
}

static void loop_of_two(struct stage *s)
{
	set(&s->d[0], s->buf, 1, s->flag | N, 1);
	set(&s->d[1], s->buf, 1, s->flag | N, 0);
}

static void unmapped(struct stage *s)
{
	set(s->d, s->end + 0x100000, LEN, s->flag, 0);
}

static void unmapped_null(struct stage *s)
{
	set(s->d, 0, LEN, s->flag, 0);
}

static void beyond_the_end(struct stage *s)
{
	set(s->d, s->end - 50, LEN, s->flag, 0);
}

static void wraps(struct stage *s)
{
	set(s->d, ~0ull - 10, LEN, s->flag, 0);
}

static void wraps_into_memory(struct stage *s)
{
	set(s->d, s->end - 16, 0xffffffff, s->flag, 0);
}

static void second_unmapped(struct stage *s)
{
	set(&s->d[0], s->buf, 20, s->flag | N, 1);
	set(&s->d[1], s->end + 8, LEN, s->flag, 0);
}

static void other_way(struct stage *s)
{
	set(s->d, s->buf, LEN, s->flag ^ W, 0);
}

static void read_after_write(struct stage *s)
{
	set(&s->d[0], s->buf, 50, W | N, 1);
	set(&s->d[1], s->buf + 50, 50, 0, 0);
}

static void both_ways(struct stage *s)
{
	set(&s->d[0], s->buf, 50, N, 1);
	set(&s->d[1], s->buf + 50, 50, W, 0);
}

static void table_length_odd(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 17, I, 0);
}

static void table_length_short(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 15, I, 0);
}

static void table_length_zero(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 0, I, 0);
}

static void table_too_long(struct stage *s)
{
	set(s->t, s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 16 * 65537, I, 0);
}

static void table_nested(struct stage *s)
{
	set(&s->t[0], s->at + 16, 16, I, 0);
	set(&s->t[1], s->buf, LEN, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_unmapped(struct stage *s)
{
	set(s->d, s->end + 64, 16, I, 0);
}

static void table_wraps(struct stage *s)
{
	set(s->d, ~0ull - 15, 64, I, 0);
}

static void table_next_outside(struct stage *s)
{
	set(&s->t[0], s->buf, 50, s->flag | N, 2);
	set(&s->t[1], s->buf, 50, s->flag, 0);
	set(&s->t[2], s->buf, 50, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_next_missing(struct stage *s)
{
	set(&s->t[0], s->buf, 50, s->flag | N, 1);
	set(&s->t[1], s->buf, 50, s->flag | N, 2);
	set(&s->t[2], s->buf, 50, s->flag, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_loop(struct stage *s)
{
	set(&s->t[0], s->buf, 1, s->flag | N, 1);
	set(&s->t[1], s->buf, 1, s->flag | N, 0);
	set(s->d, s->at, 32, I, 0);
}

static void table_entry_unmapped(struct stage *s)
{
	set(s->t, s->end + 8, LEN, s->flag, 0);
	set(s->d, s->at, 16, I, 0);
}

static void table_read_after_write(struct stage *s)
{
	set(&s->t[0], s->buf, 50, W | N, 1);
	set(&s->t[1], s->buf + 50, 50, 0, 0);
	set(s->d, s->at, 32, I, 0);
}

#define ROW(f, retries) { #f, f, retries, false }

const struct defect defects[] = {
	ROW(head_is_num, true),
	ROW(head_is_max, true),
	ROW(avail_jump, false),
	ROW(avail_jump_half, false),
	ROW(next_is_num, true),
	ROW(next_is_max, true),
	ROW(loop_of_one, true),
	ROW(loop_of_two, true),
	ROW(unmapped, true),
	ROW(unmapped_null, true),
	ROW(beyond_the_end, true),
	ROW(wraps, true),
	ROW(wraps_into_memory, true),
	ROW(second_unmapped, true),
	ROW(other_way, false),
	ROW(read_after_write, true),
	ROW(both_ways, false),
	ROW(table_length_odd, true),
	ROW(table_length_short, true),
	ROW(table_length_zero, true),
	ROW(table_too_long, true),
	ROW(table_nested, true),
	ROW(table_unmapped, true),
	ROW(table_wraps, true),
	{ "table_next_outside", table_next_outside, false, true },
	ROW(table_next_missing, true),
	ROW(table_loop, true),
	ROW(table_entry_unmapped, true),
	ROW(table_read_after_write, true),
};

const unsigned int defect_count = sizeof(defects) / sizeof(defects[0]);
