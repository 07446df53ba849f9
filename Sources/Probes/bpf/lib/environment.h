/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The environment of a new program, but only the variables that were asked for by name: no other byte leaves the
 * kernel.
 *
 * Included behind the map "scratch" of an object.
 */
#ifndef MARTLET_ENVIRONMENT_H
#define MARTLET_ENVIRONMENT_H

#include "process.h"

#define ENV_NAME_CAPACITY 64
#define ENV_VARIABLES 256
#define ENV_ALLOWED_MAX 64

const volatile bool env_wanted = false;

struct env_name {
	char text[ENV_NAME_CAPACITY];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENV_ALLOWED_MAX);
	__type(key, struct env_name);
	__type(value, u8);
} env_names SEC(".maps");

static __always_inline bool env_allowed(const char *variable)
{
	struct env_name name = {};

	for (int i = 0; i < ENV_NAME_CAPACITY; i++) {
		char c = variable[i];

		if (c == '=')
			return bpf_map_lookup_elem(&env_names, &name);
		if (!c)
			return false;
		name.text[i] = c;
	}
	return false;
}

/*
 * One variable; 1 at the end. It is read behind what is kept already, and kept by moving the end. Global, so that the
 * verifier looks at it once and not once for each variable.
 */
__noinline int env_step(u32 slot)
{
	struct process_scratch *buffer = bpf_map_lookup_elem(&scratch, &slot);
	bool inside;
	long length;
	char *to;

	if (!buffer)
		return 1;
	to = strings_end(buffer);
	inside = buffer->env_inside;
	if (!to || buffer->env_next >= buffer->env_end)
		return 1;
	length = read_user_string(to, PATH_CAPACITY, (void *)buffer->env_next);
	if (length <= 0) {
		buffer->record.process.marks |= MT_PROCESS_ENV_TRUNCATED;
		return 1;
	}
	/* a longer one comes in pieces, of which only the first has a name */
	buffer->env_inside = length == PATH_CAPACITY;
	buffer->env_next += buffer->env_inside ? length - 1 : length;
	if (inside || !env_allowed(to))
		return 0;
	if (buffer->used + length > buffer->env_limit) {
		buffer->record.process.marks |= MT_PROCESS_ENV_TRUNCATED;
		return 0;
	}
	if (buffer->env_inside)
		buffer->record.process.marks |= MT_PROCESS_ENV_TRUNCATED;
	buffer->used += length;
	return 0;
}

static __always_inline void process_environment(struct process_scratch *buffer, struct mm_struct *mm)
{
	u32 begin = buffer->used;

	if (!env_wanted)
		return;
	buffer->env_next = READ(mm, env_start);
	buffer->env_end = READ(mm, env_end);
	buffer->env_inside = 0;
	buffer->env_limit = begin + ENV_CAPACITY - PATH_CAPACITY;
	if (!REPEAT(ENV_VARIABLES, env_step(buffer->slot)))
		buffer->record.process.marks |= MT_PROCESS_ENV_TRUNCATED;
	buffer->record.process.env.offset = sizeof(struct mt_process) + begin;
	buffer->record.process.env.length = buffer->used - begin;
}

#endif /* MARTLET_ENVIRONMENT_H */
