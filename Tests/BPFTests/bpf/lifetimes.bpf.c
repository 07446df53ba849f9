// SPDX-License-Identifier: GPL-2.0-only
/* Two programs that are attached by their sections, and a ring that belongs to the object. */
#include "prelude.h"

char LICENSE[] SEC("license") = "GPL";

struct change {
	__u32 ends;
	char command[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} changes SEC(".maps");

static int tell(__u32 ends)
{
	struct change change = { .ends = ends };

	bpf_get_current_comm(change.command, sizeof(change.command));
	bpf_ringbuf_output(&changes, &change, sizeof(change), 0);
	return 0;
}

SEC("raw_tp/sched_process_exec")
int begins(void *ctx)
{
	return tell(0);
}

SEC("raw_tp/sched_process_exit")
int ends(void *ctx)
{
	return tell(1);
}
