/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Some things ask for a capability that an agent should not have. So a process of some hundred lines keeps it, which
 * reads nothing but short messages of the agent, and can make no system calls but those that its one task takes.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* The first message of a helper. */
struct hello {
	int32_t result;
	pid_t pid;
};

/* Keeps the standard streams, for they hold nothing up, and the socket. */
static void close_others(int socket)
{
	long limit = sysconf(_SC_OPEN_MAX);
	int descriptor;

#ifdef SYS_close_range
	if ((socket == 3 || syscall(SYS_close_range, 3, socket - 1, 0) == 0) &&
	    syscall(SYS_close_range, socket + 1, ~0u, 0) == 0)
		return;
#endif
	for (descriptor = 3; descriptor < limit && descriptor < 65536; descriptor++)
		if (descriptor != socket)
			close(descriptor);
}

static int filter(const struct cprivileges_helper *helper)
{
	static const int calls[] = { SCMP_SYS(sendmsg), SCMP_SYS(recvmsg),	SCMP_SYS(close),
				     SCMP_SYS(exit),	SCMP_SYS(exit_group),	SCMP_SYS(rt_sigreturn),
				     SCMP_SYS(futex),	SCMP_SYS(restart_syscall) };
	scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	size_t number;
	int result = 0;

	if (!context)
		return -ENOMEM;
	for (number = 0; !result && number < sizeof(calls) / sizeof(*calls); number++)
		result = seccomp_rule_add(context, SCMP_ACT_ALLOW, calls[number], 0);
	for (number = 0; !result && number < helper->rule_count; number++) {
		const struct cprivileges_rule *rule = &helper->rules[number];
		const struct scmp_arg_cmp test =
			SCMP_CMP64(rule->argument, SCMP_CMP_MASKED_EQ, rule->mask, rule->value);

		result = seccomp_rule_add_array(context, SCMP_ACT_ALLOW, rule->call, rule->mask ? 1 : 0, &test);
	}
	if (!result)
		result = seccomp_load(context);
	seccomp_release(context);
	return result;
}

static int give_up(const struct cprivileges_helper *helper)
{
	int result = cprivileges_bound();

	if (!result && helper->user != (uid_t)-1 && (helper->user != geteuid() || helper->group != getegid()))
		result = cprivileges_become(helper->user, helper->group, NULL, 0);
	if (!result)
		result = cprivileges_keep(helper->capabilities);
	if (!result)
		result = cprivileges_seal();
	/* a filter would hold what is executed to calls that its author never heard of */
	return result || helper->executes ? result : filter(helper);
}

/* Keeps away from the agent's streams: all of them, or, for programs that complain in their own words, but the last. */
static void turn_streams(const struct cprivileges_helper *helper)
{
	int nothing = open("/dev/null", O_RDWR);
	int stream, count = helper->executes ? 2 : 3;

	for (stream = 0; nothing >= 0 && stream < count; stream++)
		dup2(nothing, stream);
}

static void run(int socket, const struct cprivileges_helper *helper)
{
	struct hello hello = { .pid = getpid() };

	/* the agent ends first, and this process by that; Ctrl-C reaches both */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	/* a child whose end is ignored cannot be waited for */
	if (helper->executes)
		signal(SIGCHLD, SIG_DFL);
	turn_streams(helper);
	close_others(socket);
	prctl(PR_SET_NAME, helper->name, 0, 0, 0);
	hello.result = give_up(helper);
	if (cprivileges_send(socket, &hello, sizeof(hello), -1) || hello.result)
		return;
	while (!helper->serve(socket, helper->context))
		;
}

int cprivileges_helper_start(const struct cprivileges_helper *helper, pid_t *pid)
{
	struct hello hello = {};
	int sockets[2], result, descriptor;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	/* the middle one ends at once, so that nobody has to wait for the helper's end */
	child = fork();
	if (child < 0) {
		result = -errno;
		close(sockets[0]);
		close(sockets[1]);
		return result;
	}
	if (child == 0) {
		if (fork() == 0)
			run(sockets[1], helper);
		_exit(0);
	}
	close(sockets[1]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	result = cprivileges_receive(sockets[0], &hello, sizeof(hello), &descriptor);
	if (!result)
		result = hello.result;
	if (result) {
		close(sockets[0]);
		return result;
	}
	if (pid)
		*pid = hello.pid;
	return sockets[0];
}
