// SPDX-License-Identifier: GPL-2.0
/* Simulated user memory, see user.h */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "user.h"

#define AREAS	1024

static struct {
	uintptr_t base;
	size_t size;
} areas[AREAS];

static unsigned int nr_areas;
static int window;
static long fault_at = -1, accesses;
static void (*hook)(volatile void *addr, size_t size);

static struct user_event *trace;
static size_t trace_n, trace_room;
static bool tracing;

static void note(enum user_what what, const volatile void *addr, size_t size)
{
	if (!tracing)
		return;
	if (trace_n == trace_room) {
		trace_room = trace_room ? trace_room * 2 : 4096;
		trace = realloc(trace, trace_room * sizeof(*trace));
		if (!trace)
			abort();
	}
	trace[trace_n++] = (struct user_event){ what, (uintptr_t)addr, size };
}

void user_reset(void)
{
	if (window)
		t_fail("a user-access window is open at the end");
	nr_areas = 0;
	window = 0;
	fault_at = -1;
	hook = NULL;
	tracing = false;
}

void user_area(void *base, size_t size)
{
	if (nr_areas == AREAS)
		abort();
	areas[nr_areas].base = (uintptr_t)base;
	areas[nr_areas++].size = size;
}

void user_area_del(void *base)
{
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (areas[i].base == (uintptr_t)base) {
			areas[i] = areas[--nr_areas];
			return;
		}
	abort();
}

bool user_has(const void *ptr, size_t size)
{
	uintptr_t at = (uintptr_t)ptr;
	unsigned int i;

	for (i = 0; i < nr_areas; i++)
		if (at >= areas[i].base && size <= areas[i].size &&
		    at - areas[i].base <= areas[i].size - size)
			return true;
	return false;
}

bool user_inside(void)
{
	return window;
}

void user_fault_at(long k)
{
	fault_at = k;
	accesses = 0;
}

long user_accesses(void)
{
	return accesses;
}

void user_hook(void (*fn)(volatile void *addr, size_t size))
{
	hook = fn;
}

bool user_access_ok(const void *ptr, uint64_t size)
{
	if (window)
		t_fail("access_ok() or a translation inside a window");
	return size <= USER_END && (uintptr_t)ptr <= USER_END - size;
}

bool user_open(int which, const void *ptr, uint64_t size)
{
	if (window) {
		t_fail("nested user-access windows");
		return false;
	}
	if (!user_access_ok(ptr, size))
		return false;
	window = which;
	return true;
}

void user_close(int which)
{
	if (window != which)
		t_fail("window %d closed, %d is open", which, window);
	window = 0;
}

static bool may(const volatile void *ptr, size_t size, int need, bool unsafe)
{
	if (unsafe && !(window & need))
		t_fail("unsafe access outside its window");
	if (!unsafe && window)
		t_fail("get_user(), put_user() or a copy inside a window");
	if (accesses++ == fault_at)
		return false;
	if (!unsafe && !((uintptr_t)ptr <= USER_END - size))
		return false;
	return user_has((const void *)ptr, size);
}

/* One load instruction, as the kernel's would be, where size allows one. */
static void load(void *to, const volatile void *from, size_t size)
{
	switch (size) {
	case 2:
		*(uint16_t *)to = *(const volatile uint16_t *)from;
		break;
	case 4:
		*(uint32_t *)to = *(const volatile uint32_t *)from;
		break;
	case 8:
		memcpy(to, (const void *)from, 8);
		break;
	default:
		abort();
	}
}

int user_load(void *to, const volatile void *from, size_t size, bool unsafe)
{
	if (!may(from, size, USER_WINDOW_READ, unsafe))
		return -EFAULT;
	note(USER_READ, from, size);
	load(to, from, size);
	if (hook)
		hook((volatile void *)from, size);
	return 0;
}

int user_store(volatile void *to, const void *from, size_t size, bool unsafe)
{
	if (!may(to, size, USER_WINDOW_WRITE, unsafe))
		return -EFAULT;
	note(USER_WRITE, to, size);
	load((void *)to, from, size);
	return 0;
}

unsigned long user_copy(void *to, const void *from, size_t size)
{
	if (!may(from, size, USER_WINDOW_READ, false))
		return size;
	note(USER_READ, from, size);
	memcpy(to, from, size);
	if (hook)
		hook((volatile void *)from, size);
	return 0;
}

void user_barrier(enum user_what what)
{
	note(what, NULL, 0);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

void user_trace_start(void)
{
	trace_n = 0;
	tracing = true;
}

size_t user_trace_stop(const struct user_event **events)
{
	tracing = false;
	*events = trace;
	return trace_n;
}

static int by_addr(const void *a, const void *b)
{
	const struct user_event *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

size_t user_trace_twice(void)
{
	size_t i, n = 0, twice = 0;
	uintptr_t end = 0;

	tracing = false;
	for (i = 0; i < trace_n; i++)
		if (trace[i].what == USER_READ)
			trace[n++] = trace[i];
	qsort(trace, n, sizeof(*trace), by_addr);
	for (i = 0; i < n; i++) {
		uintptr_t last = trace[i].addr + trace[i].size;

		if (trace[i].addr < end)
			twice += (last < end ? last : end) - trace[i].addr;
		if (last > end)
			end = last;
	}
	return twice;
}
