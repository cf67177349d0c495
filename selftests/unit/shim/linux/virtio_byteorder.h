/* SPDX-License-Identifier: GPL-2.0 */
/* Virtio's byte order on a little-endian host: never a swap */
#ifndef UNIT_VIRTIO_BYTEORDER_H
#define UNIT_VIRTIO_BYTEORDER_H

#include <linux/types.h>
#include <linux/virtio_types.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
	       "the unit tests have no byte swapping");

static inline bool virtio_legacy_is_little_endian(void)
{
	return true;
}

#define __virtio16_to_cpu(le, v)	((u16)(v))
#define __virtio32_to_cpu(le, v)	((u32)(v))
#define __virtio64_to_cpu(le, v)	((u64)(v))
#define __cpu_to_virtio16(le, v)	((__virtio16)(v))
#define __cpu_to_virtio32(le, v)	((__virtio32)(v))

#endif
