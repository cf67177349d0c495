// SPDX-License-Identifier: GPL-2.0
/* Which module and which kernel are under test */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

bool is_intree(void);
bool kernel_at_least(int major, int minor);
unsigned int test_scale(void);

bool is_intree(void)
{
	static int cached = -1;
	char line[512];
	FILE *f;

	if (cached >= 0)
		return cached;
	cached = 1;
	f = fopen("/proc/modules", "r");
	if (!f)
		return cached;
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, "vhost_core ", 11))
			cached = 0;
	fclose(f);
	return cached;
}

bool kernel_at_least(int major, int minor)
{
	struct utsname u;
	int a = 0, b = 0;

	if (uname(&u) || sscanf(u.release, "%d.%d", &a, &b) != 2)
		return false;
	return a > major || (a == major && b >= minor);
}

unsigned int test_scale(void)
{
	const char *s = getenv("VHOST_TEST_SCALE");
	unsigned long n = s ? strtoul(s, NULL, 0) : 1;

	return n < 1 ? 1 : n > 1000 ? 1000 : n;
}
