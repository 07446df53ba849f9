/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a process had when it was executed: what conditions on changes compare with.
 */
#ifndef MARTLET_BASELINE_H
#define MARTLET_BASELINE_H

#include "kernel.h"
#include "martlet_hook.h"

#define BASELINE_NAMESPACES 10 /* enum mt_namespace_kind */
#define BASELINE_SETS 3 /* effective, permitted, inheritable */

struct baseline {
	u64 start; /* of the process: its number may be another one's by now */
	u64 namespaces[BASELINE_NAMESPACES];
	u64 capabilities[BASELINE_SETS];
};

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 32768);
	__type(key, u32);
	__type(value, struct baseline);
} baselines SEC(".maps");

static __always_inline u64 namespace_of(struct task_struct *task, u32 kind)
{
	struct nsproxy *proxy = BPF_CORE_READ(task, nsproxy);
	struct pid *pid;
	struct upid upid = {};
	u32 level;

	switch (kind) {
	case MT_NS_UTS:
		return BPF_CORE_READ(proxy, uts_ns, ns.inum);
	case MT_NS_IPC:
		return BPF_CORE_READ(proxy, ipc_ns, ns.inum);
	case MT_NS_MNT:
		return BPF_CORE_READ(proxy, mnt_ns, ns.inum);
	case MT_NS_PID:
		pid = BPF_CORE_READ(task, thread_pid);
		level = BPF_CORE_READ(pid, level);
		bpf_core_read(&upid, sizeof(upid),
			      (void *)&pid->numbers + level * bpf_core_type_size(struct upid));
		return BPF_CORE_READ(upid.ns, ns.inum);
	case MT_NS_PID_FOR_CHILDREN:
		return BPF_CORE_READ(proxy, pid_ns_for_children, ns.inum);
	case MT_NS_NET:
		return BPF_CORE_READ(proxy, net_ns, ns.inum);
	case MT_NS_TIME:
		return bpf_core_field_exists(proxy->time_ns) ? BPF_CORE_READ(proxy, time_ns, ns.inum) : 0;
	case MT_NS_TIME_FOR_CHILDREN:
		return bpf_core_field_exists(proxy->time_ns) ? BPF_CORE_READ(proxy, time_ns_for_children, ns.inum)
							      : 0;
	case MT_NS_CGROUP:
		return BPF_CORE_READ(proxy, cgroup_ns, ns.inum);
	default:
		return BPF_CORE_READ(task, cred, user_ns, ns.inum);
	}
}

/* One of its sets, in the order of MT_SOURCE_EFFECTIVE and those behind it. */
static __always_inline u64 capabilities_of(struct task_struct *task, u32 set)
{
	struct cred *cred = BPF_CORE_READ(task, cred);
	u64 value = 0;

	if (set == 0)
		bpf_core_read(&value, sizeof(value), &cred->cap_effective);
	else if (set == 1)
		bpf_core_read(&value, sizeof(value), &cred->cap_permitted);
	else
		bpf_core_read(&value, sizeof(value), &cred->cap_inheritable);
	return value;
}

static __always_inline void baseline_read(struct task_struct *task, struct baseline *to)
{
	to->start = BPF_CORE_READ(task, group_leader, start_boottime);
	for (u32 kind = 0; kind < BASELINE_NAMESPACES; kind++)
		to->namespaces[kind] = namespace_of(task, kind);
	for (u32 set = 0; set < BASELINE_SETS; set++)
		to->capabilities[set] = capabilities_of(task, set);
}

#endif /* MARTLET_BASELINE_H */
