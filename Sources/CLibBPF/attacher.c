/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before 6.6 a program comes onto a function of a program only by a perf event, which asks for CAP_SYS_ADMIN. So that
 * the agent need not keep it, a process of some hundred lines does.
 */
#define _GNU_SOURCE
#include "uprobe.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SOURCE "/sys/bus/event_source/devices/uprobe/"

/* How this kernel numbers the events: their type, and the bit of config that asks for the return. */
struct source {
	int type;
	int return_bit;
};

static int read_number(const char *path, const char *prefix)
{
	char text[64] = {};
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	if (file < 0)
		return -errno;
	length = read(file, text, sizeof(text) - 1);
	close(file);
	if (length <= 0 || strncmp(text, prefix, strlen(prefix)))
		return -EINVAL;
	return atoi(text + strlen(prefix));
}

/* Sends one byte string, with a descriptor when there is one. */
static int send_message(int socket, const void *bytes, size_t length, int descriptor)
{
	struct iovec part = { (void *)bytes, length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr message = { .msg_iov = &part, .msg_iovlen = 1 };

	if (descriptor >= 0) {
		struct cmsghdr *head;

		message.msg_control = control.bytes;
		message.msg_controllen = sizeof(control.bytes);
		head = CMSG_FIRSTHDR(&message);
		head->cmsg_level = SOL_SOCKET;
		head->cmsg_type = SCM_RIGHTS;
		head->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(head), &descriptor, sizeof(int));
	}
	for (;;) {
		ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);

		if (sent == (ssize_t)length)
			return 0;
		if (sent >= 0)
			return -EMSGSIZE;
		if (errno != EINTR)
			return -errno;
	}
}

/* Receives one of exactly this length, and a descriptor or -1; 0, or -errno (-EPIPE: the other side has gone). */
static int receive_message(int socket, void *bytes, size_t length, int *descriptor)
{
	struct iovec part = { bytes, length };
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *head;
	ssize_t received;

	*descriptor = -1;
	do
		received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (received < 0 && errno == EINTR);
	if (received < 0)
		return -errno;
	head = CMSG_FIRSTHDR(&message);
	if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_RIGHTS &&
	    head->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(descriptor, CMSG_DATA(head), sizeof(int));
	if (received == 0)
		return -EPIPE;
	return received == (ssize_t)length ? 0 : -EMSGSIZE;
}

/* Gives up all capabilities but one, for good. */
static int keep_only(int capability)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {};
	int number;

	for (number = 0; prctl(PR_CAPBSET_READ, number) >= 0; number++)
		if (number != capability)
			prctl(PR_CAPBSET_DROP, number);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	data[capability / 32].permitted = 1u << capability % 32;
	data[capability / 32].effective = 1u << capability % 32;
	if (syscall(SYS_capset, &header, data))
		return -errno;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
}

static int make_event(const struct source *source, int file, uint64_t offset)
{
	struct perf_event_attr attributes = { .size = sizeof(attributes) };
	char path[32];
	int event;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	attributes.type = source->type;
	attributes.config = 1ull << source->return_bit;
	attributes.uprobe_path = (uintptr_t)path;
	attributes.probe_offset = offset;
	/* of every process; a program on it runs on every CPU, whichever is named here */
	event = syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	return event < 0 ? -errno : event;
}

/* Keeps the standard streams, for they hold nothing up, and the socket. */
static void close_others(int socket)
{
	long limit = sysconf(_SC_OPEN_MAX);
	int descriptor;

#ifdef SYS_close_range
	if (syscall(SYS_close_range, 3, socket - 1, 0) == 0 && syscall(SYS_close_range, socket + 1, ~0u, 0) == 0)
		return;
#endif
	for (descriptor = 3; descriptor < limit && descriptor < 65536; descriptor++)
		if (descriptor != socket)
			close(descriptor);
}

static void serve(int socket, const struct source *source)
{
	int nothing = open("/dev/null", O_RDWR);
	int stream, result;

	/* the agent ends first, and this process by that; Ctrl-C reaches both */
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_IGN);
	for (stream = 0; nothing >= 0 && stream < 3; stream++)
		dup2(nothing, stream);
	close_others(socket);
	prctl(PR_SET_NAME, "martlet-attach", 0, 0, 0);
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	result = keep_only(CAP_SYS_ADMIN);
	if (send_message(socket, &result, sizeof(result), -1) || result)
		return;
	for (;;) {
		uint64_t offset;
		int file, event;

		result = receive_message(socket, &offset, sizeof(offset), &file);
		if (result)
			return;
		event = file < 0 ? -EBADF : make_event(source, file, offset);
		if (file >= 0)
			close(file);
		result = event < 0 ? event : 0;
		result = send_message(socket, &result, sizeof(result), event);
		if (event >= 0)
			close(event);
		if (result)
			return;
	}
}

int clibbpf_attacher_start(void)
{
	struct source source = {
		.type = read_number(SOURCE "type", ""),
		.return_bit = read_number(SOURCE "format/retprobe", "config:"),
	};
	int sockets[2], result, descriptor;
	pid_t child;

	if (source.type < 0)
		return source.type;
	if (source.return_bit < 0 || source.return_bit > 63)
		return -EOPNOTSUPP;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
		return -errno;
	/* the middle one ends at once, so that nobody has to wait for the attacher's end */
	child = fork();
	if (child < 0) {
		result = -errno;
		close(sockets[0]);
		close(sockets[1]);
		return result;
	}
	if (child == 0) {
		if (fork() == 0)
			serve(sockets[1], &source);
		_exit(0);
	}
	close(sockets[1]);
	while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
		;
	if (receive_message(sockets[0], &result, sizeof(result), &descriptor) || result) {
		close(sockets[0]);
		return result < 0 ? result : -EPIPE;
	}
	return sockets[0];
}

int clibbpf_attacher_event(int socket, int file, uint64_t offset)
{
	int event, answer, result = send_message(socket, &offset, sizeof(offset), file);

	if (!result)
		result = receive_message(socket, &answer, sizeof(answer), &event);
	if (result)
		return result;
	if (answer == 0 && event < 0)
		return -EPROTO;
	if (answer && event >= 0)
		close(event);
	return answer ? answer : event;
}
