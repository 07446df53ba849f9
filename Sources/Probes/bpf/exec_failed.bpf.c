// SPDX-License-Identifier: GPL-2.0-only
/*
 * execve and execveat that failed, so that the caller's memory still holds what it asked for.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/gate.h"
#include "lib/record.h"
#include "lib/syscall.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

const volatile u32 args_limit = 16384;

#define NAME_CAPACITY 4097
#define ARG_CAPACITY 4096
#define ARGS_MAX 256
#define ARGS_CAPACITY 65536

struct exec_failed_scratch {
	u32 busy;
	u32 slot;
	u32 used;
	u32 pad;
	u64 pointers;
	u64 pointer_size;
	struct {
		struct mt_exec_failed failed;
		char strings[NAME_CAPACITY + ARGS_CAPACITY + ARG_CAPACITY];
	} record;
};

DEFINE_SCRATCH(struct exec_failed_scratch)

/* One argument; 1 behind the last one. */
static __noinline int argument_step(struct exec_failed_scratch *buffer)
{
	struct mt_exec_failed *failed = &buffer->record.failed;
	u64 pointer = 0;
	u32 used = buffer->used;
	long length;

	if (bpf_probe_read_user(&pointer, buffer->pointer_size == 4 ? 4 : 8, (void *)buffer->pointers)) {
		failed->marks |= MT_PROCESS_ARGS_UNREADABLE;
		return 1;
	}
	if (!pointer)
		return 1;
	buffer->pointers += buffer->pointer_size;
	failed->argc++;
	if (used >= NAME_CAPACITY + ARGS_CAPACITY || used - failed->filename.length > args_limit) {
		failed->marks |= MT_PROCESS_ARGS_TRUNCATED;
		return 0;
	}
	length = read_user_string(&buffer->record.strings[used], ARG_CAPACITY, (void *)pointer);
	if (length <= 0) {
		failed->marks |= MT_PROCESS_ARGS_UNREADABLE;
		return 0;
	}
	if (length == ARG_CAPACITY)
		failed->marks |= MT_PROCESS_ARGS_TRUNCATED;
	buffer->used = used + length;
	return 0;
}

static __always_inline void failed_record(struct exec_failed_scratch *buffer, const struct syscall *call, int result)
{
	struct mt_exec_failed *failed = &buffer->record.failed;
	bool at = syscall_is(call, NATIVE_EXECVEAT, COMPAT_EXECVEAT);
	long length;
	u32 begin;

	__builtin_memset(failed, 0, sizeof(*failed));
	record_begin(&failed->header, MT_KIND_EXEC_FAILED, current_task());
	failed->result = result;
	failed->dfd = at ? call->args[0] : -100;
	failed->flags = at ? call->args[4] : 0;

	length = read_user_string(buffer->record.strings, NAME_CAPACITY, (void *)(at ? call->args[1] : call->args[0]));
	if (length > 0) {
		failed->filename.offset = sizeof(*failed);
		failed->filename.length = length - 1;
		if (length == NAME_CAPACITY)
			failed->marks |= MT_OPEN_NAME_TRUNCATED << 16;
	} else {
		failed->marks |= MT_OPEN_NAME_UNREADABLE << 16;
		length = 0;
	}
	buffer->used = begin = length;
	buffer->pointers = at ? call->args[2] : call->args[1];
	buffer->pointer_size = call->compat ? 4 : 8;
	if (buffer->pointers && !REPEAT(ARGS_MAX, argument_step(buffer)))
		failed->marks |= MT_PROCESS_ARGS_TRUNCATED;
	failed->args.offset = sizeof(*failed) + begin;
	failed->args.length = buffer->used - begin;
	if (buffer->used <= sizeof(buffer->record.strings))
		record_send(&failed->header, MT_KIND_EXEC_FAILED, sizeof(*failed) + buffer->used,
			    pool_lane(failed->header.tgid));
}

SEC("tp_btf/sys_exit")
int exec_exit(u64 *ctx)
{
	struct exec_failed_scratch *buffer;
	struct syscall call = {};
	int result = ctx[1];

	if (result >= 0 || bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	syscall_read((struct pt_regs *)ctx[0], &call);
	/* the other table's numbers lead here as well */
	if (!syscall_is(&call, NATIVE_EXECVE, COMPAT_EXECVE) && !syscall_is(&call, NATIVE_EXECVEAT, COMPAT_EXECVEAT))
		return 0;
	if (gate_rejects(MT_KIND_EXEC_FAILED))
		return 0;
	hold_cpu();
	buffer = scratch_take(MT_KIND_EXEC_FAILED);
	if (buffer) {
		failed_record(buffer, &call, result);
		buffer->busy = 0;
	}
	release_cpu();
	return 0;
}
