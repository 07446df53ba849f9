/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The system calls of an agent. What is not named here is refused with EPERM, and not told to the audit system, since
 * clone3 is refused for each new thread: no program is executed, no process made, nothing mounted, traced, loaded or mapped to be executed.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <asm/termbits.h>
#include <errno.h>
#include <linux/bpf.h>
#include <linux/perf_event.h>
#include <linux/prctl.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* libseccomp names calls of other machines and of later kernels by negative numbers, which are passed over. */
static const int plain[] = {
	/* files: what may be written is a matter of permissions, and of Landlock */
	SCMP_SYS(read), SCMP_SYS(readv), SCMP_SYS(pread64), SCMP_SYS(preadv), SCMP_SYS(write), SCMP_SYS(writev),
	SCMP_SYS(pwrite64), SCMP_SYS(pwritev), SCMP_SYS(close), SCMP_SYS(close_range), SCMP_SYS(lseek), SCMP_SYS(open),
	SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(fstat), SCMP_SYS(newfstatat),
	SCMP_SYS(statx), SCMP_SYS(statfs), SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat),
	SCMP_SYS(faccessat2), SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(getdents64), SCMP_SYS(getcwd),
	SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2),
	SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rmdir), SCMP_SYS(ftruncate), SCMP_SYS(fallocate),
	SCMP_SYS(fsync), SCMP_SYS(fdatasync), SCMP_SYS(sync_file_range), SCMP_SYS(fadvise64), SCMP_SYS(flock),
	SCMP_SYS(fcntl), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3), SCMP_SYS(pipe), SCMP_SYS(pipe2),
	SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(umask), SCMP_SYS(utimensat),
	/* memory; mmap and mprotect are below */
	SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(madvise), SCMP_SYS(brk), SCMP_SYS(membarrier),
	/* threads; clone is below */
	SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(rseq), SCMP_SYS(set_tid_address), SCMP_SYS(sched_yield),
	SCMP_SYS(sched_getaffinity), SCMP_SYS(sched_getparam), SCMP_SYS(sched_getscheduler),
	SCMP_SYS(sched_get_priority_max), SCMP_SYS(sched_get_priority_min), SCMP_SYS(gettid), SCMP_SYS(exit),
	SCMP_SYS(exit_group), SCMP_SYS(restart_syscall),
	/* itself and the machine */
	SCMP_SYS(getpid), SCMP_SYS(getppid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid), SCMP_SYS(getegid),
	SCMP_SYS(getresuid), SCMP_SYS(getresgid), SCMP_SYS(getgroups), SCMP_SYS(capget), SCMP_SYS(getrandom),
	SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(getcpu),
	SCMP_SYS(wait4), SCMP_SYS(waitid),
	/* time */
	SCMP_SYS(clock_gettime), SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep),
	SCMP_SYS(gettimeofday), SCMP_SYS(time), SCMP_SYS(times), SCMP_SYS(timerfd_create), SCMP_SYS(timerfd_settime),
	SCMP_SYS(timerfd_gettime),
	/* signals to itself; tgkill is below */
	SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigpending),
	SCMP_SYS(rt_sigtimedwait), SCMP_SYS(rt_sigsuspend), SCMP_SYS(sigaltstack), SCMP_SYS(signalfd4),
	/* waiting */
	SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select), SCMP_SYS(pselect6), SCMP_SYS(epoll_create),
	SCMP_SYS(epoll_create1), SCMP_SYS(epoll_ctl), SCMP_SYS(epoll_wait), SCMP_SYS(epoll_pwait),
	SCMP_SYS(epoll_pwait2), SCMP_SYS(eventfd2), SCMP_SYS(inotify_init1), SCMP_SYS(inotify_add_watch),
	SCMP_SYS(inotify_rm_watch),
	/* sockets that there are; socket is below */
	SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4), SCMP_SYS(getsockname),
	SCMP_SYS(getpeername), SCMP_SYS(getsockopt), SCMP_SYS(setsockopt), SCMP_SYS(shutdown), SCMP_SYS(sendto),
	SCMP_SYS(sendmsg), SCMP_SYS(sendmmsg), SCMP_SYS(recvfrom), SCMP_SYS(recvmsg), SCMP_SYS(recvmmsg),
};

/* Its own maps, programs and links: nothing of others by number, nothing kept in a file system. */
static const int bpf_commands[] = {
	BPF_MAP_CREATE, BPF_MAP_LOOKUP_ELEM, BPF_MAP_UPDATE_ELEM, BPF_MAP_DELETE_ELEM, BPF_MAP_GET_NEXT_KEY,
	BPF_MAP_LOOKUP_AND_DELETE_ELEM, BPF_MAP_FREEZE, BPF_MAP_LOOKUP_BATCH, BPF_MAP_LOOKUP_AND_DELETE_BATCH,
	BPF_MAP_UPDATE_BATCH, BPF_MAP_DELETE_BATCH, BPF_PROG_LOAD, BPF_PROG_TEST_RUN, BPF_PROG_BIND_MAP,
	BPF_RAW_TRACEPOINT_OPEN, BPF_LINK_CREATE, BPF_LINK_UPDATE, BPF_LINK_DETACH, BPF_ITER_CREATE,
	BPF_OBJ_GET_INFO_BY_FD, BPF_BTF_LOAD, BPF_BTF_GET_NEXT_ID, BPF_BTF_GET_FD_BY_ID,
};

/* Neither TIOCSTI, which types into the terminal, nor any device's own. */
static const unsigned long ioctls[] = {
	TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, PERF_EVENT_IOC_SET_BPF, PERF_EVENT_IOC_ENABLE, PERF_EVENT_IOC_DISABLE,
};

/* Not in all headers that this is built with. */
#define SET_VMA 0x53564d41

static const int prctls[] = { PR_SET_NAME, PR_GET_NAME, PR_CAPBSET_READ, PR_GET_NO_NEW_PRIVS, PR_GET_DUMPABLE, SET_VMA };

#define COUNT(list) (sizeof(list) / sizeof(*(list)))
#define ALLOW(call, ...) \
	do { \
		if (!result) \
			result = seccomp_rule_add(context, SCMP_ACT_ALLOW, SCMP_SYS(call), ##__VA_ARGS__); \
	} while (0)

static int add_sockets(scmp_filter_ctx context, const struct cprivileges_calls *calls)
{
	int result = 0;

	ALLOW(socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	ALLOW(socketpair, 1, SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	if (calls->internet) {
		ALLOW(socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_INET));
		ALLOW(socket, 1, SCMP_A0(SCMP_CMP_EQ, AF_INET6));
	}
	return result;
}

static int add_threads(scmp_filter_ctx context)
{
	/* a thread of this process, in no new namespace */
	const unsigned long needed = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD;
	const unsigned long space = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
				    CLONE_NEWPID | CLONE_NEWNET;
	int result = 0;

	ALLOW(clone, 1, SCMP_A0(SCMP_CMP_MASKED_EQ, needed | space, needed));
	/* a filter cannot see its flags; the C library then takes clone */
	if (!result)
		result = seccomp_rule_add(context, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
	ALLOW(tgkill, 1, SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
	/* its own nice value, which libdispatch sets, and its own limits, which may be read */
	ALLOW(setpriority, 2, SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A1(SCMP_CMP_EQ, 0));
	ALLOW(prlimit64, 2, SCMP_A0(SCMP_CMP_EQ, 0), SCMP_A2(SCMP_CMP_EQ, 0));
	return result;
}

static int add_memory(scmp_filter_ctx context)
{
	int result = 0;

	ALLOW(mmap, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	ALLOW(mprotect, 1, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	return result;
}

static int add_all(scmp_filter_ctx context, const struct cprivileges_calls *calls)
{
	size_t number;
	int result = seccomp_attr_set(context, SCMP_FLTATR_CTL_TSYNC, 1);

	for (number = 0; !result && number < COUNT(plain); number++)
		if (plain[number] >= 0)
			result = seccomp_rule_add(context, SCMP_ACT_ALLOW, plain[number], 0);
	for (number = 0; number < COUNT(bpf_commands); number++)
		ALLOW(bpf, 1, SCMP_A0(SCMP_CMP_EQ, bpf_commands[number]));
	for (number = 0; number < COUNT(ioctls); number++)
		ALLOW(ioctl, 1, SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, ioctls[number]));
	for (number = 0; number < COUNT(prctls); number++)
		ALLOW(prctl, 1, SCMP_A0(SCMP_CMP_EQ, prctls[number]));
	if (!result)
		result = add_sockets(context, calls);
	if (!result)
		result = add_threads(context);
	return result ? result : add_memory(context);
}

int cprivileges_filter_agent(const struct cprivileges_calls *calls)
{
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int result;

	if (!context)
		return -ENOMEM;
	result = add_all(context, calls);
	if (!result)
		result = seccomp_load(context);
	seccomp_release(context);
	return result;
}
