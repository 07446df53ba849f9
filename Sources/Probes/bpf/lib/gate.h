/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nobody wants is not produced: processes of whose events of a kind no rule takes any.
 *
 * User space finds that out once for each execution, from all that it knows of it, and notes it here. Executions that
 * it has not judged yet, or for which there was no room, have all their events go through.
 */
#ifndef MARTLET_GATE_H
#define MARTLET_GATE_H

#include "kernel.h"
#include "martlet_wire.h"
#include "versions.h"

/* A bit for each kind that there is something to look up for; 0 costs a load. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} gated_kinds SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 16384);
	__type(key, u32);
	__type(value, struct mt_verdict);
} verdicts SEC(".maps");

/* Whether nobody wants events of this kind from what current executes. */
static __always_inline bool gate_rejects(u32 kind)
{
	u32 zero = 0, tgid = bpf_get_current_pid_tgid() >> 32;
	struct mt_verdict *verdict;
	struct task_struct *task;
	u32 *kinds = bpf_map_lookup_elem(&gated_kinds, &zero);

	if (!kinds || !(*kinds & 1u << kind))
		return false;
	verdict = bpf_map_lookup_elem(&verdicts, &tgid);
	if (!verdict || !(verdict->unwanted & 1u << kind))
		return false;
	/* the number's last owner, or what was executed before */
	task = current_task();
	return verdict->execs == (u16)READ(task, self_exec_id) &&
	       verdict->start == READ(task, group_leader, start_boottime);
}

#endif /* MARTLET_GATE_H */
