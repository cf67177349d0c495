/* SPDX-License-Identifier: GPL-2.0 */
/* Allocation lives in shim/linux/slab.h */
