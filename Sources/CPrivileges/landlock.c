/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a process may write, by the kernel's Landlock. Reading stays as it is: rules name what lies in this mount
 * namespace, and some files that are read lie in others. The layouts are here since stable headers have the first alone.
 */
#define _GNU_SOURCE
#include "cprivileges.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* the same everywhere */
#define CREATE_RULESET 444
#define ADD_RULE 445
#define RESTRICT_SELF 446

#define RULE_PATH 1
#define RULE_PORT 2

/* struct landlock_ruleset_attr; older kernels take the beginning */
struct ruleset {
	uint64_t files, net, scopes;
};

/* struct landlock_path_beneath_attr and struct landlock_net_port_attr */
struct path_rule {
	uint64_t access;
	int32_t parent;
} __attribute__((packed));

struct port_rule {
	uint64_t access, port;
};

enum {
	EXECUTE = 1 << 0,
	WRITE_FILE = 1 << 1,
	REMOVE_DIR = 1 << 4,
	REMOVE_FILE = 1 << 5,
	/* devices, folders, files, sockets, pipes and links */
	MAKE_ANY = 0x7f << 6,
	MAKE_DIR = 1 << 7,
	MAKE_REG = 1 << 8,
	MAKE_SOCK = 1 << 9,
	/* since version 2: into another folder */
	REFER = 1 << 13,
	/* since version 3 */
	TRUNCATE = 1 << 14,
	/* since version 5: on devices that are opened later */
	IOCTL_DEV = 1 << 15,
};

/* since version 4 */
#define BIND_TCP (1 << 0)
#define CONNECT_TCP (1 << 1)

/* since version 6 */
#define SCOPE_ABSTRACT_UNIX (1 << 0)
#define SCOPE_SIGNAL (1 << 1)

int cprivileges_landlock_version(void)
{
	const long version = syscall(CREATE_RULESET, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);

	return version < 0 ? -errno : (int)version;
}

static struct ruleset handled(int version, const struct cprivileges_places *places)
{
	struct ruleset set = { .files = EXECUTE | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_ANY };

	if (version >= 2)
		set.files |= REFER;
	if (version >= 3)
		set.files |= TRUNCATE;
	if (version >= 4)
		set.net = BIND_TCP | CONNECT_TCP;
	if (version >= 5)
		set.files |= IOCTL_DEV;
	if (version >= 6)
		set.scopes = SCOPE_SIGNAL | (places->abstract_sockets ? 0 : SCOPE_ABSTRACT_UNIX);
	return set;
}

static int allow(int rules, int place, uint64_t access)
{
	const struct path_rule rule = { .access = access, .parent = place };

	return syscall(ADD_RULE, rules, RULE_PATH, &rule, 0) ? -errno : 0;
}

static int add_places(int rules, const struct ruleset *set, const struct cprivileges_places *places)
{
	const uint64_t below = WRITE_FILE | REMOVE_FILE | REMOVE_DIR | MAKE_DIR | MAKE_REG | MAKE_SOCK | REFER | TRUNCATE;
	size_t number;
	int result = 0;

	for (number = 0; !result && number < places->folder_count; number++)
		result = allow(rules, places->folders[number], set->files & below);
	for (number = 0; !result && number < places->file_count; number++)
		result = allow(rules, places->files[number], set->files & (WRITE_FILE | TRUNCATE));
	for (number = 0; !result && set->net && number < places->port_count; number++) {
		const struct port_rule rule = { .access = BIND_TCP, .port = places->ports[number] };

		if (syscall(ADD_RULE, rules, RULE_PORT, &rule, 0))
			result = -errno;
	}
	return result;
}

int cprivileges_landlock(const struct cprivileges_places *places)
{
	const int version = cprivileges_landlock_version();
	const struct ruleset set = handled(version, places);
	const size_t size = version < 4 ? 8 : version < 6 ? 16 : 24;
	int rules, result;

	if (version < 0)
		return version;
	rules = syscall(CREATE_RULESET, &set, size, 0);
	if (rules < 0)
		return -errno;
	result = add_places(rules, &set, places);
	if (!result && syscall(RESTRICT_SELF, rules, 0))
		result = -errno;
	close(rules);
	return result ? result : version;
}
