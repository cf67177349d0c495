// SPDX-License-Identifier: GPL-2.0
/*
 * Fails the 1st, 2nd, ... allocation of "make a tap device" in turn, until none is left to fail. Proves that the bed's
 * fault injection is on (faults were injected, the call failed with ENOMEM) and ends (a run without a fault succeeds).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int nth_fd;

/* Number 0 disarms; reading gives what is left: 0 when the fault was injected. */
static void arm(int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", nth);

	/* An armed fault may hit the copies of this very call. */
	if (pwrite(nth_fd, text, len, 0) != len &&
	    (errno != EFAULT || pwrite(nth_fd, text, len, 0) != len)) {
		perror("fail-nth");
		exit(1);
	}
}

static int left(void)
{
	char text[16] = "";

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0 &&
	    (errno != EFAULT || pread(nth_fd, text, sizeof(text) - 1, 0) < 0)) {
		perror("fail-nth");
		exit(1);
	}
	return atoi(text);
}

/* Return: 0 or the errno of the step that failed. */
static int make_tap(void)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);
	int err;

	if (fd < 0)
		return errno;
	err = ioctl(fd, TUNSETIFF, &ifr) ? errno : 0;
	close(fd);
	return err;
}

int main(void)
{
	int nth, err, faults = 0, nomem = 0;
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/task/%ld/fail-nth", (long)syscall(SYS_gettid));
	nth_fd = open(path, O_RDWR);
	if (nth_fd < 0) {
		perror(path);
		return 1;
	}
	for (nth = 1; nth < 1000; nth++) {
		arm(nth);
		err = make_tap();
		if (left())
			break;
		faults++;
		nomem += err == ENOMEM;
	}
	arm(0);
	printf("1..2\n");
	printf("%sok 1 - %d faults injected, %d gave ENOMEM\n", faults > 20 && nomem > 10 ? "" : "not ", faults, nomem);
	printf("%sok 2 - the run without a fault succeeds\n", nth < 1000 && !err ? "" : "not ");
	return 0;
}
