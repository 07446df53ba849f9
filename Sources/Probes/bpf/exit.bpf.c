// SPDX-License-Identifier: GPL-2.0-only
/*
 * The end of a process: its last thread's.
 */
#include "lib/record.h"

char LICENSE[] SEC("license") = "GPL";

struct process_key {
	u32 tgid;
	u32 pad;
	u64 start;
};

/*
 * Two threads that exit at once may both find no thread alive, and the first may be gone altogether when the second
 * looks. The entry of the first is looked for within microseconds and never again, so the oldest may go.
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

	return bpf_map_update_elem(&exited, &key, &yes, BPF_NOEXIST) == -EEXIST;
}

/* As wait(2) will report it, from wherever the kernel takes that. */
static __always_inline s32 wait_status(struct task_struct *task)
{
	struct signal_struct *signal = BPF_CORE_READ(task, signal);

	if (BPF_CORE_READ(signal, flags) & SIGNAL_GROUP_EXIT)
		return BPF_CORE_READ(signal, group_exit_code);
	return BPF_CORE_READ(task, group_leader, exit_code);
}

SEC("raw_tp/sched_process_exit")
int process_exit(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];
	struct task_struct *leader = BPF_CORE_READ(task, group_leader);
	struct mt_exit exit = {};

	if (BPF_CORE_READ(task, signal, live.counter) || bpf_get_current_pid_tgid() >> 32 == own_tgid)
		return 0;
	record_begin(&exit.header, MT_KIND_EXIT);
	if (seen_before(&exit.header))
		return 0;
	exit.status = wait_status(task);
	bpf_core_read(&exit.comm, sizeof(exit.comm), &leader->comm);
	record_send(&exit.header, MT_KIND_EXIT, sizeof(exit), LANE_LIFE_CYCLE);
	return 0;
}
