// SPDX-License-Identifier: GPL-2.0-only
/*
 * One small program for each kind of hook that some kernels have and others lack: loaded one at a time, attached, made
 * to run, and let go. What they watch is getpgid() of a process, a call that nothing waits for.
 */
#include "lib/kernel.h"
#include "lib/versions.h"

char LICENSE[] SEC("license") = "GPL";

/* how often the program ran, and did what it was to do */
u64 fired = 0;
/* how often it ran and got no storage */
u64 refused = 0;

static __always_inline int fire(void)
{
	/* not atomic: 5.10 has no such instruction for all of clang's forms, and more than none is all that counts */
	fired++;
	return 0;
}

/* UAPI, of maps that no other program has */
#define MAP_TYPE_SK_STORAGE 24
#define MAP_TYPE_TASK_STORAGE 29
#define STORAGE_CREATE 1
#define MAP_NO_PREALLOC 1

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} ring SEC(".maps");

struct {
	__uint(type, MAP_TYPE_TASK_STORAGE);
	__uint(map_flags, MAP_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} task_values SEC(".maps");

struct {
	__uint(type, MAP_TYPE_SK_STORAGE);
	__uint(map_flags, MAP_NO_PREALLOC);
	__type(key, int);
	__type(value, u64);
} sk_values SEC(".maps");

SEC("tp/syscalls/sys_enter_getpgid")
int tracepoint(void *ctx)
{
	return fire();
}

SEC("kprobe/security_task_getpgid")
int kprobe(void *ctx)
{
	return fire();
}

SEC("kretprobe/security_task_getpgid")
int kretprobe(void *ctx)
{
	return fire();
}

SEC("kprobe.multi")
int kprobe_multi(void *ctx)
{
	return fire();
}

SEC("fentry/security_task_getpgid")
int fentry(void *ctx)
{
	return fire();
}

SEC("fexit/security_task_getpgid")
int fexit(void *ctx)
{
	return fire();
}

SEC("fmod_ret/security_task_getpgid")
int fmod_ret(void *ctx)
{
	return fire();
}

SEC("lsm/task_getpgid")
int lsm(void *ctx)
{
	return fire();
}

/* The condition never holds; the verifier does not know that. */
SEC("ksyscall/getpgid")
int override_return(struct pt_regs *ctx)
{
	if (fired == (u64)-1)
		bpf_override_return(ctx, 0);
	return fire();
}

/* Not "uprobe": that is the section's symbol. */
SEC("uprobe")
int uprobe_one(void *ctx)
{
	return fire();
}

SEC("uprobe")
int uprobe_multi(void *ctx)
{
	return fire();
}

/* An iterator's program runs once more at the end, without a task, a file or a socket. */
SEC("iter/task")
int iter_task(void *ctx)
{
	return fire();
}

SEC("iter.s/task")
int iter_task_sleepable(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	char byte;

	if (task)
		bpf_copy_from_user_task(&byte, 1, NULL, task, 0);
	return fire();
}

SEC("iter/task_file")
int iter_task_file(void *ctx)
{
	return fire();
}

SEC("iter/tcp")
int iter_tcp(void *ctx)
{
	return fire();
}

SEC("raw_tp")
int ring_buffer(void *ctx)
{
	u64 record = 1;

	if (bpf_ringbuf_output(&ring, &record, sizeof(record), 0))
		return 0;
	return fire();
}

SEC("tp_btf/sys_exit")
int task_storage(void *ctx)
{
	if (bpf_task_storage_get(&task_values, bpf_get_current_task_btf(), NULL, STORAGE_CREATE))
		return fire();
	refused++;
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int sk_storage(u64 *ctx)
{
	if (bpf_sk_storage_get(&sk_values, (void *)ctx[0], NULL, STORAGE_CREATE))
		return fire();
	refused++;
	return 0;
}

SEC("tp_btf/sys_exit")
int number_iterator(void *ctx)
{
	struct bpf_iter_num round;

	bpf_iter_num_new(&round, 0, 3);
	while (bpf_iter_num_next(&round))
		fire();
	bpf_iter_num_destroy(&round);
	return 0;
}

SEC("tp_btf/sys_exit")
int preempt_disable(void *ctx)
{
	bpf_preempt_disable();
	fire();
	bpf_preempt_enable();
	return 0;
}
