// SPDX-License-Identifier: GPL-2.0
/* Feature words, backend features, and what the first version leaves out */
#include "check.h"

#include <fcntl.h>
#include <linux/if_tun.h>
#include <sys/ioctl.h>

#include "rig.h"

#define MODERN	(F_VERSION_1 | F_MRG_RXBUF)
#define BASIC	(F_MRG_RXBUF | F_ON_EMPTY | F_HOST_HDR | F_INDIRECT | \
		 F_EVENT_IDX | F_VERSION_1)

static uint64_t offered(void)
{
	uint64_t intree = BASIC | F_LOG_ALL | F_PLATFORM;

	if (kernel_at_least(6, 12))
		intree |= F_RING_RESET;
	return EXPECT_DIFF(intree, BASIC | F_RING_RESET,
			   "no LOG_ALL and ACCESS_PLATFORM yet; RING_RESET on every kernel");
}

FIXTURE(features) {
	int fd;
};

FIXTURE_SETUP(features)
{
	self->fd = vh_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(features)
{
	close(self->fd);
}

TEST_F(features, offered)
{
	uint64_t f = 0;

	ASSERT_EQ(0, vh_get_features(self->fd, &f));
	EXPECT_EQ(offered(), f);
	ASSERT_EQ(0, vh_owner(self->fd));
	ASSERT_EQ(0, vh_features(self->fd, F_VERSION_1));
	ASSERT_EQ(0, vh_get_features(self->fd, &f));
	EXPECT_EQ(offered(), f);
}

TEST_F(features, each_bit)
{
	unsigned int bit;

	ASSERT_EQ(0, vh_owner(self->fd));
	for (bit = 0; bit < 64; bit++)
		EXPECT_EQ(offered() & F(bit) ? 0 : EOPNOTSUPP,
			  vh_features(self->fd, F(bit)))
			TH_LOG("bit %u", bit);
	EXPECT_EQ(EOPNOTSUPP, vh_features(self->fd, ~0ull));
	EXPECT_EQ(0, vh_features(self->fd, BASIC));
	EXPECT_EQ(0, vh_features(self->fd, 0));
}

TEST_F(features, before_owner)
{
	EXPECT_EQ(0, vh_features(self->fd, MODERN));
	EXPECT_EQ(EOPNOTSUPP, vh_features(self->fd, F(34)));
	EXPECT_EQ(0, vh_owner(self->fd));
}

TEST_F(features, bad_pointers)
{
	static const unsigned long req[] = {
		VHOST_GET_FEATURES, VHOST_SET_FEATURES,
		VHOST_GET_BACKEND_FEATURES, VHOST_SET_BACKEND_FEATURES,
	};
	unsigned int i, owned;

	for (owned = 0; owned < 2; owned++) {
		for (i = 0; i < sizeof(req) / sizeof(req[0]); i++) {
			EXPECT_EQ(EFAULT, vh_ioctl(self->fd, req[i], NULL));
			EXPECT_EQ(EFAULT, vh_ioctl(self->fd, req[i],
						   (void *)-4096L));
		}
		if (!owned)
			ASSERT_EQ(0, vh_owner(self->fd));
	}
}

TEST_F(features, backend_features)
{
	uint64_t f = 99;
	unsigned int bit;

	ASSERT_EQ(0, vh_owner(self->fd));
	ASSERT_EQ(0, vh_ioctl(self->fd, VHOST_GET_BACKEND_FEATURES, &f));
	EXPECT_EQ(EXPECT_DIFF(2, 0, "no IOTLB messages yet"), f);
	for (bit = 0; bit < 64; bit++) {
		int want = EOPNOTSUPP;
		uint64_t word = F(bit);

		if (bit == 1)
			want = EXPECT_DIFF(0, EOPNOTSUPP,
					   "no IOTLB messages yet");
		EXPECT_EQ(want, vh_ioctl(self->fd, VHOST_SET_BACKEND_FEATURES,
					 &word))
			TH_LOG("bit %u", bit);
	}
	f = 0;
	EXPECT_EQ(0, vh_ioctl(self->fd, VHOST_SET_BACKEND_FEATURES, &f));
}

TEST_F(features, log_ioctls)
{
	uint64_t base = 0x1000;
	int efd = efd_new(0), bad = 9999, none = -1;
	int file = open("/dev/null", O_RDWR);

	ASSERT_EQ(0, vh_owner(self->fd));
	EXPECT_EQ(EXPECT_DIFF(0, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_BASE, &base));
	EXPECT_EQ(EXPECT_DIFF(EFAULT, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_BASE, NULL));
	EXPECT_EQ(EXPECT_DIFF(0, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_FD, &efd));
	EXPECT_EQ(EXPECT_DIFF(EBADF, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_FD, &bad));
	EXPECT_EQ(EXPECT_DIFF(EINVAL, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_FD, &file));
	EXPECT_EQ(EXPECT_DIFF(0, ENOTTY, "no dirty log yet"),
		  vh_ioctl(self->fd, VHOST_SET_LOG_FD, &none));
	close(efd);
	close(file);
}

TEST_F(features, iotlb_messages)
{
	char msg[72] = { 0 };
	int fd = open(VHOST_NET_NODE, O_RDWR | O_NONBLOCK);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, vh_owner(fd));
	EXPECT_EQ(EXPECT_DIFF(EAGAIN, EINVAL, "no IOTLB messages yet"),
		  ERR(read(fd, msg, sizeof(msg))));
	EXPECT_EQ(EINVAL, ERR(write(fd, msg, sizeof(msg))));
	close(fd);
}

FIXTURE(card) {
	struct rig r;
};

FIXTURE_SETUP(card)
{
	struct rig_cfg cfg = { .features = MODERN };

	ASSERT_EQ(0, rig_up(&self->r, &cfg));
}

FIXTURE_TEARDOWN(card)
{
	rig_close(&self->r);
}

TEST_F(card, change_while_attached_and_unused)
{
	EXPECT_EQ(0, vh_features(self->r.fd, MODERN));
	EXPECT_EQ(0, vh_features(self->r.fd, MODERN | F_INDIRECT));
	EXPECT_EQ(0, vh_features(self->r.fd, 0));
	EXPECT_EQ(EOPNOTSUPP, vh_features(self->r.fd, F(0)));
	EXPECT_EQ(0, vh_features(self->r.fd, MODERN));
	EXPECT_TRUE(rig_ping(&self->r));
}

TEST_F(card, change_while_attached_and_used)
{
	static const uint64_t other[] = {
		MODERN | F_EVENT_IDX, MODERN | F_INDIRECT, F_VERSION_1,
		F_MRG_RXBUF, MODERN | F_ON_EMPTY, MODERN | F_HOST_HDR, 0,
	};
	unsigned int i;

	ASSERT_TRUE(rig_ping(&self->r));
	for (i = 0; i < sizeof(other) / sizeof(other[0]); i++)
		EXPECT_EQ(EXPECT_DIFF(0, EBUSY,
				      "features of a queue in use do not change under it"),
			  vh_features(self->r.fd, other[i]))
			TH_LOG("features %llx", (unsigned long long)other[i]);
	/* what is in force already is no change */
	EXPECT_EQ(0, vh_features(self->r.fd, MODERN));
	EXPECT_EQ(EOPNOTSUPP, vh_features(self->r.fd, MODERN | F(34)));
	EXPECT_TRUE(rig_ping(&self->r));
}

/* Firmware, then an old driver, then a new one, on one file (QEMU reboot) */
TEST_F(card, change_between_stop_and_start)
{
	static const uint64_t stage[] = {
		0, MODERN | F_INDIRECT | F_EVENT_IDX, F_VERSION_1,
		F_MRG_RXBUF, F_ON_EMPTY, MODERN,
	};
	struct rig *r = &self->r;
	unsigned int i;

	for (i = 0; i < sizeof(stage) / sizeof(stage[0]); i++) {
		int hdr = stage[i] & MODERN ? 12 : 10, q;

		ASSERT_TRUE(rig_stop(r));
		rig_renew(r, 0);
		r->hdr = hdr;
		r->cfg.features = stage[i];
		for (q = 0; q < VQ_COUNT; q++)
			r->q[q].drv.flags = stage[i] & F_EVENT_IDX ?
					    VDRV_EVENT_IDX : 0;
		ASSERT_EQ(0, ioctl(r->be, TUNSETVNETHDRSZ, &hdr));
		ASSERT_TRUE(rig_start(r));
		EXPECT_TRUE(rig_ping(r)) TH_LOG("stage %u", i);
	}
}

TEST_HARNESS_MAIN
