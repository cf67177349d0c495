// SPDX-License-Identifier: GPL-2.0
/* Which module and which kernel are under test */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

bool is_intree(void);
bool kernel_at_least(int major, int minor);
bool kernel_before_fix(int major, int minor, int fixed);
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

/* Debian puts the upstream release into `uname -r` (6.12) or -v (6.1) */
bool kernel_before_fix(int major, int minor, int fixed)
{
	char want[32];
	struct utsname u;
	const char *at;
	int patch = 0;

	if (uname(&u))
		return false;
	snprintf(want, sizeof(want), "%d.%d.", major, minor);
	at = strstr(u.version, want);
	if (!at && !strncmp(u.release, want, strlen(want)))
		at = u.release;
	if (!at)
		return false;
	patch = atoi(at + strlen(want));
	return patch > 0 && patch < fixed;
}

unsigned int test_scale(void)
{
	const char *s = getenv("VHOST_TEST_SCALE");
	unsigned long n = s ? strtoul(s, NULL, 0) : 1;

	return n < 1 ? 1 : n > 1000 ? 1000 : n;
}
