// SPDX-License-Identifier: GPL-2.0-only
/*
 * A new process, before it runs for the first time. New threads are not processes.
 */
#include "lib/gate_start.h"
#include "lib/record.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

/* The child goes on with what its caller runs, under another number. */
static __always_inline void fork_judge(const struct mt_header *child, struct task_struct *caller)
{
	const volatile struct mt_gate *now = gate_now();
	u32 generation, unwanted;

	if (!now || !now->by_process)
		return;
	generation = now->generation;
	unwanted = verdict_of(&inherited, caller, generation);
	if (unwanted)
		gate_note(child, generation, unwanted & ~gate_name_kinds(MT_GATE_PID, &child->tgid, sizeof(u32)),
			  unwanted);
}

static __always_inline void fork_record(struct task_struct *caller, struct task_struct *child)
{
	/* not always the caller: CLONE_PARENT */
	struct task_struct *parent = READ(child, real_parent);
	struct mt_fork fork = {};

	fork.header.tgid = READ(child, tgid);
	fork.header.tid = READ(child, pid);
	if (fork.header.tgid != fork.header.tid || fork.header.tgid == own_tgid)
		return;
	fork.parent_tgid = READ(parent, tgid);
	fork.caller_tgid = READ(caller, tgid);
	if (fork.caller_tgid == own_tgid)
		return;
	fork.header.kind = MT_KIND_FORK;
	fork.header.execs = READ(child, self_exec_id);
	fork.header.uid = euid_of(child);
	fork.header.start = READ(child, start_boottime);
	fork.header.cgroup = READ(child, cgroups, dfl_cgrp, kn, id);
	fork.caller_start = READ(caller, group_leader, start_boottime);
	fork.parent_start = READ(parent, group_leader, start_boottime);
	fork_judge(&fork.header, caller);
	bpf_core_read(&fork.comm, sizeof(fork.comm), &child->comm);
	record_send(&fork.header, MT_KIND_FORK, sizeof(fork), LANE_LIFE_CYCLE);
}

SEC("tp_btf/sched_process_fork")
int process_fork(u64 *ctx)
{
	hold_cpu();
	fork_record((struct task_struct *)ctx[0], (struct task_struct *)ctx[1]);
	release_cpu();
	return 0;
}
