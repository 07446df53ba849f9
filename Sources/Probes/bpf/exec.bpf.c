// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that has just been started: execve and execveat, when nothing can fail any more.
 */
#include "lib/gate_start.h"
#include "lib/process.h"

char LICENSE[] SEC("license") = "GPL";

const volatile u32 args_limit = 16384;

DEFINE_SCRATCH(struct process_scratch)

#include "lib/environment.h"

static __noinline int exec_arguments(struct process_scratch *buffer, struct mm_struct *mm)
{
	struct mt_process *process = &buffer->record.process;
	u64 begin = READ(mm, arg_start);
	u64 length = READ(mm, arg_end) - begin;
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

/* The kinds that are wanted of a binary; one without a place among the others may be named anyhow. */
static __always_inline u32 exec_binary_kinds(const struct mt_process *process)
{
	const struct mt_path *binary = &process->binary;

	if (!binary->text.offset || binary->marks & MT_MARK_PSEUDO)
		return ~0u;
	return gate_name_kinds(MT_GATE_BINARY, (void *)process + binary->text.offset, binary->text.length);
}

/* What nobody wants of it by its names, which a child goes on with, and by its number. */
static __always_inline void exec_judge(const struct mt_process *process)
{
	const volatile struct mt_gate *now = gate_now();
	char comm[sizeof(process->comm)] = {};
	u32 generation, unwanted;
	long length;

	if (!now)
		return;
	/* first, so that what is looked up in tables that change is of no account afterwards */
	generation = now->generation;
	unwanted = now->by_start;
	if (!unwanted)
		return;
	unwanted &= ~exec_binary_kinds(process);
	/* whatever lies behind its end */
	length = bpf_probe_read_kernel_str(comm, sizeof(comm), process->comm);
	unwanted &= ~gate_name_kinds(MT_GATE_COMM, comm, length > 0 ? length : 0);
	unwanted &= ~gate_name_kinds(MT_GATE_UID, &process->credentials.euid, sizeof(u32));
	gate_note(&process->header, generation,
		  unwanted & ~gate_name_kinds(MT_GATE_PID, &process->header.tgid, sizeof(u32)), unwanted);
}

static __always_inline void exec_record(struct process_scratch *buffer, struct task_struct *task, u32 old_tid,
					struct linux_binprm *bprm)
{
	struct mt_process *process = &buffer->record.process;
	struct mm_struct *mm = READ(task, mm);
	const char *filename = READ(bprm, filename);
	const char *interpreter = READ(bprm, interp);

	process_clear(buffer);
	record_begin(&process->header, MT_KIND_EXEC, task);
	process->old_tid = old_tid;
	process->argc = READ(bprm, argc);
	process->envc = READ(bprm, envc);
	process_describe(buffer, task, READ(bprm, file));
	exec_judge(process);
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

SEC("tp_btf/sched_process_exec")
int process_exec(u64 *ctx)
{
	struct process_scratch *buffer;

	if (bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	hold_cpu();
	buffer = scratch_take(MT_KIND_EXEC);
	if (buffer) {
		exec_record(buffer, (struct task_struct *)ctx[0], (u32)ctx[1], (struct linux_binprm *)ctx[2]);
		buffer->busy = 0;
	}
	release_cpu();
	return 0;
}
