/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A test program: a table of named functions, run all or by name, TAP on stdout.
 *
 *	UNIT_SEED	seed of every random choice; printed, random by default
 *	UNIT_SCALE	random loops grow with it, 1 by default
 */
#ifndef UNIT_TEST_H
#define UNIT_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct t_case {
	const char *name;
	void (*run)(void);
};

/* every test program defines these */
extern const struct t_case t_cases[];
extern const unsigned int t_nr_cases;

#define T_CASES(...)							\
	const struct t_case t_cases[] = { __VA_ARGS__ };		\
	const unsigned int t_nr_cases = sizeof(t_cases) / sizeof(t_cases[0])

/* the running test has failed; at most ten messages each are printed */
void t_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool t_failed(void);
/* prefixed to messages of T_* until changed: which of a test's many cases */
void t_context(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

uint64_t t_rand(void);
/* 0 .. @n - 1 */
uint64_t t_below(uint64_t n);
/* true once in @n */
bool t_once_in(unsigned int n);
/* @n times UNIT_SCALE */
unsigned long t_scaled(unsigned long n);

void t_check(bool ok, const char *file, int line, const char *what);
void t_check_eq(long long got, long long want, const char *file, int line,
		const char *what);

#define T_OK(cond)	t_check(cond, __FILE__, __LINE__, #cond)
#define T_EQ(got, want)							\
	t_check_eq((long long)(got), (long long)(want), __FILE__, __LINE__, \
		   #got " == " #want)

#endif
