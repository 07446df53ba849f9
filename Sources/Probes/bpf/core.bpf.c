// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the other objects share: the lanes, the counters, and the one program on the return of every system call,
 * which costs those that nobody watches a load and a failed jump.
 */
#include "lib/gate.h"
#include "lib/record.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, u32);
	__type(value, u32);
} syscalls SEC(".maps");

SEC("tp_btf/sys_exit")
int syscall_exit(u64 *ctx)
{
	bpf_tail_call(ctx, &syscalls, (u32)syscall_number((struct pt_regs *)ctx[0]));
	return 0;
}

/* Run by the agent itself: its own tgid as the kernel counts, whatever pid namespace it lives in. */
SEC("raw_tp")
int identify(void *ctx)
{
	return bpf_get_current_pid_tgid() >> 32;
}
