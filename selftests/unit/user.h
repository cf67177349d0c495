/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Simulated user memory: what the code under test may touch, when it may, and
 * what it touched.
 */
#ifndef UNIT_USER_H
#define UNIT_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* First address that is not in the user half: TASK_SIZE_MAX of x86-64. */
#define USER_END	0x7ffffffff000ull

#define USER_WINDOW_READ	1
#define USER_WINDOW_WRITE	2

enum user_what { USER_READ, USER_WRITE, USER_RMB, USER_WMB, USER_MB };

struct user_event {
	enum user_what what;
	uintptr_t addr;
	size_t size;
};

/* Called by the code under test, through the shims */
bool user_access_ok(const void *ptr, uint64_t size);
bool user_open(int window, const void *ptr, uint64_t size);
void user_close(int window);
int user_load(void *to, const volatile void *from, size_t size, bool unsafe);
int user_store(volatile void *to, const void *from, size_t size, bool unsafe);
unsigned long user_copy(void *to, const void *from, size_t size);
void user_barrier(enum user_what what);

/* Called by tests */

/* forget areas, trace, hook and fault; no window may be open */
void user_reset(void);
/* [@base, @base + @size) can be read and written from now on */
void user_area(void *base, size_t size);
void user_area_del(void *base);
/* is all of it in one area? */
bool user_has(const void *ptr, size_t size);
/* is a window open? */
bool user_inside(void);

/* Let access number @k from now on (0 is the next one) fail; -1: none */
void user_fault_at(long k);
/* accesses since user_fault_at() */
long user_accesses(void);
/* called after each successful read: change what was read */
void user_hook(void (*hook)(volatile void *addr, size_t size));

/* The trace since user_trace_start(), in order */
void user_trace_start(void);
size_t user_trace_stop(const struct user_event **events);
/* stop; bytes read more than once, 0 is what single fetch demands */
size_t user_trace_twice(void);

#endif
