/* SPDX-License-Identifier: GPL-2.0 */
/* ring.h names this header but uses nothing of it in user space */
