// SPDX-License-Identifier: GPL-2.0-only
/*
 * open, openat, openat2 and creat, when they return.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/gate_path.h"
#include "lib/open.h"

char LICENSE[] SEC("license") = "GPL";

/* Off: only the path as the caller gave it, for half the cost. */
const volatile bool resolve_paths = true;
/* A process that opens files on the agent's behalf; 0: none. */
const volatile u32 own_looker = 0;

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

static __always_inline u32 open_result(struct open_scratch *buffer, u32 used)
{
	struct file *file = file_of(buffer->record.open.result);

	/* closed or replaced by another thread since the call installed it */
	if (!file) {
		buffer->record.open.path.marks = MT_MARK_UNRESOLVED;
		return 0;
	}
	return open_path(buffer, used, file);
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
		used += open_result(buffer, used);
	if (gate_rejects_path(MT_KIND_OPEN, open, &open->path))
		return;
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
	if ((result < 0 || !resolve_paths) && gate_rejects_pathless(MT_KIND_OPEN))
		return;
	/* what looks for shells on the agent's behalf */
	if (own_looker && bpf_get_current_pid_tgid() >> 32 == own_looker)
		return;
	/* another agent's */
	if ((u32)call->args[0] == MT_HEARTBEAT_DFD && syscall_is(call, NATIVE_OPENAT, COMPAT_OPENAT))
		return;
	buffer = scratch_take(MT_KIND_OPEN);
	if (!buffer)
		return;
	open_record(buffer, call, result);
	buffer->busy = 0;
}

static __always_inline void open_returned(u64 *ctx)
{
	struct syscall call = {};

	syscall_read((struct pt_regs *)ctx[0], &call);
	if (is_open(&call))
		open_seen(&call, ctx[1]);
}

SEC("tp_btf/sys_exit")
int open_exit(u64 *ctx)
{
	hold_cpu();
	/* first of all, so that what nobody wants costs as little as can be */
	if (!gate_rejects(MT_KIND_OPEN))
		open_returned(ctx);
	release_cpu();
	return 0;
}
