// SPDX-License-Identifier: GPL-2.0
/* Guest memory for tests */
#include <string.h>
#include <sys/mman.h>

#include "guest.h"

/* Shared, so that a parent sees what a forked driver's device writes */
int guest_init(struct guest *g, size_t size, uint64_t base)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE,
		       MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		return -1;
	*g = (struct guest){ .mem = p, .base = base, .size = size };
	return 0;
}

void guest_free(struct guest *g)
{
	if (g->mem)
		munmap(g->mem, g->size);
	g->mem = NULL;
}

void *guest_alloc(struct guest *g, size_t size, size_t align)
{
	size_t at = (g->used + align - 1) & ~(align - 1);

	if (at + size > g->size)
		return NULL;
	g->used = at + size;
	memset(g->mem + at, 0, size);
	return g->mem + at;
}
