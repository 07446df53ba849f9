// SPDX-License-Identifier: GPL-2.0-only
#include <linux/bpf.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

/* of the kernel's type, what is read; where it lies there is found out when the program is loaded */
struct linux_binprm {
	const char *filename;
} __attribute__((preserve_access_index));

struct event {
	__u32 pid;
	char filename[124];
};

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

SEC("tp_btf/sched_process_exec")
int on_exec(__u64 *ctx)
{
	struct linux_binprm *program = (void *)ctx[2];
	struct event event = { .pid = bpf_get_current_pid_tgid() >> 32 };

	bpf_probe_read_kernel_str(event.filename, sizeof(event.filename), BPF_CORE_READ(program, filename));
	bpf_ringbuf_output(&events, &event, sizeof(event), 0);
	return 0;
}
