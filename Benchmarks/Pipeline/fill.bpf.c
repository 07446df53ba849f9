// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fills rings with records that lie ready in the memory of whoever runs this: user space cannot write to a ring.
 */
typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;

enum bpf_map_type {
	BPF_MAP_TYPE_ARRAY_OF_MAPS = 12,
	BPF_MAP_TYPE_RINGBUF = 27,
};

#include <bpf/bpf_helpers.h>

char LICENSE[] SEC("license") = "GPL";

#define RINGS_MAX 64
#define LONGEST 4096
#define AT_ONCE 256
#define NO_WAKEUP 1

struct entry {
	__u32 ring;
	__u32 length;
	__u64 record;
};

struct ring {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, RINGS_MAX);
	__type(key, __u32);
	__array(values, struct ring);
} rings SEC(".maps");

/* an array of struct entry, and how many of them are left */
__u64 entries = 0;
__u32 left = 0;

__u8 record[LONGEST];

static __always_inline int put(const struct entry *entry)
{
	void *ring = bpf_map_lookup_elem(&rings, &entry->ring);
	__u32 length = entry->length;

	if (!ring || !length || length >= LONGEST)
		return 1;
	asm volatile("" : "+r"(length)); /* keep the bound where the verifier looks for it */
	length &= LONGEST - 1;
	if (bpf_probe_read_user(record, length, (void *)entry->record))
		return 2;
	return bpf_ringbuf_output(ring, record, length, NO_WAKEUP) ? 3 : 0;
}

/* As many as one run can; the rest waits in "entries" and "left". */
SEC("raw_tp")
int fill(void *ctx)
{
	for (int i = 0; i < AT_ONCE && left; i++) {
		struct entry entry;
		int error;

		if (bpf_probe_read_user(&entry, sizeof(entry), (void *)entries))
			return 4;
		error = put(&entry);
		if (error)
			return error;
		entries += sizeof(entry);
		left--;
	}
	return 0;
}
