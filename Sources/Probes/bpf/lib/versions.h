/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every difference between kernels that the programs know of, each with its reason and when it can go.
 */
#ifndef MARTLET_VERSIONS_H
#define MARTLET_VERSIONS_H

#include "kernel.h"

/*
 * 6.15 put kernfs_node.parent behind RCU as __parent (633488947ef6 "kernfs: Use RCU to access kernfs_node::parent.").
 * The old name can go with the last supported kernel before it.
 */
struct kernfs_node___rcu {
	struct kernfs_node *__parent;
} __attribute__((preserve_access_index));

static __always_inline struct kernfs_node *kernfs_parent_of(struct kernfs_node *kn)
{
	struct kernfs_node___rcu *rcu = (void *)kn;

	if (bpf_core_field_exists(rcu->__parent))
		return BPF_CORE_READ(rcu, __parent);
	return BPF_CORE_READ(kn, parent);
}

/* A kernel without CONFIG_AUDIT has no loginuid. Stays: it is a matter of configuration. */
static __always_inline u32 loginuid_of(struct task_struct *task)
{
	if (!bpf_core_field_exists(task->loginuid))
		return (u32)-1;
	return BPF_CORE_READ(task, loginuid.val);
}

/*
 * 6.16 tells the tracepoint sched_process_exit whether the thread is the last one of its process. Before, it has to be
 * worked out; that can go with the last supported kernel before it.
 */
struct trace_event_raw_sched_process_exit {
	bool group_dead;
} __attribute__((preserve_access_index));

static __always_inline bool exit_tells_group_dead(void)
{
	return bpf_core_field_exists(struct trace_event_raw_sched_process_exit, group_dead);
}

/*
 * Before 6.13 an empty string of user space counted as nothing, not even its terminator. Can go with the last supported
 * kernel before it.
 */
static __always_inline long read_user_string(char *to, u32 size, const void *from)
{
	long length = bpf_probe_read_user_str(to, size, from);

	return length ? length : 1; /* the terminator is there */
}

#endif /* MARTLET_VERSIONS_H */
