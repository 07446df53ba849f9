// SPDX-License-Identifier: GPL-2.0-only
/*
 * The processes that already run when the agent starts, one record each, read from an iterator's descriptor.
 */
#include "lib/process.h"

char LICENSE[] SEC("license") = "GPL";

/* An iterator's buffer holds 32 KiB, and a record must fit in it whole. */
#define SNAPSHOT_ARGS 8192

/* One reader, one buffer: nothing else uses this one. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct process_scratch);
} scratch SEC(".maps");

/* Only a program that may sleep can reach the memory of another process. */
static __always_inline void snapshot_arguments(struct process_scratch *buffer, struct task_struct *task)
{
	struct mt_process *process = &buffer->record.process;
	struct mm_struct *mm = READ(task, mm);
	u64 begin = READ(mm, arg_start);
	u64 length = READ(mm, arg_end) - begin;
	char *to = strings_end(buffer);

	if (!mm || !to)
		return;
	if (length > SNAPSHOT_ARGS) {
		process->marks |= MT_PROCESS_ARGS_TRUNCATED;
		length = SNAPSHOT_ARGS;
	}
	if (bpf_copy_from_user_task(to, length, (void *)begin, task, 0))
		process->marks |= MT_PROCESS_ARGS_UNREADABLE;
	else
		strings_take(buffer, &process->args, length, length);
}

static __always_inline struct process_scratch *snapshot_describe(struct task_struct *task)
{
	struct process_scratch *buffer;
	struct mt_header *header;
	struct mm_struct *mm = READ(task, mm);
	u32 tgid = READ(task, tgid);
	u32 first = 0;

	if ((u32)READ(task, pid) != tgid || tgid == own_tgid)
		return NULL;
	buffer = bpf_map_lookup_elem(&scratch, &first);
	if (!buffer)
		return NULL;
	process_clear(buffer);
	header = &buffer->record.process.header;
	header->kind = MT_KIND_SNAPSHOT;
	header->execs = READ(task, self_exec_id);
	header->uid = euid_of(task);
	header->tgid = header->tid = tgid;
	header->start = READ(task, start_boottime);
	header->cgroup = READ(task, cgroups, dfl_cgrp, kn, id);
	header->time = bpf_ktime_get_boot_ns();
	process_describe(buffer, task, mm ? READ(mm, exe_file) : NULL);
	return buffer;
}

static __always_inline void snapshot_write(struct process_scratch *buffer, struct seq_file *seq)
{
	struct mt_process *process = &buffer->record.process;
	u32 length = sizeof(*process) + buffer->used;

	if (length > sizeof(buffer->record))
		return;
	process->header.length = length;
	bpf_seq_write(seq, &buffer->record, length);
}

/* 5.18 and later */
SEC("iter.s/task")
int snapshot_sleepable(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct process_scratch *buffer;

	if (!task)
		return 0;
	buffer = snapshot_describe(task);
	if (!buffer)
		return 0;
	snapshot_arguments(buffer, task);
	snapshot_write(buffer, ctx->meta->seq);
	return 0;
}

SEC("iter/task")
int snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	struct process_scratch *buffer;

	if (!task)
		return 0;
	buffer = snapshot_describe(task);
	if (buffer)
		snapshot_write(buffer, ctx->meta->seq);
	return 0;
}
