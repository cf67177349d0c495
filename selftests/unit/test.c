// SPDX-License-Identifier: GPL-2.0
/* Runs the table of a test program, see test.h */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "test.h"

#define MESSAGES 10

static unsigned int failures;
static char context[160];
static uint64_t state, seed;
static unsigned long scale = 1;

bool t_failed(void)
{
	return failures;
}

void t_context(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(context, sizeof(context), fmt, ap);
	va_end(ap);
}

void t_fail(const char *fmt, ...)
{
	va_list ap;

	if (failures++ >= MESSAGES)
		return;
	printf("# %s%s", context, *context ? ": " : "");
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

static const char *base(const char *file)
{
	const char *slash = strrchr(file, '/');

	return slash ? slash + 1 : file;
}

void t_check(bool ok, const char *file, int line, const char *what)
{
	if (!ok)
		t_fail("%s:%d: not true: %s", base(file), line, what);
}

void t_check_eq(long long got, long long want, const char *file, int line,
		const char *what)
{
	if (got != want)
		t_fail("%s:%d: %s: got %lld (%#llx), want %lld (%#llx)",
		       base(file), line, what, got, got, want, want);
}

/* splitmix64 */
uint64_t t_rand(void)
{
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

uint64_t t_below(uint64_t n)
{
	return t_rand() % n;
}

bool t_once_in(unsigned int n)
{
	return !t_below(n);
}

unsigned long t_scaled(unsigned long n)
{
	return n * scale;
}

/* Each test starts from the seed and its own name: the same alone or not. */
static bool run(const struct t_case *c, unsigned int nr)
{
	const char *p;

	state = seed;
	for (p = c->name; *p; p++)
		state = state * 31 + *p;
	failures = 0;
	context[0] = 0;
	c->run();
	if (failures > MESSAGES)
		printf("# and %u more\n", failures - MESSAGES);
	if (failures)
		printf("# again: UNIT_SEED=%llu and the argument %s\n",
		       (unsigned long long)seed, c->name);
	printf("%sok %u - %s\n", failures ? "not " : "", nr, c->name);
	return !failures;
}

static bool wanted(const struct t_case *c, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strcmp(c->name, argv[i]))
			return true;
	return argc == 1;
}

int main(int argc, char **argv)
{
	const char *env = getenv("UNIT_SEED");
	unsigned int i, n = 0, bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	seed = env ? strtoull(env, NULL, 0) : time(NULL) * 1000003ull + getpid();
	env = getenv("UNIT_SCALE");
	if (env && strtoul(env, NULL, 0))
		scale = strtoul(env, NULL, 0);

	for (i = 0; i < t_nr_cases; i++)
		n += wanted(&t_cases[i], argc, argv);
	if (!n) {
		fprintf(stderr, "%s: no such test; known are:\n", argv[0]);
		for (i = 0; i < t_nr_cases; i++)
			fprintf(stderr, "  %s\n", t_cases[i].name);
		return 2;
	}
	printf("TAP version 13\n1..%u\n# seed %llu scale %lu\n", n,
	       (unsigned long long)seed, scale);
	for (i = 0, n = 0; i < t_nr_cases; i++)
		if (wanted(&t_cases[i], argc, argv))
			bad += !run(&t_cases[i], ++n);
	return bad ? 1 : 0;
}
