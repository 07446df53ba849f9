// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that has just been started: execve and execveat, when nothing can fail any more.
 */
#include "lib/process.h"

char LICENSE[] SEC("license") = "GPL";

const volatile u32 args_limit = 16384;

DEFINE_SCRATCH(struct process_scratch)

#include "lib/environment.h"

static __noinline int exec_arguments(struct process_scratch *buffer, struct mm_struct *mm)
{
	struct mt_process *process = &buffer->record.process;
	u64 begin = BPF_CORE_READ(mm, arg_start);
	u64 length = BPF_CORE_READ(mm, arg_end) - begin;
	char *to = strings_end(buffer);

	if (length > args_limit) {
		process->marks |= MT_PROCESS_ARGS_TRUNCATED;
		length = args_limit;
	}
	/* the kernel has just written these pages */
	if (!to || length > ARGS_CAPACITY || bpf_probe_read_user(to, length, (void *)begin))
		process->marks |= MT_PROCESS_ARGS_UNREADABLE;
	else
		strings_take(buffer, &process->args, length, length);
	return 0;
}

static __always_inline void exec_record(struct process_scratch *buffer, struct task_struct *task, u32 old_tid,
					struct linux_binprm *bprm)
{
	struct mt_process *process = &buffer->record.process;
	struct mm_struct *mm = BPF_CORE_READ(task, mm);
	const char *filename = BPF_CORE_READ(bprm, filename);
	const char *interpreter = BPF_CORE_READ(bprm, interp);

	process_clear(buffer);
	record_begin(&process->header, MT_KIND_EXEC);
	process->old_tid = old_tid;
	process->argc = BPF_CORE_READ(bprm, argc);
	process->envc = BPF_CORE_READ(bprm, envc);
	process_describe(buffer, task, BPF_CORE_READ(bprm, file));
	process_string(buffer, &process->filename, filename);
	if (interpreter != filename) {
		process->marks |= MT_PROCESS_SCRIPT;
		process_string(buffer, &process->interpreter, interpreter);
	}
	process_environment(buffer, mm);
	exec_arguments(buffer, mm);
	if (buffer->used <= sizeof(buffer->record.strings))
		record_send(&process->header, MT_KIND_EXEC, sizeof(*process) + buffer->used, LANE_LIFE_CYCLE);
}

SEC("raw_tp/sched_process_exec")
int process_exec(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];
	struct process_scratch *buffer;

	if (bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	buffer = scratch_take(MT_KIND_EXEC);
	if (!buffer)
		return 0;
	exec_record(buffer, task, (u32)ctx->args[1], (void *)ctx->args[2]);
	buffer->busy = 0;
	return 0;
}
