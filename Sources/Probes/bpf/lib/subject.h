/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What conditions on the process look at: its numbers, namespaces, capabilities, and the program that it runs.
 */
#ifndef MARTLET_SUBJECT_H
#define MARTLET_SUBJECT_H

#include "baseline.h"
#include "call.h"

/* How far up conditions on ancestors look. */
#define ANCESTORS 16

#define BINARY_CACHED 488

/* The program of a process, until it executes another one. */
struct binary_entry {
	u64 start;
	u32 execs;
	u32 length;
	char text[BINARY_CACHED];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 4096);
	__type(key, u32);
	__type(value, struct binary_entry);
} binaries SEC(".maps");

/* Walks to a task's program and leaves the path in the call. */
static __noinline int binary_walk(struct call_scratch *call, struct task_struct *task)
{
	struct file *file = (void *)BPF_CORE_READ(task, mm, exe_file);
	struct mt_path found = {};
	struct path_walk *walk;
	struct path path;

	call->binary_length = 0;
	if (!file)
		return 0;
	path = BPF_CORE_READ(file, f_path);
	walk = path_walk(call->slot, &path, BPF_CORE_READ(file, f_inode), &found);
	if (walk)
		call->binary_length = path_copy(walk, call->binary);
	return 0;
}

/* The path of the program that a task's process runs; from a cache, as long as it runs it. */
static __noinline int binary_of(struct call_scratch *call, struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid), execs = BPF_CORE_READ(task, self_exec_id), length;
	u64 start = BPF_CORE_READ(task, group_leader, start_boottime);
	struct binary_entry *entry = bpf_map_lookup_elem(&binaries, &tgid);

	if (entry && entry->start == start && entry->execs == execs) {
		length = entry->length;
		if (length <= BINARY_CACHED && !bpf_probe_read_kernel(call->binary, length, entry->text)) {
			call->binary_length = length;
			return 0;
		}
	}
	binary_walk(call, task);
	length = call->binary_length;
	if (!length || length > BINARY_CACHED)
		return 0;
	/* the key's buffer is free between two lookups, and large enough */
	entry = (void *)&call->key;
	entry->start = start;
	entry->execs = execs;
	entry->length = length;
	bpf_probe_read_kernel(entry->text, BINARY_CACHED, call->binary);
	bpf_map_update_elem(&binaries, &tgid, entry, BPF_ANY);
	return 0;
}

static __always_inline u64 namespaced_tgid(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, group_leader, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	struct upid upid = {};

	bpf_core_read(&upid, sizeof(upid), (void *)&pid->numbers + level * bpf_core_type_size(struct upid));
	return (u32)upid.nr;
}

/* What the process was executed with; NULL when that is not known. */
static __always_inline struct baseline *baseline_of(struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	struct baseline *known = bpf_map_lookup_elem(&baselines, &tgid);

	return known && known->start == BPF_CORE_READ(task, group_leader, start_boottime) ? known : NULL;
}

/* A bit for each kind of namespace that is another one now. */
static __noinline u64 changed_namespaces(struct call_scratch *call, struct task_struct *task)
{
	struct baseline *before = baseline_of(task);

	/* kept in the call, so that what was found in earlier rounds makes no states for the verifier */
	call->changed = 0;
	if (!before)
		return 0;
	for (u32 kind = 0; kind < BASELINE_NAMESPACES; kind++) {
		u64 now = namespace_of(task, kind);

		if (now && now != before->namespaces[kind])
			call->changed |= 1ULL << kind;
	}
	return call->changed;
}

static __noinline u64 changed_capabilities(struct task_struct *task, u32 set)
{
	struct baseline *before = baseline_of(task);

	if (!before || set >= BASELINE_SETS)
		return 0;
	return before->capabilities[set] ^ capabilities_of(task, set);
}

/* A number that a condition on the process looks at. */
static __always_inline u64 subject_number(struct call_scratch *call, u32 source, struct task_struct *task)
{
	struct cred *cred = BPF_CORE_READ(task, cred);
	struct user_namespace___owner *user;

	switch (source) {
	case MT_SOURCE_PROCESS:
		return bpf_get_current_pid_tgid() >> 32;
	case MT_SOURCE_NS_PROCESS:
		return namespaced_tgid(task);
	case MT_SOURCE_EFFECTIVE:
	case MT_SOURCE_PERMITTED:
	case MT_SOURCE_INHERITABLE:
		return capabilities_of(task, source - MT_SOURCE_EFFECTIVE);
	case MT_SOURCE_CHANGED_NAMESPACES:
		return changed_namespaces(call, task);
	case MT_SOURCE_CHANGED_EFFECTIVE:
	case MT_SOURCE_CHANGED_PERMITTED:
	case MT_SOURCE_CHANGED_INHERITABLE:
		return changed_capabilities(task, source - MT_SOURCE_CHANGED_EFFECTIVE);
	case MT_SOURCE_IN_HOST_USER_NS:
		user = (void *)BPF_CORE_READ(cred, user_ns);
		return !BPF_CORE_READ(user, level);
	default:
		return namespace_of(task, source - MT_SOURCE_NAMESPACE);
	}
}

#endif /* MARTLET_SUBJECT_H */
