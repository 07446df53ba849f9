// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process in a container has opened a file that is not the container's.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/breakout.h"
#include "lib/gate.h"

char LICENSE[] SEC("license") = "GPL";

/* Who sees the same calls, if anyone does. */
struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} next SEC(".maps");

static __always_inline void opened(const struct syscall *call, int fd, struct file *file, u32 way, u32 mnt_ns,
				   const struct mnt_namespace *own)
{
	struct open_scratch *buffer = scratch_take(MT_KIND_BREAKOUT);
	const char *name;
	u32 used;

	if (!buffer)
		return;
	if (in_container(buffer->slot) && !is_engine(own)) {
		record_begin(&buffer->record.open.header, MT_KIND_BREAKOUT, current_task());
		open_arguments(&buffer->record.open, call, &name);
		buffer->record.open.result = fd;
		buffer->record.way = way;
		buffer->record.mnt_ns = mnt_ns;
		used = open_name(buffer, name);
		used += open_path(buffer, used, file);
		breakout_send(buffer, used);
	}
	buffer->busy = 0;
}

static __always_inline void breakout_seen(const struct syscall *call, int fd)
{
	struct mnt_namespace *own = foreign_namespace();
	struct file *file;
	u32 way, mnt_ns;

	if (!own || bpf_get_current_pid_tgid() >> 32 == own_tgid || gate_rejects(MT_KIND_BREAKOUT))
		return;
	file = file_of(fd);
	if (!file)
		return;
	way = breakout_way(file, own, &mnt_ns);
	if (way)
		opened(call, fd, file, way, mnt_ns, own);
}

SEC("tp_btf/sys_exit")
int breakout_exit(u64 *ctx)
{
	struct syscall call = {};
	int fd = ctx[1];

	syscall_read((struct pt_regs *)ctx[0], &call);
	if (fd >= 0 && is_open(&call)) {
		hold_cpu();
		breakout_seen(&call, fd);
		release_cpu();
	}
	bpf_tail_call(ctx, &next, 0);
	return 0;
}
