/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/vfs.h>
#include <unistd.h>

long clinux_openat_nothing(int directory, int flags, int mode)
{
	long result = syscall(SYS_openat, directory, "", flags, mode);

	return result < 0 ? -errno : result;
}

int clinux_is_on_overlay(int descriptor)
{
	struct statfs system;

	return !fstatfs(descriptor, &system) && system.f_type == OVERLAYFS_SUPER_MAGIC;
}

int clinux_open_in_root(int directory, const char *path, int flags)
{
	struct open_how how = { .flags = (unsigned int)flags, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	int descriptor = syscall(SYS_openat2, directory, path, &how, sizeof(how));

	return descriptor < 0 ? -errno : descriptor;
}

int clinux_signalfd(const int *signals, int count)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < count; i++)
		sigaddset(&set, signals[i]);
	if (pthread_sigmask(SIG_BLOCK, &set, NULL))
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_next_signal(int descriptor)
{
	struct signalfd_siginfo info;

	return read(descriptor, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* Not the C library's fork: it runs handlers, which in a child of many threads may wait for one that is not there. */
static void in_child(void (*body)(void))
{
	long child = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (child < 0)
		return;
	if (!child) {
		body();
		syscall(SYS_exit_group, 0);
	}
	while (syscall(SYS_wait4, child, NULL, 0, NULL) < 0 && errno == EINTR)
		;
}

static void nothing(void)
{
}

static void fork_once(void)
{
	in_child(nothing);
}

void clinux_fork_twice(void)
{
	in_child(fork_once);
}

/* Waits for nothing that a firewall may keep back; the listening socket alone changes its state already. */
static void connect_to_itself(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd pending = { .fd = listener, .events = POLLIN };

	if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, 1))
		return;
	if (getsockname(listener, (struct sockaddr *)&address, &length))
		return;
	connect(client, (struct sockaddr *)&address, length);
	if (poll(&pending, 1, 200) == 1)
		close(accept(listener, NULL, NULL));
	close(client);
	close(listener);
}

void clinux_connect_to_itself(void)
{
	in_child(connect_to_itself);
}

/* A port that was bound and never listened at: what comes to it is dropped. */
static void connect_to_nobody(void)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t length = sizeof(address);
	int closed = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (bind(closed, (struct sockaddr *)&address, length) || getsockname(closed, (struct sockaddr *)&address, &length))
		return;
	connect(client, (struct sockaddr *)&address, length);
	close(client);
	close(closed);
}

void clinux_connect_to_nobody(void)
{
	in_child(connect_to_nobody);
}

static void open_root(void)
{
	close(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
}

/* The first process of a pid namespace is whoever made it; its child is the container's. */
static void open_root_below(void)
{
	in_child(open_root);
}

static void enter_container(void)
{
	if (!unshare(CLONE_NEWPID | CLONE_NEWNS))
		in_child(open_root_below);
}

void clinux_break_out(void)
{
	in_child(enter_container);
}

__attribute__((noinline)) void clinux_probe_target(void)
{
	/* neither inlined nor left out */
	__asm__ volatile("" ::: "memory");
}

long clinux_probe_target_offset(void)
{
	const uintptr_t target = (uintptr_t)clinux_probe_target;
	unsigned long begin, end, offset, found = -1;
	FILE *maps = fopen("/proc/self/maps", "re");

	if (!maps)
		return -1;
	while (fscanf(maps, "%lx-%lx %*s %lx %*[^\n]", &begin, &end, &offset) == 3) {
		if (begin <= target && target < end)
			found = target - begin + offset;
	}
	fclose(maps);
	return found;
}

int clinux_lsm_list(unsigned long long *ids, unsigned int count)
{
	/* lsm_list_modules, the same number everywhere; the C library does not know it yet */
	uint32_t size = count * sizeof(*ids);
	long result = syscall(461, ids, &size, 0);

	return result < 0 ? -errno : (int)result;
}
