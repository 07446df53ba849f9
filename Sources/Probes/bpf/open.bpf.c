// SPDX-License-Identifier: GPL-2.0-only
/*
 * open, openat, openat2 and creat, when they return.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/file.h"
#include "lib/gate.h"
#include "lib/path.h"
#include "lib/record.h"
#include "lib/syscall.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

/* Off: only the path as the caller gave it, for half the cost. */
const volatile bool resolve_paths = true;
/* A process that opens files on the agent's behalf; 0: none. */
const volatile u32 own_looker = 0;

/* PATH_MAX counts the terminator; one byte more tells a name that is too long from the longest one. */
#define OPEN_NAME_CAPACITY 4097

struct open_how {
	u64 flags;
	u64 mode;
	u64 resolve;
};

struct open_scratch {
	u32 busy;
	u32 slot;
	struct {
		struct mt_open open;
		char strings[OPEN_NAME_CAPACITY + PATH_CAPACITY];
	} record;
};

DEFINE_SCRATCH(struct open_scratch)

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

static __always_inline u32 open_path(struct open_scratch *buffer, u32 at)
{
	struct mt_path *found = &buffer->record.open.path;
	struct file *file = file_of(buffer->record.open.result);
	struct path_walk *walk;
	struct path path;
	u32 length;

	/* closed or replaced by another thread since the call installed it */
	if (!file) {
		found->marks = MT_MARK_UNRESOLVED;
		return 0;
	}
	path = BPF_CORE_READ(file, f_path);
	walk = path_walk(buffer->slot, &path, BPF_CORE_READ(file, f_inode), found);
	if (!walk || at > OPEN_NAME_CAPACITY)
		return 0;
	length = path_copy(walk, &buffer->record.strings[at]);
	if (length) {
		found->text.offset = sizeof(struct mt_open) + at;
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
	open->name.offset = sizeof(struct mt_open);
	open->name.length = length - 1;
	return length;
}

static __always_inline void open_heartbeat(const struct syscall *call)
{
	struct mt_heartbeat beat = {};

	if ((u32)call->args[0] != MT_HEARTBEAT_DFD || call->args[2] >= LANES_MAX)
		return;
	record_begin(&beat.header, MT_KIND_HEARTBEAT, current_task());
	beat.lane = call->args[2];
	beat.number = call->args[3];
	record_send(&beat.header, MT_KIND_HEARTBEAT, sizeof(beat), beat.lane);
}

static __always_inline void open_record(struct open_scratch *buffer, const struct syscall *call, int result)
{
	struct mt_open *open = &buffer->record.open;
	const char *name;
	u32 used;

	record_begin(&open->header, MT_KIND_OPEN, current_task());
	open_arguments(open, call, &name);
	open->result = result;
	used = open_name(buffer, name);
	__builtin_memset(&open->path, 0, sizeof(open->path));
	if (result >= 0 && resolve_paths)
		used += open_path(buffer, used);
	if (used <= sizeof(buffer->record.strings))
		record_send(&open->header, MT_KIND_OPEN, sizeof(*open) + used, pool_lane(open->header.tgid));
}

static __always_inline void open_seen(const struct syscall *call, int result)
{
	struct open_scratch *buffer;

	if (bpf_get_current_pid_tgid() >> 32 == own_tgid) {
		open_heartbeat(call);
		return;
	}
	/* what looks for shells on the agent's behalf */
	if (own_looker && bpf_get_current_pid_tgid() >> 32 == own_looker)
		return;
	/* another agent's */
	if ((u32)call->args[0] == MT_HEARTBEAT_DFD && syscall_is(call, NATIVE_OPENAT, COMPAT_OPENAT))
		return;
	if (gate_rejects(MT_KIND_OPEN))
		return;
	buffer = scratch_take(MT_KIND_OPEN);
	if (!buffer)
		return;
	open_record(buffer, call, result);
	buffer->busy = 0;
}

SEC("tp_btf/sys_exit")
int open_exit(u64 *ctx)
{
	struct syscall call = {};

	syscall_read((struct pt_regs *)ctx[0], &call);
	/* the other table's numbers lead here as well */
	if (!syscall_is(&call, NATIVE_OPEN, COMPAT_OPEN) && !syscall_is(&call, NATIVE_OPENAT, COMPAT_OPENAT) &&
	    !syscall_is(&call, NATIVE_OPENAT2, COMPAT_OPENAT2) && !syscall_is(&call, NATIVE_CREAT, COMPAT_CREAT))
		return 0;
	hold_cpu();
	open_seen(&call, ctx[1]);
	release_cpu();
	return 0;
}
