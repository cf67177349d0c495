/* SPDX-License-Identifier: GPL-2.0 */
/* Network devices for tests: tap, veth, macvtap, packet sockets */
#ifndef VHOST_TEST_LINK_H
#define VHOST_TEST_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <net/if.h>

/* All functions return -1 with errno set on failure */

/* a name no other test uses at this time */
void link_name(char name[IFNAMSIZ], const char *stem);
/* fd of a new tap; @hdr is the vnet header's size, 0 for none */
int tap_open(char name[IFNAMSIZ], unsigned int hdr, int extra_flags);
int tap_offload(int tap, unsigned int flags);
int link_up(const char *name, unsigned int mtu);	/* mtu 0: as it is */
int link_down(const char *name);
int link_mac(const char *name, uint8_t mac[6]);
int link_add_veth(const char *a, const char *b);
/* fd of a new macvtap on top of @lower */
int macvtap_open(const char *name, const char *lower, unsigned int hdr);
int link_del(const char *name);
/* packet socket on @name; @vnet: each frame carries a 10-byte header */
int packet_open(const char *name, uint16_t proto, bool vnet);

#endif
