/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "clinux.h"

#include <errno.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <signal.h>
#include <sys/syscall.h>
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
