// SPDX-License-Identifier: GPL-2.0
/* Who may use a vhost-net file: owner, nobody yet, another process, again */
#include "check.h"

#include <fcntl.h>
#include <linux/vhost.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "proc.h"
#include "rig.h"

/* An ioctl as a value, for tables and for children */
struct op {
	char name[24];
	unsigned long req;
	union {
		uint64_t word;
		uint8_t bytes[64];
		struct vhost_vring_state state;
		struct vhost_vring_file file;
		struct vhost_vring_addr addr;
	} arg;
};

/* Everything that only the owner may do; arguments are good ones */
static const struct op owner_ops[] = {
	{ "RESET_OWNER", VHOST_RESET_OWNER, { 0 } },
	{ "SET_MEM_TABLE", VHOST_SET_MEM_TABLE, { 0 } },
	{ "SET_VRING_NUM", VHOST_SET_VRING_NUM, { .state = { 0, 64 } } },
	{ "SET_VRING_BASE", VHOST_SET_VRING_BASE, { .state = { 0, 7 } } },
	{ "GET_VRING_BASE", VHOST_GET_VRING_BASE, { .state = { 0, 0 } } },
	{ "SET_VRING_ADDR", VHOST_SET_VRING_ADDR, { .addr = { .index = 0 } } },
	{ "SET_VRING_KICK", VHOST_SET_VRING_KICK, { .file = { 0, -1 } } },
	{ "SET_VRING_CALL", VHOST_SET_VRING_CALL, { .file = { 0, -1 } } },
	{ "SET_VRING_ERR", VHOST_SET_VRING_ERR, { .file = { 0, -1 } } },
	{ "SET_BUSYLOOP", VHOST_SET_VRING_BUSYLOOP_TIMEOUT,
	  { .state = { 0, 1 } } },
	{ "GET_BUSYLOOP", VHOST_GET_VRING_BUSYLOOP_TIMEOUT,
	  { .state = { 0, 0 } } },
	{ "NET_SET_BACKEND", VHOST_NET_SET_BACKEND, { .file = { 0, -1 } } },
	{ "SET_LOG_BASE", VHOST_SET_LOG_BASE, { 0 } },
	{ "SET_LOG_FD", VHOST_SET_LOG_FD, { .word = 0xffffffff } },
	{ "unknown", _IO(VHOST_VIRTIO, 0x6f), { 0 } },
	{ "unknown, no argument", _IO(0x99, 1), { 0 } },
};

#define OPS (sizeof(owner_ops) / sizeof(owner_ops[0]))

struct child {
	int fd;
	struct op op;
};

static int child_op(void *arg)
{
	struct child *c = arg;

	return vh_ioctl(c->fd, c->op.req, &c->op.arg);
}

static int as_other(int fd, const struct op *op)
{
	struct child c = { fd, *op };

	return proc_run(child_op, &c);
}

FIXTURE(owner) {
	int fd;
};

FIXTURE_SETUP(owner)
{
	self->fd = vh_open();
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(owner)
{
	close(self->fd);
}

TEST_F(owner, node_is_misc_238)
{
	struct stat st;

	ASSERT_EQ(0, fstat(self->fd, &st));
	EXPECT_TRUE(S_ISCHR(st.st_mode));
	EXPECT_EQ(10, major(st.st_rdev));
	EXPECT_EQ(238, minor(st.st_rdev));
}

TEST_F(owner, open_modes)
{
	int fd = open(VHOST_NET_NODE, O_WRONLY);
	uint64_t f;

	ASSERT_LE(0, fd);
	EXPECT_EQ(0, vh_owner(fd));
	EXPECT_EQ(0, vh_get_features(fd, &f));
	close(fd);
	fd = open(VHOST_NET_NODE, O_RDONLY | O_NONBLOCK);
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, vh_owner(fd));
	close(fd);
}

TEST_F(owner, seek_is_a_no_op)
{
	EXPECT_EQ(0, lseek(self->fd, 100, SEEK_SET));
	EXPECT_EQ(0, lseek(self->fd, 0, SEEK_CUR));
}

TEST_F(owner, everything_before_set_owner_is_eperm)
{
	unsigned int i;

	for (i = 0; i < OPS; i++) {
		struct op op = owner_ops[i];

		EXPECT_EQ(EPERM, vh_ioctl(self->fd, op.req, &op.arg))
			TH_LOG("%s", op.name);
	}
	/* and nothing of it stuck: a fresh queue starts at 0 */
	ASSERT_EQ(0, vh_owner(self->fd));
	{
		unsigned int base = 99;

		EXPECT_EQ(0, vh_get_base(self->fd, 0, &base));
		EXPECT_EQ(0, base);
	}
}

TEST_F(owner, set_owner_twice_is_ebusy)
{
	const struct op op = { "SET_OWNER", VHOST_SET_OWNER, { 0 } };

	ASSERT_EQ(0, vh_owner(self->fd));
	EXPECT_EQ(EBUSY, vh_owner(self->fd));
	EXPECT_EQ(EBUSY, as_other(self->fd, &op));
	EXPECT_EQ(0, vh_num(self->fd, 0, 64));
}

TEST_F(owner, another_process_is_eperm)
{
	unsigned int i, base = 99;

	ASSERT_EQ(0, vh_owner(self->fd));
	ASSERT_EQ(0, vh_base(self->fd, 0, 5));
	for (i = 0; i < OPS; i++)
		EXPECT_EQ(EPERM, as_other(self->fd, &owner_ops[i]))
			TH_LOG("%s", owner_ops[i].name);
	EXPECT_EQ(0, vh_get_base(self->fd, 0, &base));
	EXPECT_EQ(5, base);
}

TEST_F(owner, another_process_and_features)
{
	struct op set = { "SET_FEATURES", VHOST_SET_FEATURES,
			  { .word = F_VERSION_1 } };
	struct op get = { "GET_FEATURES", VHOST_GET_FEATURES, { 0 } };
	struct op bset = { "SET_BACKEND_FEATURES", VHOST_SET_BACKEND_FEATURES,
			   { .word = 0 } };
	struct op bget = { "GET_BACKEND_FEATURES", VHOST_GET_BACKEND_FEATURES,
			   { 0 } };

	/* nobody's yet: anybody may */
	EXPECT_EQ(0, as_other(self->fd, &get));
	EXPECT_EQ(0, as_other(self->fd, &set));
	EXPECT_EQ(0, as_other(self->fd, &bget));
	ASSERT_EQ(0, vh_owner(self->fd));
	EXPECT_EQ(0, as_other(self->fd, &get));
	EXPECT_EQ(0, as_other(self->fd, &bget));
	EXPECT_EQ(EXPECT_DIFF(0, EPERM,
			      "features of an owned device are the owner's"),
		  as_other(self->fd, &set));
	EXPECT_EQ(EXPECT_DIFF(0, EPERM,
			      "backend features of an owned device are the owner's"),
		  as_other(self->fd, &bset));
}

TEST_F(owner, owner_is_an_address_space)
{
	/* a thread-like child (vfork shares the mm) counts as the owner */
	pid_t pid;

	ASSERT_EQ(0, vh_owner(self->fd));
	pid = vfork();
	if (!pid)
		_exit(vh_ioctl(self->fd, VHOST_GET_FEATURES,
			       &(uint64_t){ 0 }) ? 1 :
		      vh_num(self->fd, 0, 64) ? 2 : 0);
	ASSERT_LT(0, pid);
	EXPECT_EQ(0, proc_wait(pid, 1000));
}

TEST_F(owner, child_may_own_what_parent_opened)
{
	const struct op op = { "SET_OWNER", VHOST_SET_OWNER, { 0 } };

	ASSERT_EQ(0, as_other(self->fd, &op));
	/* the child is gone, the ownership is not */
	EXPECT_EQ(EBUSY, vh_owner(self->fd));
	EXPECT_EQ(EPERM, vh_num(self->fd, 0, 64));
}

TEST_F(owner, reset_then_use_again)
{
	unsigned int base = 99, i;

	for (i = 0; i < 5; i++) {
		ASSERT_EQ(0, vh_owner(self->fd));
		EXPECT_EQ(0, vh_get_base(self->fd, 0, &base));
		EXPECT_EQ(0, base);
		EXPECT_EQ(0, vh_features(self->fd, F_VERSION_1));
		EXPECT_EQ(0, vh_num(self->fd, 0, 128));
		EXPECT_EQ(0, vh_base(self->fd, 0, 77));
		EXPECT_EQ(0, vh_reset(self->fd));
		EXPECT_EQ(EPERM, vh_reset(self->fd));
		EXPECT_EQ(EPERM, vh_num(self->fd, 0, 128));
	}
}

TEST_F(owner, reset_with_live_backends)
{
	struct rig_cfg cfg = { .features = F_VERSION_1 | F_MRG_RXBUF };
	struct rig r;
	unsigned int q;
	int i;

	ASSERT_EQ(0, rig_up(&r, &cfg));
	for (i = 0; i < 3; i++) {
		ASSERT_TRUE(rig_ping(&r));
		ASSERT_EQ(0, vh_reset(r.fd));
		rig_renew(&r, 0);
		ASSERT_EQ(0, vh_owner(r.fd));
		/* reset dropped the backend, else this were EBUSY */
		for (q = 0; q < VQ_COUNT; q++)
			ASSERT_EQ(0, vh_num(r.fd, q, 64));
		/* and the memory table */
		EXPECT_EQ(EFAULT, vh_backend(r.fd, VQ_TX, r.be));
		ASSERT_TRUE(rig_start(&r));
	}
	EXPECT_TRUE(rig_ping(&r));
	rig_close(&r);
}

TEST_F(owner, unknown_numbers)
{
	static const unsigned long req[] = {
		_IO(VHOST_VIRTIO, 0x6f), _IOW(VHOST_VIRTIO, 0x7f, uint64_t),
		VHOST_VDPA_GET_STATUS, VHOST_VDPA_GET_CONFIG,
	};
	uint32_t word[16] = { 0 };
	unsigned int i;

	ASSERT_EQ(0, vh_owner(self->fd));
	for (i = 0; i < sizeof(req) / sizeof(req[0]); i++) {
		word[0] = 0;
		EXPECT_EQ(ENOTTY, vh_ioctl(self->fd, req[i], word));
		word[0] = 7;
		EXPECT_EQ(EXPECT_DIFF(ENOBUFS, ENOTTY,
				      "an unknown ioctl is ENOTTY whatever it points to"),
			  vh_ioctl(self->fd, req[i], word));
		EXPECT_EQ(EXPECT_DIFF(EFAULT, ENOTTY,
				      "an unknown ioctl does not look at its argument"),
			  vh_ioctl(self->fd, req[i], NULL));
	}
}

/* The choice between worker kinds; in 6.12 and later */
TEST_F(owner, fork_from_owner)
{
	uint8_t v = 9;

	if (!kernel_at_least(6, 12))
		SKIP(return, "this kernel has no vhost tasks");
	ASSERT_EQ(0, vh_ioctl(self->fd, VH_GET_FORK, &v));
	EXPECT_EQ(1, v);
	v = 2;
	EXPECT_EQ(EINVAL, vh_ioctl(self->fd, VH_SET_FORK, &v));
	EXPECT_EQ(EFAULT, vh_ioctl(self->fd, VH_SET_FORK, NULL));
	EXPECT_EQ(EFAULT, vh_ioctl(self->fd, VH_GET_FORK, NULL));
	ASSERT_EQ(0, vh_ioctl(self->fd, VH_GET_FORK, &v));
	EXPECT_EQ(1, v);
	v = 0;
	EXPECT_EQ(0, vh_ioctl(self->fd, VH_SET_FORK, &v));
	v = 9;
	EXPECT_EQ(0, vh_ioctl(self->fd, VH_GET_FORK, &v));
	EXPECT_EQ(0, v);
	ASSERT_EQ(0, vh_owner(self->fd));
	v = 1;
	EXPECT_EQ(EBUSY, vh_ioctl(self->fd, VH_SET_FORK, &v));
	v = 9;
	EXPECT_EQ(0, vh_ioctl(self->fd, VH_GET_FORK, &v));
	EXPECT_EQ(0, v);
}

TEST_HARNESS_MAIN
