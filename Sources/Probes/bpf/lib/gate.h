/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What nobody wants is not produced: of which executions, paths, addresses and ports no rule and no filter takes an event.
 *
 * User space judges each execution once, from all that it knows of it, and notes a verdict here. One that it has not
 * judged yet has all its events go through, but for those that its names alone, or its parent, tell that nobody wants.
 */
#ifndef MARTLET_GATE_H
#define MARTLET_GATE_H

#include "kernel.h"
#include "martlet_wire.h"
#include "versions.h"

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, struct mt_gate);
} gate SEC(".maps");

/* By the last bits of the tgid, because an array costs no call to look into: a newer process takes an older one's place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MT_VERDICTS);
	__type(key, u32);
	__type(value, struct mt_verdict);
} verdicts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mt_gate_name);
	__type(value, u32);
} gate_names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mt_gate_path);
	__type(value, u32);
} gate_paths SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, 16384);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct mt_gate_network);
	__type(value, u32);
} gate_networks SEC(".maps");

static __always_inline const struct mt_gate *gate_now(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&gate, &zero);
}

/*
 * What was noted of what a process runs; false: nothing, or of another process, of what it ran before, or by other rules.
 *
 * A verdict is written from its beginning to its end while it may be looked at. So its last fields come first here: where
 * they are right, the ones before are no older; and the first one, whose it is, comes last.
 */
static __always_inline bool verdict_of(struct task_struct *task, u32 generation, struct mt_verdict *copy)
{
	u32 slot = READ(task, tgid) & (MT_VERDICTS - 1);
	const volatile struct mt_verdict *verdict = bpf_map_lookup_elem(&verdicts, &slot);

	if (!verdict || verdict->execs != (u16)READ(task, self_exec_id) || verdict->generation != generation)
		return false;
	copy->unwanted = verdict->unwanted;
	copy->inherited = verdict->inherited;
	return verdict->start == READ(task, group_leader, start_boottime);
}

/* Whether nobody wants events of this kind from what current executes. */
static __always_inline bool gate_rejects(u32 kind)
{
	const struct mt_gate *now = gate_now();
	struct mt_verdict verdict;

	if (!now || !(now->by_process & 1u << kind))
		return false;
	return verdict_of(current_task(), now->generation, &verdict) && verdict.unwanted & 1u << kind;
}

#endif /* MARTLET_GATE_H */
