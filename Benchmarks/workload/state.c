/* Programs that run in a state which something has to set up. */
#include "workload.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static noreturn void become(char **argv)
{
	execve(argv[0], argv, environ);
	die(argv[0]);
}

static int run_secure(int argc, char **argv)
{
	struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	struct sock_fprog program = { .len = 1, .filter = &allow };

	(void)argc;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("PR_SET_NO_NEW_PRIVS");
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		die("PR_SET_SECCOMP");
	report("cmd=secure pid=%d", (int)getpid());
	become(argv);
}

static int run_on_tty(int argc, char **argv)
{
	int terminal = posix_openpt(O_RDWR | O_NOCTTY), slave;
	const char *name;

	(void)argc;
	if (terminal < 0 || grantpt(terminal) || unlockpt(terminal))
		die("a new terminal");
	name = ptsname(terminal);
	slave = raw_openat(AT_FDCWD, name, O_RDWR | O_NOCTTY, 0);
	/* a group's leader cannot begin a session */
	if (getpgrp() == getpid()) {
		pid_t child = fork();

		if (child < 0)
			die("fork");
		if (child)
			_exit(wait_for(child) != 0);
	}
	if (slave < 0 || setsid() < 0 || ioctl(slave, TIOCSCTTY, 0))
		die(name);
	report("cmd=on-tty pid=%d tty=%s", (int)getpid(), name);
	become(argv);
}

const struct command state_commands[] = {
	{ "secure", "PROG [ARG...]", 1, -1, run_secure,
	  "becomes PROG with no_new_privs and a seccomp filter that allows everything" },
	{ "on-tty", "PROG [ARG...]", 1, -1, run_on_tty,
	  "becomes PROG (or its parent) in a new session with a new terminal, which it names" },
	{ 0 },
};
