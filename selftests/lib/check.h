/* SPDX-License-Identifier: GPL-2.0 */
/* What every test of /dev/vhost-net includes: harness, differences, scale */
#ifndef VHOST_TEST_CHECK_H
#define VHOST_TEST_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"

/* Is the module under test the in-tree one? Ours needs vhost_core. */
bool is_intree(void);
/* Does the running kernel have at least this version? */
bool kernel_at_least(int major, int minor);
/* Is it a release of major.minor older than major.minor.fixed? */
bool kernel_before_fix(int major, int minor, int fixed);
/* VHOST_TEST_SCALE, 1 by default: loops grow with it */
unsigned int test_scale(void);

/*
 * The answer expected of the module under test, where the two differ on
 * purpose. `git grep EXPECT_DIFF` lists every such difference with its reason.
 */
#define EXPECT_DIFF(intree, ours, reason) (is_intree() ? (intree) : (ours))

/* 0, or the errno of a system call that failed */
#define ERR(call) ((call) < 0 ? errno : 0)

#endif
