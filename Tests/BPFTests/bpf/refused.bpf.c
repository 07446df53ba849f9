// SPDX-License-Identifier: GPL-2.0-only
/* What no verifier takes: an index that nobody has looked at. */
#include "prelude.h"

char LICENSE[] SEC("license") = "GPL";

__u32 table[8];
__u32 at = 0;

SEC("raw_tp")
int beyond(void *ctx)
{
	return *(volatile __u32 *)((char *)table + at);
}
