// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps what each process had when it was executed, as long as a policy asks for changes.
 */
#include "lib/baseline.h"

char LICENSE[] SEC("license") = "GPL";

static __noinline int baseline_keep(struct task_struct *task, u64 flags)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	struct baseline now = {};

	baseline_read(task, &now);
	bpf_map_update_elem(&baselines, &tgid, &now, flags);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int baseline_exec(u64 *ctx)
{
	baseline_keep((struct task_struct *)ctx[0], BPF_ANY);
	return 0;
}

/* A child that executes nothing is compared with what its parent was executed with. */
SEC("tp_btf/sched_process_fork")
int baseline_fork(u64 *ctx)
{
	struct task_struct *caller = (struct task_struct *)ctx[0], *child = (struct task_struct *)ctx[1];
	u32 from = BPF_CORE_READ(caller, tgid), to = BPF_CORE_READ(child, tgid);
	struct baseline *known, copy;

	if (to != (u32)BPF_CORE_READ(child, pid))
		return 0;
	known = bpf_map_lookup_elem(&baselines, &from);
	if (!known)
		return 0;
	copy = *known;
	copy.start = BPF_CORE_READ(child, start_boottime);
	bpf_map_update_elem(&baselines, &to, &copy, BPF_ANY);
	return 0;
}

/* Its last thread ends. */
SEC("tp_btf/sched_process_exit")
int baseline_exit(u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];
	u32 tgid = BPF_CORE_READ(task, tgid);

	if (!BPF_CORE_READ(task, signal, live.counter))
		bpf_map_delete_elem(&baselines, &tgid);
	return 0;
}

/* Processes that ran before: what they have now is all that is known. */
SEC("iter/task")
int baseline_snapshot(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (task && (u32)BPF_CORE_READ(task, pid) == (u32)BPF_CORE_READ(task, tgid))
		baseline_keep(task, BPF_NOEXIST);
	return 0;
}
