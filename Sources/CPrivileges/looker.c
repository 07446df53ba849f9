/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shells are found in the files that other processes execute and map, in containers too. To look there takes two
 * capabilities, with which one could read all the rest; and no process under Landlock may look into others at all. So
 * this process opens such files, by the little that it is told of them, and hands them over to be read.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/openat2.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

struct request {
	uint32_t what, tgid;
	char path[CPRIVILEGES_LOOK_PATH];
};

struct answer {
	int64_t result;
	uint64_t number;
};

struct names {
	const char *const *names;
	size_t count;
};

/* A program or a library, by how it begins: neither a text nor a process' memory, which is an ELF file too. */
static int is_program(int opened)
{
	struct {
		unsigned char magic[EI_NIDENT];
		uint16_t type;
	} head;

	return pread(opened, &head, sizeof(head), 0) == sizeof(head) && !memcmp(head.magic, ELFMAG, SELFMAG) &&
	       (head.type == ET_EXEC || head.type == ET_DYN);
}

/* A device or a pipe would do something when it is opened: so what it is is asked before. Takes over the descriptor. */
static int open_program(int named)
{
	struct stat information;
	char path[32];
	int result;

	if (named < 0)
		return -errno;
	if (fstat(named, &information) || !S_ISREG(information.st_mode)) {
		result = -ENXIO;
	} else {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", named);
		result = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
		if (result < 0) {
			result = -errno;
		} else if (!is_program(result)) {
			close(result);
			result = -ENOEXEC;
		}
	}
	close(named);
	return result;
}

static int is_wanted(const struct names *names, const char *path)
{
	const char *last = strrchr(path, '/');
	size_t number;

	for (number = 0; last && number < names->count; number++)
		if (!strncmp(last + 1, names->names[number], strlen(names->names[number])))
			return 1;
	return 0;
}

/*
 * Whoever may make a link calls it what they like, and has it lead to a file that they may not read: so the name that
 * counts is that of the file which was reached. Takes over the descriptor.
 */
static int open_wanted(const struct names *names, int named)
{
	char path[32], target[CPRIVILEGES_LOOK_PATH];
	ssize_t length;
	int result;

	if (named < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", named);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0) {
		result = -errno;
	} else if (length == sizeof(target) - 1) {
		/* the last name may have been cut off */
		result = -ENAMETOOLONG;
	} else {
		target[length] = 0;
		if (is_wanted(names, target))
			return open_program(named);
		result = -EACCES;
	}
	close(named);
	return result;
}

static int open_mapped(const struct names *names, const struct request *request)
{
	char path[96];

	if (strspn(request->path, "0123456789abcdef-") != strlen(request->path) || strlen(request->path) > 40)
		return -EINVAL;
	snprintf(path, sizeof(path), "/proc/%u/map_files/%s", request->tgid, request->path);
	return open_wanted(names, open(path, O_PATH | O_CLOEXEC));
}

static int open_in_root(const struct names *names, const struct request *request)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS };
	char path[32];
	int root, result;

	/* spares most walks; what it leads to is looked at below */
	if (!is_wanted(names, request->path))
		return -EACCES;
	snprintf(path, sizeof(path), "/proc/%u/root", request->tgid);
	root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return -errno;
	result = open_wanted(names, syscall(SYS_openat2, root, request->path, &how, sizeof(how)));
	close(root);
	return result;
}

static int look(const struct names *names, const struct request *request, uint64_t *number)
{
	struct stat information;
	char path[32];
	int result;

	switch (request->what) {
	case CPRIVILEGES_LOOK_EXE:
		snprintf(path, sizeof(path), "/proc/%u/exe", request->tgid);
		return open_program(open(path, O_PATH | O_CLOEXEC));
	case CPRIVILEGES_LOOK_MAPS:
		snprintf(path, sizeof(path), "/proc/%u/maps", request->tgid);
		result = open(path, O_RDONLY | O_CLOEXEC);
		return result < 0 ? -errno : result;
	case CPRIVILEGES_LOOK_MAPPED:
		return open_mapped(names, request);
	case CPRIVILEGES_LOOK_ROOT:
		return open_in_root(names, request);
	case CPRIVILEGES_LOOK_MOUNTS:
		snprintf(path, sizeof(path), "/proc/%u/ns/mnt", request->tgid);
		if (stat(path, &information))
			return -errno;
		*number = information.st_ino;
		/* no descriptor: of this kind alone */
		return -EISDIR;
	}
	return -EINVAL;
}

static int serve(int socket, const void *context)
{
	static struct request request;
	struct answer answer = {};
	int opened, descriptor, result = cprivileges_receive(socket, &request, sizeof(request), &descriptor);

	if (descriptor >= 0)
		close(descriptor);
	if (result)
		return result;
	request.path[sizeof(request.path) - 1] = 0;
	opened = look(context, &request, &answer.number);
	answer.result = opened < 0 ? opened : 0;
	result = cprivileges_send(socket, &answer, sizeof(answer), opened);
	if (opened >= 0)
		close(opened);
	return result;
}

int cprivileges_looker_start(const char *const *names, size_t count, uid_t user, gid_t group, pid_t *pid)
{
	/* to read only; nothing is made, whatever openat2 is told, by who has no rights to write */
	const struct cprivileges_rule rules[] = {
		{ .call = SCMP_SYS(openat), .argument = 2, .mask = O_ACCMODE | O_CREAT | O_TRUNC, .value = O_RDONLY },
		{ .call = SCMP_SYS(openat2) },	  { .call = SCMP_SYS(newfstatat) }, { .call = SCMP_SYS(fstat) },
		{ .call = SCMP_SYS(readlinkat) }, { .call = SCMP_SYS(pread64) },
#ifdef __x86_64__
		{ .call = SCMP_SYS(readlink) },
#endif
	};
	const struct names list = { names, count };
	const struct cprivileges_helper helper = {
		.name = "martlet-look",
		.capabilities = 1ull << CAP_SYS_PTRACE | 1ull << CAP_DAC_READ_SEARCH,
		.user = user,
		.group = group,
		.rules = rules,
		.rule_count = sizeof(rules) / sizeof(*rules),
		.serve = serve,
		.context = &list,
	};

	return cprivileges_helper_start(&helper, pid);
}

int cprivileges_looker_open(int socket, uint32_t what, uint32_t tgid, const char *path, uint64_t *number)
{
	struct request request = { .what = what, .tgid = tgid };
	struct answer answer;
	int opened, result;

	if (strlen(path) >= sizeof(request.path))
		return -ENAMETOOLONG;
	strcpy(request.path, path);
	result = cprivileges_send(socket, &request, sizeof(request), -1);
	if (!result)
		result = cprivileges_receive(socket, &answer, sizeof(answer), &opened);
	if (result)
		return result;
	*number = answer.number;
	if (answer.result == 0)
		return opened < 0 ? -EPROTO : opened;
	if (opened >= 0)
		close(opened);
	return what == CPRIVILEGES_LOOK_MOUNTS && answer.result == -EISDIR ? 0 : (int)answer.result;
}
