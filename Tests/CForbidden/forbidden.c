/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "forbidden.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Has the result of a call that failed, or ends a process that was made. */
static int outcome(long result)
{
	return result < 0 ? errno : 0;
}

static int execute(void)
{
	char *const arguments[] = { "true", NULL };

	return outcome(execve("/bin/true", arguments, NULL));
}

static int new_process(unsigned long flags)
{
	const long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);

	if (child == 0)
		syscall(SYS_exit_group, 0);
	return outcome(child);
}

static int map_to_execute(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? errno : 0;
}

static int protect_to_execute(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return outcome(mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

static int program_of_others(void)
{
	union bpf_attr attributes = { .prog_id = 1 };

	return outcome(syscall(SYS_bpf, BPF_PROG_GET_FD_BY_ID, &attributes, sizeof(attributes)));
}

static int perf_event(void)
{
	struct perf_event_attr attributes = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof(attributes),
		.config = PERF_COUNT_SW_DUMMY,
	};

	return outcome(syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0));
}

static int type_into_terminal(void)
{
	return outcome(ioctl(0, TIOCSTI, "x"));
}

static int any_file(const char *path, int flags)
{
	return outcome(open(path, flags | O_CLOEXEC, 0600));
}

static const char too_long[100];

static int read_process(void)
{
	char byte;
	struct iovec here = { &byte, 1 }, there = { &byte, 1 };

	return outcome(syscall(SYS_process_vm_readv, getppid(), &here, 1, &there, 1, 0));
}

static const char *const names[] = {
	"execve",     "execveat", "fork",	"newns",    "unshare",	  "setns",     "ptrace",	 "mount",
	"umount",     "chroot",	  "init_module", "kexec",    "reboot",	  "keyctl",    "process_vm_readv", "io_uring",
	"userfaultfd", "setuid",   "capset",	"kill",	    "mmap-exec",  "mprotect-exec", "bpf-by-id",	 "perf_event_open",
	"tiocsti",    "inet",	  "netlink",	"packet",   "personality", "sethostname", "settime",	 "pidfd_open",
	"write-elsewhere", "write-proc", "write-memory", "mknod", NULL,
};

const char *forbidden_name(unsigned int number)
{
	return names[number];
}

int forbidden_try(const char *name)
{
#define IS(text) if (!strcmp(name, text))
	IS("execve") return execute();
	IS("execveat") return outcome(syscall(SYS_execveat, AT_FDCWD, "/bin/true", NULL, NULL, 0));
	IS("fork") return new_process(0);
	IS("newns") return new_process(CLONE_NEWUSER | CLONE_NEWNS);
	IS("unshare") return outcome(unshare(CLONE_NEWUSER));
	IS("setns") return outcome(setns(open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC), 0));
	IS("ptrace") return outcome(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	IS("mount") return outcome(mount("none", "/nonexistent", "tmpfs", 0, NULL));
	IS("umount") return outcome(umount2("/nonexistent", 0));
	IS("chroot") return outcome(chroot("/"));
	IS("init_module") return outcome(syscall(SYS_init_module, NULL, 0, ""));
	IS("kexec") return outcome(syscall(SYS_kexec_load, 0, 0, NULL, 0));
	/* without the magic numbers: EINVAL at worst */
	IS("reboot") return outcome(syscall(SYS_reboot, 0, 0, 0, NULL));
	IS("keyctl") return outcome(syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID, -3, 0, 0, 0));
	IS("process_vm_readv") return read_process();
	IS("io_uring") return outcome(syscall(SYS_io_uring_setup, 1, NULL));
	IS("userfaultfd") return outcome(syscall(SYS_userfaultfd, 1));
	IS("setuid") return outcome(setuid(0));
	IS("capset") return outcome(syscall(SYS_capset, NULL, NULL));
	/* this very process' user, and no signal */
	IS("kill") return outcome(kill(getppid(), 0));
	IS("mmap-exec") return map_to_execute();
	IS("mprotect-exec") return protect_to_execute();
	IS("bpf-by-id") return program_of_others();
	IS("perf_event_open") return perf_event();
	IS("tiocsti") return type_into_terminal();
	IS("inet") return outcome(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
	IS("netlink") return outcome(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0));
	IS("packet") return outcome(socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
	IS("personality") return outcome(syscall(SYS_personality, 0));
	IS("sethostname") return outcome(sethostname(too_long, sizeof(too_long)));
	IS("settime") return outcome(syscall(SYS_clock_settime, -1, NULL));
	/* the same number everywhere */
	IS("pidfd_open") return outcome(syscall(434, getpid(), 0));
	IS("write-elsewhere") return any_file("/tmp/martlet-must-not-be", O_WRONLY | O_CREAT);
	IS("write-proc") return any_file("/proc/self/oom_score_adj", O_WRONLY);
	IS("write-memory") return any_file("/proc/self/mem", O_RDWR);
	IS("mknod") return outcome(mknod("/tmp/martlet-must-not-be", S_IFIFO | 0600, 0));
	return -1;
}

static void *wait_for_ever(void *nothing)
{
	for (;;)
		pause();
	return nothing;
}

int forbidden_start_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, wait_for_ever, NULL);
}
