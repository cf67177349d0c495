// SPDX-License-Identifier: GPL-2.0
/* Memory, map and ring of a test, see world.h */
#include <stdlib.h>
#include <string.h>

#include "user.h"
#include "world.h"

void w_map(struct world *w, u64 start, u64 len, u64 uaddr, u32 perm)
{
	if (w->nr == W_RANGES)
		abort();
	w->range[w->nr++] = (struct w_range){
		start, start + (len - 1), uaddr, perm
	};
	T_EQ(vh_map_add(w->r.map, start, start + (len - 1), uaddr, perm), 0);
}

static void map_all(struct world *w)
{
	const u32 rw = VH_MAP_READ | VH_MAP_WRITE;
	unsigned int i;

	w_map(w, LOW, LOW_LEN, 0x100000000000, rw);
	w_map(w, NEXT, LOW_LEN, 0x200000000000, rw);
	w_map(w, RDONLY, SMALL_LEN, 0x210000000000, VH_MAP_READ);
	w_map(w, WRONLY, SMALL_LEN, 0x220000000000, VH_MAP_WRITE);
	w_map(w, BIG, BIG_LEN, 0x300000000000, rw);
	w_map(w, TOP, SMALL_LEN, 0x400000000000, rw);
	for (i = 0; i < BITS_LEN / 16; i++)
		w_map(w, BITS + i * 16, 16, 0x410000000000 + i * 64, rw);
}

struct world *w_new(unsigned int num, unsigned int flags, u16 base)
{
	struct world *w = calloc(1, sizeof(*w));
	unsigned int event = flags & W_EVENT ? 2 : 0;
	size_t avail = 4 + 2 * num + event, used = 4 + 8 * num + event;

	if (!w)
		abort();
	user_reset();
	w->num = num;
	w->flags = flags;
	w->desc = calloc(num, sizeof(*w->desc));
	w->avail = calloc(1, avail);
	w->used = calloc(1, used);
	w->r.map = vh_map_create(W_RANGES);
	w->r.scratch = malloc(sizeof(*w->r.scratch));
	if (!w->desc || !w->avail || !w->used || !w->r.map || !w->r.scratch)
		abort();
	/* nothing may depend on what the scratch held before */
	memset(w->r.scratch, 0xa5, sizeof(*w->r.scratch));
	user_area(w->desc, num * sizeof(*w->desc));
	user_area(w->avail, avail);
	user_area(w->used, used);
	map_all(w);

	w->r.num = num;
	w->r.version_1 = flags & W_V1;
	w->r.event_idx = flags & W_EVENT;
	w->r.notify_on_empty = flags & W_ON_EMPTY;
	w->r.desc = w->desc;
	w->r.avail = w->avail;
	w->r.used = w->used;
	vh_map_cache_reset(&w->r.cache);
	d_init(w, base);
	T_EQ(vh_ring_set_base(&w->r, base), 0);
	T_OK(vh_ring_access_ok(&w->r));
	T_EQ(vh_ring_start(&w->r), 0);
	return w;
}

void w_free(struct world *w)
{
	unsigned int i;

	user_reset();
	for (i = 0; i < w->pieces; i++)
		free(w->piece[i]);
	d_exit(w);
	vh_map_destroy(w->r.map);
	free(w->r.scratch);
	free(w->desc);
	free(w->avail);
	free(w->used);
	free(w);
}

void w_tables(struct world *w, unsigned int n, size_t size)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		void *mem = calloc(1, size);

		if (!mem || w->pieces == W_PIECES)
			abort();
		w->piece[w->pieces++] = mem;
		user_area(mem, size);
		w_map(w, TABLES + i * size, size, (uintptr_t)mem,
		      VH_MAP_READ | VH_MAP_WRITE);
	}
}

static const struct w_range *find(const struct w_range *range, unsigned int nr,
				  u64 addr)
{
	const struct w_range *best = NULL;
	unsigned int i;

	for (i = 0; i < nr; i++)
		if (range[i].start <= addr && addr <= range[i].last &&
		    (!best || range[i].start < best->start))
			best = &range[i];
	return best;
}

int model_translate(const struct w_range *range, unsigned int nr, u64 addr,
		    u32 len, u32 perm, struct iovec *iov, unsigned int max)
{
	unsigned __int128 at = addr, end = at + len;
	unsigned int n = 0;

	if (end > (unsigned __int128)1 << 64)
		return -1;
	while (at < end) {
		const struct w_range *hit = find(range, nr, at);
		unsigned __int128 stop;

		if (!hit || (hit->perm & perm) != perm)
			return -1;
		if (n == max)
			return max + 1;
		stop = (unsigned __int128)hit->last + 1;
		if (stop > end)
			stop = end;
		if ((unsigned __int128)hit->uaddr + (stop - hit->start) >
		    USER_END)
			return -1;
		iov[n].iov_base = (void *)(hit->uaddr + (u64)at - hit->start);
		iov[n++].iov_len = stop - at;
		at = stop;
	}
	return n;
}

void w_write(struct world *w, u64 addr, const void *from, size_t len)
{
	struct iovec iov[W_PIECES];
	int i, n = model_translate(w->range, w->nr, addr, len, VH_MAP_WRITE,
				   iov, W_PIECES);

	if (len && n <= 0)
		abort();
	for (i = 0; i < n; i++) {
		memcpy(iov[i].iov_base, from, iov[i].iov_len);
		from = (const char *)from + iov[i].iov_len;
	}
}

static void expect_iov(const struct iovec *got, const struct iovec *want,
		       unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++) {
		T_EQ((uintptr_t)got[i].iov_base, (uintptr_t)want[i].iov_base);
		T_EQ(got[i].iov_len, want[i].iov_len);
	}
}

void w_expect(struct world *w, const struct vh_buf *buf, int id,
	      const struct seg *seg, unsigned int n)
{
	static struct iovec want[VH_SCRATCH];
	unsigned int i, at = 0, nout = 0;
	u64 bytes[2] = { 0, 0 };

	for (i = 0; i < n; i++) {
		int k = model_translate(w->range, w->nr, seg[i].addr,
					seg[i].len, seg[i].in ? VH_MAP_WRITE :
					VH_MAP_READ, &want[at], VH_SCRATCH - at);

		if (k < 0 || at + k > VH_SCRATCH) {
			t_fail("served a chain with a bad address: segment %u",
			       i);
			return;
		}
		at += k;
		if (!seg[i].in)
			nout += k;
		bytes[seg[i].in] += seg[i].len;
	}
	T_EQ(buf->id, id);
	T_EQ(buf->ndesc, 1);
	T_EQ(buf->nout, nout);
	T_EQ(buf->nin, at - nout);
	T_EQ(buf->out_len, bytes[0]);
	T_EQ(buf->in_len, bytes[1]);
	T_EQ(buf->len, 0);
	T_OK(buf->seg + at <= VH_SCRATCH);
	if (buf->nout == nout && buf->nin == at - nout)
		expect_iov(&w->r.scratch->iov[buf->seg], want, at);
}
