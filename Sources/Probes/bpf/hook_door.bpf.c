// SPDX-License-Identifier: GPL-2.0-only
/*
 * What is attached to the place of a policy's hook, and stays there: it jumps to the hook's program, so that another
 * program takes over by one write, between one call and the next.
 */
#include "lib/kernel.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 1);
	__type(key, u32);
	__type(value, u32);
} entries SEC(".maps"), returns SEC(".maps");

#define DOOR(section, name, programs)                  \
	SEC(section)                                   \
	int name(void *ctx)                            \
	{                                              \
		bpf_tail_call(ctx, &(programs), 0);    \
		return 0;                              \
	}

DOOR("kprobe", door_kprobe, entries)
DOOR("kretprobe", door_kretprobe, returns)
DOOR("kprobe.multi", door_kprobe_multi, entries)
DOOR("kretprobe.multi", door_kretprobe_multi, returns)
DOOR("uprobe", door_uprobe, entries)
DOOR("uretprobe", door_uretprobe, returns)
DOOR("uprobe", door_uprobe_multi, entries)
DOOR("uretprobe", door_uretprobe_multi, returns)
DOOR("fentry", door_fentry, entries)
DOOR("fexit", door_fexit, returns)
DOOR("lsm", door_lsm, entries)
DOOR("raw_tp", door_raw_tracepoint, entries)
DOOR("tp", door_tracepoint, entries)
