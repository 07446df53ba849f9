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

/* Arrays, because they cost no call to look into: who was judged last has the place. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MT_VERDICTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, u64);
} verdicts SEC(".maps");

/* The same of what fork makes copies of. */
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, MT_VERDICTS);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, u32);
	__type(value, u64);
} inherited SEC(".maps");

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

/* Changes while it is looked at. */
static __always_inline const volatile struct mt_gate *gate_now(void)
{
	u32 zero = 0;

	return bpf_map_lookup_elem(&gate, &zero);
}

/* The kinds that nobody wants of what a process runs, as noted in one of the arrays; of others' notes there is nothing. */
static __always_inline u32 verdict_of(void *notes, struct task_struct *task, u32 generation)
{
	u32 slot = READ(task, tgid) & (MT_VERDICTS - 1);
	const volatile u64 *place = bpf_map_lookup_elem(notes, &slot);
	u64 verdict = place ? *place : 0;

	/* most often there is nothing */
	if (!(u32)verdict)
		return 0;
	if (verdict != mt_verdict(READ(task, group_leader, start_boottime), READ(task, self_exec_id), generation, verdict))
		return 0;
	return verdict;
}

/* Whether nobody wants events of this kind from what current executes. */
static __always_inline bool gate_rejects(u32 kind)
{
	const volatile struct mt_gate *now = gate_now();

	if (!now || !(now->by_process & 1u << kind))
		return false;
	return verdict_of(&verdicts, current_task(), now->generation) & 1u << kind;
}

#endif /* MARTLET_GATE_H */
