/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The control group that a process is known by.
 */
#ifndef MARTLET_CGROUP_H
#define MARTLET_CGROUP_H

#include "kernel.h"
#include "versions.h"

#define CGROUP_DEPTH 16

/* Each hierarchy numbers its groups from one: as in ControlGroups.swift. */
#define HIERARCHY_UNIFIED 0
#define HIERARCHY_MEMORY 1
#define HIERARCHY_PIDS 2

/*
 * The v2 control group; where the process is in the root of that hierarchy, as on a hybrid machine, the one that
 * holds its memory, or the one that counts its tasks.
 */
static __always_inline struct kernfs_node *cgroup_node(struct task_struct *task, u32 *hierarchy)
{
	struct css_set *set = READ(task, cgroups);
	struct cgroup *group = READ(set, dfl_cgrp);
	struct cgroup_subsys_state *state = NULL;

	*hierarchy = HIERARCHY_UNIFIED;
	if (READ(group, level))
		return READ(group, kn);
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, memory_cgrp_id)) {
		bpf_core_read(&state, sizeof(state),
			      &set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, memory_cgrp_id)]);
		if (state && BPF_CORE_READ(state, cgroup, level)) {
			*hierarchy = HIERARCHY_MEMORY;
			return BPF_CORE_READ(state, cgroup, kn);
		}
	}
	if (bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id)) {
		bpf_core_read(&state, sizeof(state),
			      &set->subsys[bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id)]);
		if (state) {
			*hierarchy = HIERARCHY_PIDS;
			return BPF_CORE_READ(state, cgroup, kn);
		}
	}
	return READ(group, kn);
}

/* A group, by its hierarchy and its number there. */
static __always_inline u64 group_key(struct kernfs_node *node, u32 hierarchy)
{
	return BPF_CORE_READ(node, id) ^ (u64)hierarchy << 62;
}

#endif /* MARTLET_CGROUP_H */
