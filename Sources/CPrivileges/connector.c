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
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

struct request {
	uint32_t path, user;
};

struct answer {
	int32_t result;
	uint32_t peer;
};

struct paths {
	const char *const *paths;
	size_t count;
};

struct place {
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	/* who must listen there: root, or the user in whose folder it is */
	uid_t owner;
	int is_of_user;
};

/* The path, with the user's number in the place of its %u. */
static int resolve(const struct paths *paths, const struct request *request, struct place *place)
{
	const char *path, *mark;
	int length;

	if (request->path >= paths->count)
		return -EINVAL;
	path = paths->paths[request->path];
	mark = strstr(path, "%u");
	place->is_of_user = mark != NULL;
	place->owner = mark ? request->user : 0;
	length = mark ? snprintf(place->path, sizeof(place->path), "%.*s%u%s", (int)(mark - path), path, request->user,
				 mark + 2) :
			snprintf(place->path, sizeof(place->path), "%s", path);
	return length < (int)sizeof(place->path) ? 0 : -ENAMETOOLONG;
}

/* A name that is no link: nothing of it is opened. */
static int find(int folder, const char *name)
{
	struct stat information;
	int result, found = openat(folder, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (found < 0)
		return -errno;
	if (fstat(found, &information))
		result = -errno;
	else if (S_ISLNK(information.st_mode))
		result = -ELOOP;
	else
		return found;
	close(found);
	return result;
}

/*
 * Step by step, so that no part is a link. openat2 would do it at once, but of its flags no filter can see that they
 * open nothing, and this process may open everything.
 */
static int find_by_steps(char *path)
{
	char *name, *rest = NULL;
	int found = find(AT_FDCWD, "/");

	for (name = strtok_r(path, "/", &rest); name && found >= 0; name = strtok_r(NULL, "/", &rest)) {
		int folder = found;

		found = find(folder, name);
		close(folder);
	}
	return found;
}

/* Who listens is asked here too: otherwise an agent that somebody else has taken over had connections to everybody. */
static int check_peer(int connection, uid_t owner, uint32_t *peer)
{
	struct ucred credentials;
	socklen_t length = sizeof(credentials);

	if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &credentials, &length))
		return -errno;
	*peer = credentials.uid;
	return credentials.uid == owner ? 0 : -EPERM;
}

/* To what was found, whatever is at its path by now. */
static int connect_to_found(int found, uid_t owner, uint32_t *peer)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int result, connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (connection < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d", found);
	result = connect(connection, (struct sockaddr *)&address, sizeof(address)) ? -errno : 0;
	if (!result)
		result = check_peer(connection, owner, peer);
	if (!result)
		return connection;
	close(connection);
	return result;
}

static int connect_to(const struct paths *paths, const struct request *request, uint32_t *peer)
{
	struct place place;
	int found, result = resolve(paths, request, &place);

	if (result)
		return result;
	/* the folders above an engine's own socket are root's, and /var/run is a link; a user's are the user's */
	found = place.is_of_user ? find_by_steps(place.path) : find(AT_FDCWD, place.path);
	if (found < 0)
		return found;
	result = connect_to_found(found, place.owner, peer);
	close(found);
	return result;
}

static int serve(int socket, const void *context)
{
	struct request request;
	struct answer answer = { .peer = UINT32_MAX };
	int descriptor, connection, result = cprivileges_receive(socket, &request, sizeof(request), &descriptor);

	if (descriptor >= 0)
		close(descriptor);
	if (result)
		return result;
	connection = connect_to(context, &request, &answer.peer);
	answer.result = connection < 0 ? connection : 0;
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
		/* names alone: nothing can be read or written by what this opens */
		{ .call = SCMP_SYS(openat), .argument = 2, .mask = O_PATH, .value = O_PATH },
		{ .call = SCMP_SYS(newfstatat) },
		{ .call = SCMP_SYS(fstat) },
		{ .call = SCMP_SYS(getsockopt), .argument = 2, .mask = 0xffffffff, .value = SO_PEERCRED },
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

int cprivileges_connector_connect(int socket, uint32_t path, uint32_t user, uint32_t *peer)
{
	const struct request request = { path, user };
	struct answer answer;
	int connection, result = cprivileges_send(socket, &request, sizeof(request), -1);

	*peer = UINT32_MAX;
	if (!result)
		result = cprivileges_receive(socket, &answer, sizeof(answer), &connection);
	if (result)
		return result;
	*peer = answer.peer;
	if (answer.result == 0)
		return connection < 0 ? -EPROTO : connection;
	if (connection >= 0)
		close(connection);
	return answer.result;
}
