/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Guest memory for tests: one shared anonymous mapping and a bump allocator.
 * Guest addresses differ from ours so that a missing translation shows.
 */
#ifndef VHOST_TEST_GUEST_H
#define VHOST_TEST_GUEST_H

#include <stddef.h>
#include <stdint.h>

#define GUEST_BASE	0x40000000ull

struct guest {
	uint8_t *mem;
	uint64_t base;
	size_t size;
	size_t used;
};

int guest_init(struct guest *g, size_t size, uint64_t base);
void guest_free(struct guest *g);
/* zeroed memory, or NULL */
void *guest_alloc(struct guest *g, size_t size, size_t align);

static inline uint64_t guest_addr(const struct guest *g, const void *p)
{
	return (const uint8_t *)p - g->mem + g->base;
}

static inline uint64_t user_addr(const void *p)
{
	return (uintptr_t)p;
}

#endif
