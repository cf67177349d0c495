/* SPDX-License-Identifier: GPL-2.0 */
/* Test frames whose every byte follows from (length, seed) */
#ifndef VHOST_TEST_FRAME_H
#define VHOST_TEST_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_PROTO	0x88b5	/* IEEE local experimental */
#define FRAME_MAX	65535

uint32_t frame_rand(uint32_t *state);
/* @mac: destination, may be NULL; frames below 14 bytes are cut headers */
void frame_make(uint8_t *buf, size_t len, uint32_t seed, const uint8_t *mac);
/* equal byte for byte? Says where not, on stderr. */
bool frame_same(const uint8_t *got, size_t got_len, const uint8_t *want,
		size_t want_len, const char *what);

#endif
