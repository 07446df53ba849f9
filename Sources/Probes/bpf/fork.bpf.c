// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new process, before it runs for the first time. New threads are not processes.
 */
#include "lib/record.h"

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sched_process_fork")
int process_fork(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *caller = (void *)ctx->args[0];
	struct task_struct *child = (void *)ctx->args[1];
	/* not always the caller: CLONE_PARENT */
	struct task_struct *parent = BPF_CORE_READ(child, real_parent);
	struct mt_fork fork = {};

	fork.header.tgid = BPF_CORE_READ(child, tgid);
	fork.header.tid = BPF_CORE_READ(child, pid);
	if (fork.header.tgid != fork.header.tid || fork.header.tgid == own_tgid)
		return 0;
	fork.parent_tgid = BPF_CORE_READ(parent, tgid);
	if (bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	fork.header.kind = MT_KIND_FORK;
	fork.header.execs = BPF_CORE_READ(child, self_exec_id);
	fork.header.uid = BPF_CORE_READ(child, cred, euid.val);
	fork.header.start = BPF_CORE_READ(child, start_boottime);
	fork.header.cgroup = BPF_CORE_READ(child, cgroups, dfl_cgrp, kn, id);
	fork.caller_tgid = BPF_CORE_READ(caller, tgid);
	fork.caller_start = BPF_CORE_READ(caller, group_leader, start_boottime);
	fork.parent_start = BPF_CORE_READ(parent, group_leader, start_boottime);
	bpf_core_read(&fork.comm, sizeof(fork.comm), &child->comm);
	record_send(&fork.header, MT_KIND_FORK, sizeof(fork), LANE_LIFE_CYCLE);
	return 0;
}
