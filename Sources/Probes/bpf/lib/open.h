/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What open, openat, openat2 and creat were asked for and came to, from their registers and the new descriptor's file.
 */
#ifndef MARTLET_OPEN_H
#define MARTLET_OPEN_H

#include "file.h"
#include "martlet_wire.h"
#include "path.h"
#include "record.h"
#include "syscall.h"
#include "versions.h"

/* PATH_MAX counts the terminator; one byte more tells a name that is too long from the longest one. */
#define OPEN_NAME_CAPACITY 4097

struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

/* What a record has beside what every open has: struct members. */
#ifndef OPEN_MORE
#define OPEN_MORE
#endif

struct open_record {
	struct mt_open open;
	OPEN_MORE
	char strings[OPEN_NAME_CAPACITY + PATH_CAPACITY];
};

#define OPEN_STRINGS __builtin_offsetof(struct open_record, strings)

struct open_scratch {
	u32 busy;
	u32 slot;
	struct open_record record;
};

DEFINE_SCRATCH(struct open_scratch)

/* Whether it is one of them: the other table's numbers lead to the same programs as well. */
static __always_inline bool is_open(const struct syscall *call)
{
	return syscall_is(call, NATIVE_OPEN, COMPAT_OPEN) || syscall_is(call, NATIVE_OPENAT, COMPAT_OPENAT) ||
	       syscall_is(call, NATIVE_OPENAT2, COMPAT_OPENAT2) || syscall_is(call, NATIVE_CREAT, COMPAT_CREAT);
}

static __always_inline void open_arguments(struct mt_open *open, const struct syscall *call, const char **name)
{
	struct open_how how = {};

	open->dfd = -100; /* AT_FDCWD */
	open->resolve = 0;
	open->marks = call->compat ? MT_OPEN_COMPAT : 0;
	if (syscall_is(call, NATIVE_OPEN, COMPAT_OPEN)) {
		open->call = MT_OPEN;
		*name = (const char *)call->args[0];
		how.flags = (u32)call->args[1];
		how.mode = (u32)call->args[2];
	} else if (syscall_is(call, NATIVE_CREAT, COMPAT_CREAT)) {
		open->call = MT_CREAT;
		*name = (const char *)call->args[0];
		how.flags = 01101; /* O_CREAT | O_WRONLY | O_TRUNC */
		how.mode = (u32)call->args[1];
	} else {
		open->dfd = call->args[0];
		*name = (const char *)call->args[1];
		if (syscall_is(call, NATIVE_OPENAT, COMPAT_OPENAT)) {
			open->call = MT_OPENAT;
			how.flags = (u32)call->args[2];
			how.mode = (u32)call->args[3];
		} else {
			open->call = MT_OPENAT2;
			if (bpf_probe_read_user(&how, sizeof(how), (void *)call->args[2]))
				open->marks |= MT_OPEN_HOW_UNREADABLE;
			open->resolve = how.resolve;
		}
	}
	open->flags = how.flags;
	open->mode = how.mode;
}

/* Tells of the file, and leaves its path behind the at bytes of strings that are there; how many there are more. */
static __always_inline u32 open_path(struct open_scratch *buffer, u32 at, struct file *file)
{
	struct mt_path *found = &buffer->record.open.path;
	struct path_walk *walk;
	struct path path;
	u32 length;

	path = BPF_CORE_READ(file, f_path);
	walk = path_walk(buffer->slot, &path, BPF_CORE_READ(file, f_inode), found);
	if (!walk || at > OPEN_NAME_CAPACITY)
		return 0;
	length = path_copy(walk, &buffer->record.strings[at]);
	if (length) {
		found->text.offset = OPEN_STRINGS + at;
		found->text.length = length;
	}
	return length;
}

static __always_inline u32 open_name(struct open_scratch *buffer, const char *name)
{
	struct mt_open *open = &buffer->record.open;
	long length = read_user_string(buffer->record.strings, OPEN_NAME_CAPACITY, name);

	open->name.offset = 0;
	open->name.length = 0;
	if (length <= 0) {
		open->marks |= MT_OPEN_NAME_UNREADABLE;
		return 0;
	}
	if (length == OPEN_NAME_CAPACITY)
		open->marks |= MT_OPEN_NAME_TRUNCATED;
	open->name.offset = OPEN_STRINGS;
	open->name.length = length - 1;
	return length;
}

#endif /* MARTLET_OPEN_H */
