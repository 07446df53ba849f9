/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Container engines' sockets are for root, and who may speak to them may do anything. An agent asks them for names; so
 * that it needs no rights to files for that, this process connects, and hands the connection over.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct request {
	uint32_t path, user;
};

struct paths {
	const char *const *paths;
	size_t count;
};

/* The path, with the user's number in the place of its %u. */
static int resolve(const struct paths *paths, const struct request *request, struct sockaddr_un *address)
{
	const char *path, *mark;
	int length;

	if (request->path >= paths->count)
		return -EINVAL;
	path = paths->paths[request->path];
	mark = strstr(path, "%u");
	length = mark ? snprintf(address->sun_path, sizeof(address->sun_path), "%.*s%u%s", (int)(mark - path), path,
				 request->user, mark + 2) :
			snprintf(address->sun_path, sizeof(address->sun_path), "%s", path);
	return length < (int)sizeof(address->sun_path) ? 0 : -ENAMETOOLONG;
}

static int connect_to(const struct paths *paths, const struct request *request)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int result = resolve(paths, request, &address);
	int connection;

	if (result)
		return result;
	connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (connection < 0)
		return -errno;
	if (connect(connection, (struct sockaddr *)&address, sizeof(address)) == 0)
		return connection;
	result = -errno;
	close(connection);
	return result;
}

static int serve(int socket, const void *context)
{
	struct request request;
	int descriptor, connection, answer, result = cprivileges_receive(socket, &request, sizeof(request), &descriptor);

	if (descriptor >= 0)
		close(descriptor);
	if (result)
		return result;
	connection = connect_to(context, &request);
	answer = connection < 0 ? connection : 0;
	result = cprivileges_send(socket, &answer, sizeof(answer), connection);
	if (connection >= 0)
		close(connection);
	return result;
}

int cprivileges_connector_start(const char *const *paths, size_t count, uid_t user, gid_t group)
{
	const struct cprivileges_rule rules[] = {
		{ .call = SCMP_SYS(socket), .argument = 0, .mask = 0xffffffff, .value = AF_UNIX },
		{ .call = SCMP_SYS(connect) },
	};
	const struct paths list = { paths, count };
	const struct cprivileges_helper helper = {
		.name = "martlet-connect",
		.capabilities = 1ull << CAP_DAC_OVERRIDE,
		.user = user,
		.group = group,
		.rules = rules,
		.rule_count = sizeof(rules) / sizeof(*rules),
		.serve = serve,
		.context = &list,
	};

	return cprivileges_helper_start(&helper, NULL);
}

int cprivileges_connector_connect(int socket, uint32_t path, uint32_t user)
{
	const struct request request = { path, user };
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
