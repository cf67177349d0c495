/* SPDX-License-Identifier: GPL-2.0 */
/* Barriers leave a mark in the trace of user accesses (user.h) */
#ifndef UNIT_BARRIER_H
#define UNIT_BARRIER_H

#include "user.h"

#define smp_rmb()	user_barrier(USER_RMB)
#define smp_wmb()	user_barrier(USER_WMB)
#define smp_mb()	user_barrier(USER_MB)

#endif
