// SPDX-License-Identifier: GPL-2.0-only
/*
 * A process in a container has executed a program that is not the container's.
 */
#define TYPED CURRENT_IS_TYPED
#include "lib/breakout.h"

char LICENSE[] SEC("license") = "GPL";

/* As execve was given it; a path of /proc/PID/fd where it was given a descriptor alone. */
static __always_inline u32 executed_name(struct open_scratch *buffer, const char *name)
{
	struct mt_open *open = &buffer->record.open;
	long length = bpf_probe_read_kernel_str(buffer->record.strings, OPEN_NAME_CAPACITY, name);

	open->name.offset = 0;
	open->name.length = 0;
	if (length <= 0) {
		open->marks |= MT_OPEN_NAME_UNREADABLE;
		return 0;
	}
	open->name.offset = OPEN_STRINGS;
	open->name.length = length - 1;
	return length;
}

static __always_inline void executed(struct linux_binprm *bprm, struct file *file, u32 way, u32 mnt_ns,
				     const struct mnt_namespace *own)
{
	struct open_scratch *buffer = scratch_take(MT_KIND_BREAKOUT);
	struct mt_open *open;
	u32 used;

	if (!buffer)
		return;
	open = &buffer->record.open;
	if (in_container(buffer->slot) && !is_engine(own)) {
		record_begin(&open->header, MT_KIND_BREAKOUT, current_task());
		open->call = MT_EXECUTED;
		open->marks = 0;
		open->dfd = open->result = 0;
		open->flags = open->resolve = open->mode = 0;
		buffer->record.way = way;
		buffer->record.mnt_ns = mnt_ns;
		used = executed_name(buffer, READ(bprm, filename));
		used += open_path(buffer, used, file);
		breakout_send(buffer, used);
	}
	buffer->busy = 0;
}

SEC("tp_btf/sched_process_exec")
int breakout_exec(u64 *ctx)
{
	struct linux_binprm *bprm = (struct linux_binprm *)ctx[2];
	struct mnt_namespace *own = foreign_namespace();
	struct file *file;
	u32 way, mnt_ns;

	if (!own || bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	hold_cpu();
	file = READ(bprm, file);
	way = breakout_way(file, own, &mnt_ns);
	if (way)
		executed(bprm, file, way, mnt_ns, own);
	release_cpu();
	return 0;
}
