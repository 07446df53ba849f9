/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Before 6.6 a program comes onto a function of a program only by a perf event, which asks for CAP_SYS_ADMIN. So that
 * the agent need not keep it, a process of some hundred lines does.
 */
#define _GNU_SOURCE
#include "uprobe.h"

#include <cprivileges.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
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

static int serve(int socket, const void *source)
{
	uint64_t offset;
	int file, event, answer, result = cprivileges_receive(socket, &offset, sizeof(offset), &file);

	if (result)
		return result;
	event = file < 0 ? -EBADF : make_event(source, file, offset);
	if (file >= 0)
		close(file);
	answer = event < 0 ? event : 0;
	result = cprivileges_send(socket, &answer, sizeof(answer), event);
	if (event >= 0)
		close(event);
	return result;
}

int clibbpf_attacher_start(void)
{
	const struct source source = {
		.type = read_number(SOURCE "type", ""),
		.return_bit = read_number(SOURCE "format/retprobe", "config:"),
	};
	const struct cprivileges_rule rule = { .call = SYS_perf_event_open };
	const struct cprivileges_helper helper = {
		.name = "martlet-attach",
		.capabilities = 1ull << CAP_SYS_ADMIN,
		.user = -1,
		.rules = &rule,
		.rule_count = 1,
		.serve = serve,
		.context = &source,
	};

	if (source.type < 0)
		return source.type;
	if (source.return_bit < 0 || source.return_bit > 63)
		return -EOPNOTSUPP;
	return cprivileges_helper_start(&helper, NULL);
}

int clibbpf_attacher_event(int socket, int file, uint64_t offset)
{
	int event, answer, result = cprivileges_send(socket, &offset, sizeof(offset), file);

	if (!result)
		result = cprivileges_receive(socket, &answer, sizeof(answer), &event);
	if (result)
		return result;
	if (answer == 0 && event < 0)
		return -EPROTO;
	if (answer && event >= 0)
		close(event);
	return answer ? answer : event;
}
