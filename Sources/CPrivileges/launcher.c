/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent executes nothing: neither Landlock nor its filter let it. What it needs of programs whose libraries it cannot
 * have, such as a database's, is in a program of its own, which this process executes: only that, as the agent's user.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where a program finds its end of the socket. */
#define SOCKET 3
/* How long a program may take to notice that the agent has gone: a call of its own may hang. */
#define GRACE_MS 10000

struct program {
	const char *path;
	char *const *arguments;
	int is_of_another;
};

/* What runs now; a process of its own has one of them. */
static struct {
	pid_t pid;
	/* can be read once it has ended; -1: nothing runs */
	int descriptor;
} running = { .descriptor = -1 };

static void reap(void)
{
	while (waitpid(running.pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(running.descriptor);
	running.descriptor = -1;
}

/* Nobody else has its number until it is waited for. */
static void end(void)
{
	if (running.descriptor < 0)
		return;
	kill(running.pid, SIGKILL);
	reap();
}

/* The agent has gone, and the program's socket with it. */
static void end_later(void)
{
	struct pollfd ended = { .fd = running.descriptor, .events = POLLIN };

	while (running.descriptor >= 0 && poll(&ended, 1, GRACE_MS) < 0 && errno == EINTR)
		;
	end();
}

static void execute(const struct program *program, int connection, int report)
{
	sigset_t none;
	int number;

	/* away from where the connection must be */
	connection = fcntl(connection, F_DUPFD_CLOEXEC, SOCKET + 1);
	report = fcntl(report, F_DUPFD_CLOEXEC, SOCKET + 1);
	/* neither Ctrl-C nor a terminal that goes ends it before the agent is done with it */
	setsid();
	for (number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* whose home the agent was started with has secrets of somebody else */
	if (program->is_of_another)
		unsetenv("HOME");
	if (dup2(connection, SOCKET) == SOCKET)
		execv(program->path, program->arguments);
	number = errno;
	if (write(report, &number, sizeof(number)) != sizeof(number))
		_exit(126);
	_exit(127);
}

/* 0 once the program is executed: the other end of the pipe closes by that. */
static int read_report(int report)
{
	int number = 0;
	ssize_t length;

	do
		length = read(report, &number, sizeof(number));
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return -errno;
	return length == sizeof(number) ? -number : 0;
}

static int start(const struct program *program, int connection)
{
	int report[2], result;

	if (pipe2(report, O_CLOEXEC))
		return -errno;
	running.pid = fork();
	if (running.pid == 0)
		execute(program, connection, report[1]);
	result = running.pid < 0 ? -errno : 0;
	close(report[1]);
	if (!result) {
		running.descriptor = syscall(SYS_pidfd_open, running.pid, 0);
		result = running.descriptor < 0 ? -errno : read_report(report[0]);
		if (result) {
			kill(running.pid, SIGKILL);
			reap();
		}
	}
	close(report[0]);
	return result;
}

/* The agent's end, or -errno. */
static int launch(const struct program *program)
{
	int sockets[2], result;

	end();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	result = start(program, sockets[1]);
	close(sockets[1]);
	if (!result)
		return sockets[0];
	close(sockets[0]);
	return result;
}

static int answer(int socket, const struct program *program)
{
	uint32_t request;
	int descriptor, connection, answer, result;

	result = cprivileges_receive(socket, &request, sizeof(request), &descriptor);
	if (descriptor >= 0)
		close(descriptor);
	if (result) {
		end_later();
		return result;
	}
	connection = launch(program);
	answer = connection < 0 ? connection : 0;
	result = cprivileges_send(socket, &answer, sizeof(answer), connection);
	if (connection >= 0)
		close(connection);
	return result;
}

static int serve(int socket, const void *context)
{
	struct pollfd wanted[] = {
		{ .fd = socket, .events = POLLIN },
		{ .fd = running.descriptor, .events = POLLIN },
	};

	if (poll(wanted, 2, -1) < 0)
		return errno == EINTR ? 0 : -errno;
	if (wanted[1].revents)
		reap();
	return wanted[0].revents ? answer(socket, context) : 0;
}

int cprivileges_launcher_start(const char *path, char *const *arguments, uid_t user, gid_t group)
{
	const struct program program = { path, arguments, user != geteuid() };
	const struct cprivileges_helper helper = {
		.name = "martlet-launch",
		.user = user,
		.group = group,
		.executes = true,
		.serve = serve,
		.context = &program,
	};

	return cprivileges_helper_start(&helper, NULL);
}

int cprivileges_launcher_launch(int socket)
{
	const uint32_t request = 0;
	int connection, answer, result = cprivileges_send(socket, &request, sizeof(request), -1);

	if (!result)
		result = cprivileges_receive(socket, &answer, sizeof(answer), &connection);
	if (result)
		return result;
	if (answer == 0)
		return connection < 0 ? -EPROTO : connection;
	if (connection >= 0)
		close(connection);
	return answer;
}
