// SPDX-License-Identifier: GPL-2.0
/* Test frames */
#include <stdio.h>
#include <string.h>

#include "frame.h"

uint32_t frame_rand(uint32_t *state)
{
	uint32_t x = *state ? *state : 0x9e3779b9;

	x ^= x << 13;
	x ^= x >> 17;
	x ^= x << 5;
	return *state = x;
}

void frame_make(uint8_t *buf, size_t len, uint32_t seed, const uint8_t *mac)
{
	uint8_t head[14] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2,
			     FRAME_PROTO >> 8, FRAME_PROTO & 0xff };
	uint32_t s = seed * 2654435761u + len + 1;
	size_t i = len < sizeof(head) ? len : sizeof(head);

	if (mac)
		memcpy(head, mac, 6);
	memcpy(buf, head, i);
	for (; i + 4 <= len; i += 4) {
		uint32_t v = frame_rand(&s);

		memcpy(buf + i, &v, 4);
	}
	for (; i < len; i++)
		buf[i] = frame_rand(&s);
}

bool frame_same(const uint8_t *got, size_t got_len, const uint8_t *want,
		size_t want_len, const char *what)
{
	size_t i, n = got_len < want_len ? got_len : want_len;

	if (got_len == want_len && !memcmp(got, want, n))
		return true;
	for (i = 0; i < n && got[i] == want[i]; i++)
		;
	if (i < n)
		fprintf(stderr,
			"# %s: byte %zu is %02x, want %02x (length %zu, want %zu)\n",
			what, i, got[i], want[i], got_len, want_len);
	else
		fprintf(stderr, "# %s: length %zu, want %zu\n", what, got_len,
			want_len);
	return false;
}
