// SPDX-License-Identifier: GPL-2.0-only
/* A program that does what it watches, so that the kernel has to leave it out the second time. */
#include "prelude.h"

char LICENSE[] SEC("license") = "GPL";

__u64 runs = 0;

SEC("raw_tp")
int start(void *ctx)
{
	bpf_printk("martlet test");
	return 0;
}

SEC("raw_tp/bpf_trace_printk")
int again(void *ctx)
{
	runs++;
	bpf_printk("martlet test, again");
	return 0;
}
