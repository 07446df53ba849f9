// SPDX-License-Identifier: GPL-2.0-only
/*
 * The system calls that policies watch: one program on the way in and one on the way out jump by number to the first
 * hook on a call, which jumps to the next one.
 */
#include "lib/kernel.h"
#include "lib/syscall.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, SYSCALLS_MAX);
	__type(key, u32);
	__type(value, u32);
} entered SEC(".maps"), returned SEC(".maps");

SEC("tp_btf/sys_enter")
int syscall_entered(u64 *ctx)
{
	bpf_tail_call(ctx, &entered, (u32)syscall_number((struct pt_regs *)ctx[0]));
	return 0;
}

SEC("tp_btf/sys_exit")
int syscall_returned(u64 *ctx)
{
	bpf_tail_call(ctx, &returned, (u32)syscall_number((struct pt_regs *)ctx[0]));
	return 0;
}
