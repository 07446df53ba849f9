/* SPDX-License-Identifier: Apache-2.0 */
/* Who a process is, and its capabilities. */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <dirent.h>
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

int cprivileges_thread_count(void)
{
	DIR *tasks = opendir("/proc/self/task");
	struct dirent *entry;
	int count = 0;

	if (!tasks)
		return -errno;
	while ((entry = readdir(tasks)))
		if (entry->d_name[0] != '.')
			count++;
	closedir(tasks);
	return count;
}

uint64_t cprivileges_raise_memlock(void)
{
	struct rlimit limit, most = { RLIM_INFINITY, RLIM_INFINITY };

	if (!setrlimit(RLIMIT_MEMLOCK, &most))
		return UINT64_MAX;
	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		return 0;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_MEMLOCK, &limit);
	getrlimit(RLIMIT_MEMLOCK, &limit);
	return limit.rlim_cur == RLIM_INFINITY ? UINT64_MAX : limit.rlim_cur;
}

static int get(struct __user_cap_data_struct data[2])
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };

	return syscall(SYS_capget, &header, data) ? -errno : 0;
}

int cprivileges_permitted(uint64_t *mask)
{
	struct __user_cap_data_struct data[2] = {};
	int result = get(data);

	*mask = data[0].permitted | (uint64_t)data[1].permitted << 32;
	return result;
}

int cprivileges_bound(void)
{
	/* user 0 is nobody special, and capabilities stay as they are when the user changes */
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
				   SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
				   SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	struct __user_cap_data_struct data[2] = {};
	int number, result = get(data);

	if (result)
		return result;
	/* without it the sets stay, and nobody can use them: PR_SET_NO_NEW_PRIVS sees to that */
	if (!(data[0].effective & 1u << CAP_SETPCAP))
		return 0;
	for (number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++)
		if (prctl(PR_CAPBSET_DROP, number))
			return -errno;
	return prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) ? -errno : 0;
}

int cprivileges_become(uid_t user, gid_t group, const gid_t *groups, size_t count)
{
	if (setgroups(count, groups))
		return -errno;
	/* refused where the securebits do the same */
	if (!(prctl(PR_GET_SECUREBITS) & SECBIT_NO_SETUID_FIXUP) && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0))
		return -errno;
	if (setresgid(group, group, group) || setresuid(user, user, user))
		return -errno;
	return 0;
}

int cprivileges_keep(uint64_t mask)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ .permitted = mask, .effective = mask },
		{ .permitted = mask >> 32, .effective = mask >> 32 },
	};

	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0))
		return -errno;
	return syscall(SYS_capset, &header, data) ? -errno : 0;
}

int cprivileges_seal(void)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -errno;
	/* a process reads its own /proc entries all the same; others of its user do not, and there is no core file */
	return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) ? -errno : 0;
}
