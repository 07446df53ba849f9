// SPDX-License-Identifier: GPL-2.0-only
/*
 * The floor: programs that do nothing, on the hooks that the agent is on.
 */
#define SEC(name) __attribute__((section(name), used))

char LICENSE[] SEC("license") = "GPL";

SEC("raw_tp/sys_exit")
int empty_syscall_exit(void *context)
{
	return 0;
}

SEC("raw_tp/sched_process_fork")
int empty_fork(void *context)
{
	return 0;
}

SEC("raw_tp/sched_process_exec")
int empty_exec(void *context)
{
	return 0;
}

SEC("raw_tp/sched_process_exit")
int empty_exit(void *context)
{
	return 0;
}

SEC("raw_tp/inet_sock_set_state")
int empty_socket_state(void *context)
{
	return 0;
}
