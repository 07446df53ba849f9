// SPDX-License-Identifier: GPL-2.0-only
/* A little of everything that the library has to reach: run by hand, attached nowhere. */
#include "prelude.h"

char LICENSE[] SEC("license") = "GPL";

const volatile __u32 step = 1;
__u32 answer = 42;
__u64 calls = 0;

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1000);
	__type(key, __u32);
	__type(value, __u64);
} numbers SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} per_cpu SEC(".maps");

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 4);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

SEC("raw_tp")
int count(void *ctx)
{
	__u32 zero = 0;
	__u64 *value = bpf_map_lookup_elem(&per_cpu, &zero);

	calls += step;
	if (value)
		*value += 1;
	return answer;
}

/* A record whose length and content follow from its number. */
SEC("raw_tp")
int send(void *ctx)
{
	__u64 record[16] = {};
	__u32 lane = 3;
	void *ring = bpf_map_lookup_elem(&rings, &lane);
	__u64 number = calls;
	__u64 size = 8 + (number % 15) * 8;

	for (int i = 0; i < 16; i++)
		record[i] = number;
	calls = number + 1;
	asm volatile("" : "+r"(size)); /* keep the bound where the verifier looks for it */
	size &= 127;
	if (!ring || size > sizeof(record) || !size)
		return 1;
	return bpf_ringbuf_output(ring, record, size, 0) ? 2 : 0;
}
