// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a process: its last thread's.
 */
#include "lib/record.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

struct process_key {
	u32 tgid;
	u32 pad;
	u64 start;
};

/*
 * Where the kernel does not say whose exit ends the process, several threads that exit at once may find none alive;
 * one of them may even be gone for good when the next one looks. The entry of the first one is looked for within
 * microseconds and never again, so the oldest may go.
 */
struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 8192);
	__type(key, struct process_key);
	__type(value, u8);
} exited SEC(".maps");

static __always_inline bool seen_before(const struct mt_header *header)
{
	struct process_key key = { .tgid = header->tgid, .start = header->start };
	u8 yes = 1;

	/* before 6.4 the upper half of the result is whatever the register held */
	return (s32)bpf_map_update_elem(&exited, &key, &yes, BPF_NOEXIST) == -EEXIST;
}

/* As wait(2) will report it, from wherever the kernel takes that. */
static __always_inline s32 wait_status(struct signal_struct *signal, struct task_struct *leader)
{
	if (READ(signal, flags) & SIGNAL_GROUP_EXIT)
		return READ(signal, group_exit_code);
	return READ(leader, exit_code);
}

/*
 * Whether the leader's exit code, which the whole process ends with, is not there yet. Then its own exit is still to
 * come here, and will tell. It drops its memory right after it sets the code.
 */
static __always_inline bool leader_will_tell(struct signal_struct *signal, struct task_struct *task,
					     struct task_struct *leader)
{
	return task != leader && !(READ(signal, flags) & SIGNAL_GROUP_EXIT) && READ(leader, mm);
}

static __always_inline void exit_record(struct task_struct *task)
{
	struct task_struct *leader = READ(task, group_leader);
	struct signal_struct *signal = READ(task, signal);
	struct mt_exit exit = {};

	record_begin(&exit.header, MT_KIND_EXIT, task);
	if (exit.header.tgid == own_tgid)
		return;
	if (!exit_tells_group_dead() && (leader_will_tell(signal, task, leader) || seen_before(&exit.header)))
		return;
	exit.status = wait_status(signal, leader);
	bpf_core_read(&exit.comm, sizeof(exit.comm), &leader->comm);
	record_send(&exit.header, MT_KIND_EXIT, sizeof(exit), LANE_LIFE_CYCLE);
}

SEC("tp_btf/sched_process_exit")
int process_exit(u64 *ctx)
{
	struct task_struct *task = (struct task_struct *)ctx[0];

	if (exit_tells_group_dead() ? !(u8)ctx[1] : READ(task, signal, live.counter))
		return 0;
	hold_cpu();
	exit_record(task);
	release_cpu();
	return 0;
}
