/* SPDX-License-Identifier: GPL-2.0 */
/*
 * User accesses of the code under test, each checked and traced by user.c.
 *
 * The unsafe_*() macros jump as the kernel's do. An access outside the areas
 * registered with user_area() faults; one at the wrong time fails the test.
 */
#ifndef UNIT_UACCESS_H
#define UNIT_UACCESS_H

#include <limits.h>
#include <string.h>
#include <linux/compiler.h>
#include <linux/overflow.h>
#include <linux/types.h>
#include "user.h"

#ifndef U16_MAX
#define U16_MAX		((u16)~0U)
#define U32_MAX		((u32)~0U)
#define U64_MAX		((u64)~0ULL)
#endif

#define access_ok(ptr, size)						\
	user_access_ok((const void *)(ptr), size)

#define user_read_access_begin(ptr, size)				\
	user_open(USER_WINDOW_READ, ptr, size)
#define user_write_access_begin(ptr, size)				\
	user_open(USER_WINDOW_WRITE, ptr, size)
#define user_access_begin(ptr, size)					\
	user_open(USER_WINDOW_READ | USER_WINDOW_WRITE, ptr, size)
#define user_read_access_end()	user_close(USER_WINDOW_READ)
#define user_write_access_end()	user_close(USER_WINDOW_WRITE)
#define user_access_end()						\
	user_close(USER_WINDOW_READ | USER_WINDOW_WRITE)

#define unsafe_get_user(x, ptr, label) do {				\
	__typeof__(*(ptr)) __got = 0;					\
									\
	if (user_load(&__got, ptr, sizeof(__got), true))		\
		goto label;						\
	(x) = __got;							\
} while (0)

#define unsafe_put_user(x, ptr, label) do {				\
	__typeof__(*(ptr)) __put = (x);					\
									\
	if (user_store(ptr, &__put, sizeof(__put), true))		\
		goto label;						\
} while (0)

/* As in the kernel, the variable is 0 after a fault. */
#define get_user(x, ptr) ({						\
	__typeof__(*(ptr)) __got = 0;					\
	int __ret = user_load(&__got, ptr, sizeof(__got), false);	\
									\
	(x) = __got;							\
	__ret;								\
})

#define put_user(x, ptr) ({						\
	__typeof__(*(ptr)) __put = (x);					\
									\
	user_store(ptr, &__put, sizeof(__put), false);			\
})

#define copy_from_user(to, from, n)	user_copy(to, from, n)

#endif
