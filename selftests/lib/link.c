// SPDX-License-Identifier: GPL-2.0
/* Network devices for tests, without the ip command */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_link.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <linux/virtio_net.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "link.h"

void link_name(char name[IFNAMSIZ], const char *stem)
{
	static unsigned int serial;

	snprintf(name, IFNAMSIZ, "%s%x.%x", stem, (unsigned int)getpid(),
		 serial++ & 0xff);
}

static int set_hdr(int fd, unsigned int hdr)
{
	int sz = hdr;

	return hdr ? ioctl(fd, TUNSETVNETHDRSZ, &sz) : 0;
}

int tap_open(char name[IFNAMSIZ], unsigned int hdr, int extra_flags)
{
	struct ifreq r = { 0 };
	int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (!name[0])
		link_name(name, "vt");
	memcpy(r.ifr_name, name, IFNAMSIZ);
	r.ifr_flags = IFF_TAP | IFF_NO_PI | (hdr ? IFF_VNET_HDR : 0) |
		      extra_flags;
	if (ioctl(fd, TUNSETIFF, &r) || set_hdr(fd, hdr)) {
		close(fd);
		return -1;
	}
	return fd;
}

int tap_offload(int tap, unsigned int flags)
{
	return ioctl(tap, TUNSETOFFLOAD, (unsigned long)flags);
}

/* The host's own IPv6 chatter would arrive among a test's frames */
static void quiet(const char *name)
{
	char path[128];
	int fd;

	snprintf(path, sizeof(path),
		 "/proc/sys/net/ipv6/conf/%s/disable_ipv6", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return;		/* no IPv6, no chatter */
	if (write(fd, "1", 1) != 1)
		fprintf(stderr, "# %s: cannot be written\n", path);
	close(fd);
}

static int if_ioctl(unsigned long req, struct ifreq *r, const char *name)
{
	int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret, err;

	if (s < 0)
		return -1;
	snprintf(r->ifr_name, IFNAMSIZ, "%s", name);
	ret = ioctl(s, req, r);
	err = errno;
	close(s);
	errno = err;
	return ret;
}

int link_up(const char *name, unsigned int mtu)
{
	struct ifreq r = { 0 };

	quiet(name);
	if (mtu) {
		r.ifr_mtu = mtu;
		if (if_ioctl(SIOCSIFMTU, &r, name))
			return -1;
	}
	if (if_ioctl(SIOCGIFFLAGS, &r, name))
		return -1;
	r.ifr_flags |= IFF_UP | IFF_NOARP;
	return if_ioctl(SIOCSIFFLAGS, &r, name);
}

int link_down(const char *name)
{
	struct ifreq r = { 0 };

	if (if_ioctl(SIOCGIFFLAGS, &r, name))
		return -1;
	r.ifr_flags &= ~IFF_UP;
	return if_ioctl(SIOCSIFFLAGS, &r, name);
}

int link_mac(const char *name, uint8_t mac[6])
{
	struct ifreq r = { 0 };

	if (if_ioctl(SIOCGIFHWADDR, &r, name))
		return -1;
	memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	return 0;
}

/* A netlink request under construction */
struct nlreq {
	struct nlmsghdr h;
	struct ifinfomsg i;
	char attr[512];
};

static struct rtattr *nl_put(struct nlreq *q, int type, const void *data,
			     size_t len)
{
	struct rtattr *a = (void *)((char *)q + NLMSG_ALIGN(q->h.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	if (len)
		memcpy(RTA_DATA(a), data, len);
	q->h.nlmsg_len = NLMSG_ALIGN(q->h.nlmsg_len) + RTA_ALIGN(a->rta_len);
	return a;
}

static void nl_end(struct nlreq *q, struct rtattr *nest)
{
	nest->rta_len = (char *)q + q->h.nlmsg_len - (char *)nest;
}

static void nl_begin(struct nlreq *q, int type, int flags)
{
	memset(q, 0, sizeof(*q));
	q->h.nlmsg_len = NLMSG_LENGTH(sizeof(q->i));
	q->h.nlmsg_type = type;
	q->h.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
}

static int nl_send(struct nlreq *q)
{
	char ans[1024];
	struct nlmsghdr *h = (void *)ans;
	struct nlmsgerr *e = NLMSG_DATA(h);
	int s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	ssize_t n = -1;

	if (s < 0)
		return -1;
	if (send(s, q, q->h.nlmsg_len, 0) == (ssize_t)q->h.nlmsg_len)
		n = recv(s, ans, sizeof(ans), 0);
	close(s);
	if (n < (ssize_t)NLMSG_LENGTH(sizeof(*e)) ||
	    h->nlmsg_type != NLMSG_ERROR) {
		errno = EPROTO;
		return -1;
	}
	errno = -e->error;
	return e->error ? -1 : 0;
}

int link_add_veth(const char *a, const char *b)
{
	struct rtattr *info, *data, *peer;
	struct nlreq q;

	nl_begin(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	nl_put(&q, IFLA_IFNAME, a, strlen(a) + 1);
	info = nl_put(&q, IFLA_LINKINFO, NULL, 0);
	nl_put(&q, IFLA_INFO_KIND, "veth", 5);
	data = nl_put(&q, IFLA_INFO_DATA, NULL, 0);
	peer = nl_put(&q, VETH_INFO_PEER, &q.i, sizeof(q.i));
	nl_put(&q, IFLA_IFNAME, b, strlen(b) + 1);
	nl_end(&q, peer);
	nl_end(&q, data);
	nl_end(&q, info);
	return nl_send(&q);
}

static int link_add_macvtap(const char *name, const char *lower)
{
	unsigned int low = if_nametoindex(lower);
	unsigned int mode = MACVLAN_MODE_BRIDGE;
	struct rtattr *info, *data;
	struct nlreq q;

	nl_begin(&q, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	nl_put(&q, IFLA_IFNAME, name, strlen(name) + 1);
	nl_put(&q, IFLA_LINK, &low, sizeof(low));
	info = nl_put(&q, IFLA_LINKINFO, NULL, 0);
	nl_put(&q, IFLA_INFO_KIND, "macvtap", 8);
	data = nl_put(&q, IFLA_INFO_DATA, NULL, 0);
	nl_put(&q, IFLA_MACVLAN_MODE, &mode, sizeof(mode));
	nl_end(&q, data);
	nl_end(&q, info);
	return nl_send(&q);
}

int macvtap_open(const char *name, const char *lower, unsigned int hdr)
{
	struct ifreq r = { 0 };
	char path[64];
	int fd, i;

	if (link_add_macvtap(name, lower))
		return -1;
	snprintf(path, sizeof(path), "/dev/tap%u", if_nametoindex(name));
	/* devtmpfs makes the node a moment later */
	for (i = 0; i < 100; i++) {
		fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
		if (fd >= 0)
			break;
		usleep(10000);
	}
	if (fd < 0)
		return -1;
	snprintf(r.ifr_name, IFNAMSIZ, "%s", name);
	r.ifr_flags = IFF_TAP | IFF_NO_PI | (hdr ? IFF_VNET_HDR : 0);
	if (ioctl(fd, TUNSETIFF, &r) || set_hdr(fd, hdr)) {
		close(fd);
		return -1;
	}
	return fd;
}

int link_del(const char *name)
{
	struct nlreq q;

	nl_begin(&q, RTM_DELLINK, 0);
	q.i.ifi_index = if_nametoindex(name);
	if (!q.i.ifi_index)
		return -1;
	return nl_send(&q);
}

int packet_open(const char *name, uint16_t proto, bool vnet)
{
	struct sockaddr_ll at = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(proto),
		.sll_ifindex = if_nametoindex(name),
	};
	int s, one = 1, room = 64 << 20;

	/* protocol 0: nothing is queued before bind() */
	s = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s < 0)
		return -1;
	setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room));
	setsockopt(s, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
	if ((vnet && setsockopt(s, SOL_PACKET, PACKET_VNET_HDR, &one,
				sizeof(one))) ||
	    bind(s, (void *)&at, sizeof(at))) {
		close(s);
		return -1;
	}
	return s;
}
