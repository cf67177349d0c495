// SPDX-License-Identifier: GPL-2.0
/* SET_MEM_TABLE: bad tables, limits, and traffic through every region */
#include "check.h"

#include <sys/mman.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)
#define LIMIT	EXPECT_DIFF(64u, 4096u, "4096 memory regions instead of 64")

FIXTURE(mem) {
	struct rig r;
};

FIXTURE_SETUP(mem)
{
	struct rig_cfg cfg = { .features = MODERN, .mem = 16 << 20 };

	ASSERT_EQ(0, rig_open(&self->r, &cfg));
}

FIXTURE_TEARDOWN(mem)
{
	rig_close(&self->r);
}

/* Guest memory in @n equal regions, the last takes the rest */
static void split(const struct guest *g, struct vh_region *v, unsigned int n)
{
	size_t each = g->size / n;
	unsigned int i;

	for (i = 0; i < n; i++)
		v[i] = (struct vh_region){
			g->base + i * each,
			i + 1 < n ? each : g->size - i * each,
			user_addr(g->mem + i * each),
		};
}

static int set_raw(int fd, unsigned int nregions, unsigned int padding)
{
	struct vhost_memory *m = calloc(1, sizeof(*m) +
					4097 * sizeof(m->regions[0]));
	unsigned int i;
	int err;

	if (!m)
		return ENOMEM;
	m->nregions = nregions;
	m->padding = padding;
	for (i = 0; i < 4097; i++)
		m->regions[i] = (struct vhost_memory_region){
			.guest_phys_addr = i * 0x1000ull + 0x1000,
			.memory_size = 0x1000,
			.userspace_addr = 0x10000,
			.flags_padding = 1,	/* not looked at */
		};
	err = vh_ioctl(fd, VHOST_SET_MEM_TABLE, m);
	free(m);
	return err;
}

TEST_F(mem, counts)
{
	int fd = self->r.fd;

	EXPECT_EQ(0, set_raw(fd, 0, 0));
	EXPECT_EQ(0, set_raw(fd, 1, 0));
	EXPECT_EQ(0, set_raw(fd, 64, 0));
	EXPECT_EQ(LIMIT > 64 ? 0 : E2BIG, set_raw(fd, 65, 0));
	EXPECT_EQ(LIMIT > 64 ? 0 : E2BIG, set_raw(fd, 4096, 0));
	EXPECT_EQ(E2BIG, set_raw(fd, 4097, 0));
	EXPECT_EQ(E2BIG, set_raw(fd, 0xffffffff, 0));
	EXPECT_EQ(EOPNOTSUPP, set_raw(fd, 1, 1));
	EXPECT_EQ(EOPNOTSUPP, set_raw(fd, 0xffffffff, 1));
}

TEST_F(mem, bad_pointers)
{
	int fd = self->r.fd;
	long page = sysconf(_SC_PAGESIZE);
	uint8_t *two = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct vhost_memory *m;

	ASSERT_NE(MAP_FAILED, two);
	ASSERT_EQ(0, munmap(two + page, page));
	EXPECT_EQ(EFAULT, vh_ioctl(fd, VHOST_SET_MEM_TABLE, NULL));
	EXPECT_EQ(EFAULT, vh_ioctl(fd, VHOST_SET_MEM_TABLE, two + page - 4));
	/* the head is there, the regions are not */
	m = (void *)(two + page - sizeof(*m) - sizeof(m->regions[0]));
	m->nregions = 2;
	m->padding = 0;
	m->regions[0].memory_size = 0x1000;
	EXPECT_EQ(EFAULT, vh_ioctl(fd, VHOST_SET_MEM_TABLE, m));
	m->nregions = 1;
	EXPECT_EQ(0, vh_ioctl(fd, VHOST_SET_MEM_TABLE, m));
	munmap(two, page);
}

TEST_F(mem, bad_regions_leave_the_table_alone)
{
	struct rig *r = &self->r;
	uint64_t user = user_addr(r->g.mem);
	struct {
		struct vh_region v;
		int err;
	} t[] = {
		{ { 0x1000, 0, user }, EFAULT },
		{ { ~0ull, 0, user }, EFAULT },
		{ { ~0ull, 2, user }, EFAULT },
		{ { 1, ~0ull, user }, EFAULT },
		{ { 0x8000000000000000, 0x8000000000000001, user }, EFAULT },
		{ { 0, 0, user },
		  EXPECT_DIFF(0, EFAULT,
			      "a region of no bytes is no region; in-tree maps all of 2^64") },
	};
	struct vh_region pair[2];
	unsigned int i;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		pair[0] = (struct vh_region){ r->g.base, r->g.size, user };
		pair[1] = t[i].v;
		if (!t[i].err && is_intree())
			continue;	/* would be taken, and covers all */
		EXPECT_EQ(t[i].err, vh_mem(r->fd, &t[i].v, 1))
			TH_LOG("row %u", i);
		EXPECT_EQ(t[i].err, vh_mem(r->fd, pair, 2))
			TH_LOG("row %u, after a good one", i);
	}
	EXPECT_TRUE(rig_ping(r));
	EXPECT_EQ(EOPNOTSUPP, set_raw(r->fd, 1, 1));
	EXPECT_EQ(E2BIG, set_raw(r->fd, 4097, 0));
	EXPECT_TRUE(rig_ping(r));
}

TEST_F(mem, size_zero_at_zero)
{
	struct vh_region v = { 0, 0, 0 };

	EXPECT_EQ(EXPECT_DIFF(0, EFAULT,
			      "a region of no bytes is no region; in-tree maps all of 2^64"),
		  vh_mem(self->r.fd, &v, 1));
}

TEST_F(mem, overlap_is_accepted)
{
	struct vh_region v[2] = {
		{ self->r.g.base, self->r.g.size, user_addr(self->r.g.mem) },
		{ self->r.g.base + 0x1000, 0x1000,
		  user_addr(self->r.g.mem) + 0x1000 },
	};

	EXPECT_EQ(0, vh_mem(self->r.fd, v, 2));
	v[1] = v[0];
	EXPECT_EQ(0, vh_mem(self->r.fd, v, 2));
}

/* Addresses no user owns: taken while nothing runs, refused at the attach */
TEST_F(mem, kernel_addresses)
{
	struct rig *r = &self->r;
	struct vh_region bad = { r->g.base, r->g.size, 0xffff800000000000 };

	ASSERT_TRUE(rig_configure(r));
	EXPECT_EQ(0, vh_mem(r->fd, &bad, 1));
	EXPECT_EQ(EFAULT, vh_backend(r->fd, VQ_TX, r->be));
	EXPECT_EQ(0, vh_num(r->fd, VQ_TX, r->cfg.num));
	ASSERT_EQ(0, vh_mem_guest(r->fd, &r->g));
	ASSERT_TRUE(rig_attach(r));
	ASSERT_TRUE(rig_ping(r));
	EXPECT_EQ(EFAULT, vh_mem(r->fd, &bad, 1));
	EXPECT_TRUE(rig_ping(r));
}

/* Each table goes in live, under a card that worked with the one before */
TEST_F_TIMEOUT(mem, traffic_through_many_regions, 60)
{
	static const unsigned int n[] = { 1, 2, 7, 63, 64, 65, 1000, 4096 };
	struct vh_region *v = calloc(4096, sizeof(*v));
	struct rig *r = &self->r;
	unsigned int i, j;

	ASSERT_NE(NULL, v);
	ASSERT_TRUE(rig_start(r));
	for (i = 0; i < sizeof(n) / sizeof(n[0]) && n[i] <= LIMIT; i++) {
		split(&r->g, v, n[i]);
		ASSERT_EQ(0, vh_mem(r->fd, v, n[i])) TH_LOG("%u", n[i]);
		/*
		 * A buffer not given back makes the next ping take the one
		 * below it; they cross region borders at odd places.
		 */
		for (j = 0; j < 24; j++) {
			ASSERT_TRUE(rig_ping(r)) TH_LOG("%u regions", n[i]);
			rig_get(r, VQ_TX);
			rig_get(r, VQ_RX);
		}
	}
	free(v);
}

/* New addresses for the same memory take effect without a detach */
TEST_F(mem, live_change_moves_the_guest)
{
	struct rig *r = &self->r;
	struct vdrv_seg seg;
	struct vdrv_chain c = { .seg = &seg, .out = 1 };
	uint8_t *buf;

	ASSERT_TRUE(rig_start(r));
	ASSERT_TRUE(rig_ping(r));
	r->g.base += 0x100000000;
	ASSERT_EQ(0, vh_mem_guest(r->fd, &r->g));
	/* the RX ring may hold a chain with an old address: none does now */
	ASSERT_EQ(0, r->q[VQ_RX].drv.outstanding);
	EXPECT_TRUE(rig_ping(r));
	EXPECT_FALSE(efd_wait(r->q[VQ_TX].err, 0));

	/* the old addresses are gone */
	buf = rig_get(r, VQ_TX);
	memset(buf, 0, 200);
	seg = (struct vdrv_seg){ guest_addr(&r->g, buf) - 0x100000000, 100 };
	ASSERT_LE(0, vdrv_add(&r->q[VQ_TX].drv, &c));
	rig_notify(r, VQ_TX);
	EXPECT_TRUE(efd_wait(r->q[VQ_TX].err, 3000));
}

TEST_F(mem, parameter_tells_qemu_the_limit)
{
	unsigned int n = 0;
	FILE *f;

	if (!is_intree())
		SKIP(return, "the parameter belongs to the in-tree vhost.ko");
	f = fopen("/sys/module/vhost/parameters/max_mem_regions", "r");
	ASSERT_NE(NULL, f);
	EXPECT_EQ(1, fscanf(f, "%u", &n));
	fclose(f);
	EXPECT_EQ(LIMIT, n);
}

TEST_HARNESS_MAIN
